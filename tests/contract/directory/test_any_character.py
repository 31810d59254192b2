"""Whatever strangers type, with characters of every kind: it is nobody's, or exactly the one's whose it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from idp.domain.people import Koppelgebruiker, Owner, Seen
from idp.errors import EntryChanged, InvalidCredentials, PasswordRejected, UnknownUser
from tests.contract.directory.alphabet import MAJOR, feed
from tests.contract.directory.worlds import MAIL, NAME, OTHER_PASSWORD, PASSWORD
from tests.slapd import PEOPLE_DN, USERS_DN

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.directory.worlds import World

pytestmark = [pytest.mark.row("S47"), pytest.mark.parametrize("major", MAJOR)]


def found(look_up: Callable[[str], Koppelgebruiker | Owner], text: str) -> Koppelgebruiker | Owner | None:
    """Give whom a look-up finds."""
    try:
        return look_up(text)
    except UnknownUser:
        return None


def test_a_name_is_nobodys_or_its_owners(real: World, major: str) -> None:
    """With an asterisk that counts, the first user of all would be found under every name, at every endpoint."""
    user, directory = real.user_with_password(), real.directory

    def look(text: str) -> None:
        assert found(directory.find_user, text) in ({None, user} if text.upper() == NAME else {None})
        assert found(directory.find_user_by_uuid, text) in ({None, user} if user.entry_uuid in text else {None})

    feed(look, major, NAME, user.entry_uuid)


def test_an_address_or_a_dn_is_nobodys_or_its_owners(real: World, major: str) -> None:
    """Mail about one customer would go to another."""
    owner, directory = real.owner_with_password(), real.directory

    def look(text: str) -> None:
        assert found(directory.find_owner_by_mail, text) in ({None, owner} if text.lower() == MAIL else {None})
        assert found(directory.find_owner_by_uuid, text) in ({None, owner} if owner.entry_uuid in text else {None})
        for dn in (text, f"{text},{PEOPLE_DN}", f"cn={text},{PEOPLE_DN}", f"cn={text},{owner.dn}", owner.dn + text):
            assert found(directory.find_owner, dn) in {None, owner}
            assert directory.users_of(replace(owner, dn=f"{dn},dc=x".encode(errors="replace").decode())) == []

    feed(look, major, MAIL, owner.entry_uuid)


def test_a_password_is_wrong_or_the_right_one(real: World, major: str) -> None:
    """Nobody gets in with something that only resembles it."""
    user, owner, directory = real.user_with_password(), real.owner_with_password(), real.directory

    def try_it(text: str) -> None:
        if text == PASSWORD:
            return
        with pytest.raises(InvalidCredentials):
            directory.bind_user(user, text)
        with pytest.raises(InvalidCredentials):
            directory.bind_owner(owner, text)

    feed(try_it, major, PASSWORD)


def test_a_name_that_got_anywhere_binds_and_writes_as_nobody(real: World, major: str) -> None:
    """The DN is made from the name: it must not become another entry's, or another container's."""
    user, directory = real.user_with_password(), real.directory

    def try_it(text: str) -> None:
        name = text.encode(errors="replace").decode()
        stranger = replace(user, uid=name)
        if name.upper() == NAME:
            return
        with pytest.raises(InvalidCredentials):
            directory.bind_user(stranger, PASSWORD)
        for seen in (user.seen, Seen(name, name)):
            with pytest.raises((EntryChanged, PasswordRejected)):
                directory.set_user_password(stranger, seen, OTHER_PASSWORD)
        with pytest.raises(UnknownUser):
            directory.block_user(stranger)
        assert real.user == user

    feed(try_it, major, NAME, f"{NAME},{USERS_DN}")
