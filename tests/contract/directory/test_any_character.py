"""Whatever strangers type, with characters of every kind: it is nobody's, or exactly the one's whose it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.domain.people import Koppelgebruiker, Owner, Seen
from idp.errors import EntryChanged, InvalidCredentials, PasswordRejected, UnknownUser
from tests.contract.directory.alphabet import CATEGORIES, texts
from tests.contract.directory.worlds import MAIL, NAME, OTHER_PASSWORD, PASSWORD
from tests.slapd import PEOPLE_DN, USERS_DN

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.directory.worlds import World

FEW = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""Of each category; what is looked at only reads, or is refused, so that examples can share a directory."""

pytestmark = [pytest.mark.row("S47"), pytest.mark.parametrize("category", CATEGORIES)]


def found(look_up: Callable[[str], Koppelgebruiker | Owner], text: str) -> Koppelgebruiker | Owner | None:
    """Give whom a look-up finds."""
    try:
        return look_up(text)
    except UnknownUser:
        return None


def test_a_name_is_nobodys_or_its_owners(real: World, category: str) -> None:
    """With an asterisk that counts, the first user of all would be found under every name, at every endpoint."""
    user, directory = real.user_with_password(), real.directory

    @FEW
    @given(text=texts(category, NAME, user.entry_uuid))
    def look(text: str) -> None:
        assert found(directory.find_user, text) in ({None, user} if text.upper() == NAME else {None})
        assert found(directory.find_user_by_uuid, text) in ({None, user} if user.entry_uuid in text else {None})

    look()


def test_an_address_or_a_dn_is_nobodys_or_its_owners(real: World, category: str) -> None:
    """Mail about one customer would go to another."""
    owner, directory = real.owner_with_password(), real.directory

    @FEW
    @given(text=texts(category, MAIL, owner.entry_uuid), parent=st.sampled_from((f",{PEOPLE_DN}", "", f",{owner.dn}")))
    def look(text: str, parent: str) -> None:
        assert found(directory.find_owner_by_mail, text) in ({None, owner} if text.lower() == MAIL else {None})
        assert found(directory.find_owner_by_uuid, text) in ({None, owner} if owner.entry_uuid in text else {None})
        for dn in (text + parent, f"cn={text}{parent}", owner.dn + text):
            assert found(directory.find_owner, dn) in {None, owner}
        assert directory.users_of(replace(owner, dn=f"cn={text}{parent}".encode(errors="replace").decode())) == []

    look()


def test_a_password_is_wrong_or_the_right_one(real: World, category: str) -> None:
    """Nobody gets in with something that only resembles it."""
    user, owner, directory = real.user_with_password(), real.owner_with_password(), real.directory

    @FEW
    @given(text=texts(category, PASSWORD))
    def try_it(text: str) -> None:
        if text == PASSWORD:
            return
        with pytest.raises(InvalidCredentials):
            directory.bind_user(user, text)
        with pytest.raises(InvalidCredentials):
            directory.bind_owner(owner, text)

    try_it()


def test_a_name_that_got_anywhere_binds_and_writes_as_nobody(real: World, category: str) -> None:
    """The DN is made from the name: it must not become another entry's, or another container's."""
    user, directory = real.user_with_password(), real.directory

    @FEW
    @given(text=texts(category, NAME, f"{NAME},{USERS_DN}"))
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

    try_it()
