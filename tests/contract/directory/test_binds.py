"""Checking passwords."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.errors import InvalidCredentials
from tests.contract.directory.worlds import NAME, OTHER_PASSWORD, PASSWORD, WRONG, in_time

if TYPE_CHECKING:
    from tests.contract.directory.worlds import World

LOCKS = {
    "locked for ever": ("pwdAccountLockedTime", "000001010000Z"),
    "locked since": ("pwdAccountLockedTime", in_time(timedelta(hours=-1))),
    "ended": ("pwdEndTime", "19700101000000Z"),
    "ended just now": ("pwdEndTime", in_time(timedelta(seconds=-2))),
    "not yet begun": ("pwdStartTime", in_time(timedelta(hours=1))),
}
NO_LOCKS = {
    "ends later": ("pwdEndTime", in_time(timedelta(hours=1))),
    "has begun": ("pwdStartTime", in_time(timedelta(hours=-1))),
}


def test_the_right_password_opens(world: World) -> None:
    """Without this no application gets a token, and no owner into the portal."""
    world.directory.bind_user(world.user_with_password(), PASSWORD)
    world.directory.bind_owner(world.owner_with_password(), PASSWORD)


@pytest.mark.parametrize("password", [WRONG, PASSWORD + " ", PASSWORD.upper(), "\ud800", "\0", "x" * 2**20, PASSWORD + "\0"])
def test_a_wrong_password_does_not(world: World, password: str) -> None:
    """Nor does one that no form could send."""
    with pytest.raises(InvalidCredentials):
        world.directory.bind_user(world.user_with_password(), password)
    with pytest.raises(InvalidCredentials):
        world.directory.bind_owner(world.owner_with_password(), password)


def test_what_can_not_be_sent_stands_for_nothing_else(world: World) -> None:
    """Python would write a question mark for it."""
    user = world.user_with_password("een lange wachtzin, toch?")
    with pytest.raises(InvalidCredentials):
        world.directory.bind_user(user, "een lange wachtzin, toch\ud800")


@pytest.mark.row("S50")
def test_an_empty_password_opens_nothing(world: World) -> None:
    """S50: to LDAP, a bind without a password is an anonymous one, and succeeds for any name (RFC 4513 section 5.1.2)."""
    for user in (world.user_with_password(), None):
        with pytest.raises(InvalidCredentials):
            world.directory.bind_user(user, "")
    for owner in (world.owner_with_password(), None):
        with pytest.raises(InvalidCredentials):
            world.directory.bind_owner(owner, "")


@pytest.mark.row("S29")
def test_nobody_has_no_password(world: World) -> None:
    """S29: unknown users, users without a password and deleted ones get the one answer."""
    for user in (None, world.admin.add_user(NAME)):
        with pytest.raises(InvalidCredentials):
            world.directory.bind_user(user, PASSWORD)
    gone = world.user
    world.admin.delete(NAME)
    with pytest.raises(InvalidCredentials):
        world.directory.bind_user(gone, PASSWORD)
    for owner in (None, world.admin.add_owner("Anna de Vries", "anna@example.nl")):
        with pytest.raises(InvalidCredentials):
            world.directory.bind_owner(owner, PASSWORD)


@pytest.mark.row("S29")
@pytest.mark.parametrize("lock", LOCKS)
def test_who_is_shut_out_gets_in_with_no_password(world: World, lock: str) -> None:
    """S29: a block by any attribute works, whoever wrote it, also when it came after the user was read."""
    before = world.user_with_password()
    world.admin.write(before, *LOCKS[lock])
    for user in (world.user, before):
        for password in (PASSWORD, WRONG):
            with pytest.raises(InvalidCredentials):
                world.directory.bind_user(user, password)


@pytest.mark.parametrize("lock", LOCKS)
def test_who_is_shut_out_does_not_reach_the_portal(world: World, lock: str) -> None:
    """The same for owners."""
    owner = world.owner_with_password()
    world.admin.write(owner, *LOCKS[lock])
    for state in (world.directory.find_owner(owner.dn), owner):
        with pytest.raises(InvalidCredentials):
            world.directory.bind_owner(state, PASSWORD)


@pytest.mark.parametrize("lock", NO_LOCKS)
def test_an_end_to_come_and_a_start_gone_by_shut_nobody_out(world: World, lock: str) -> None:
    """A user who leaves next month works until then."""
    world.admin.write(world.user_with_password(), *NO_LOCKS[lock])
    world.directory.bind_user(world.user, PASSWORD)


def test_a_block_that_is_lifted_leaves_the_password(world: World) -> None:
    """Support may undo a mistake without a new password at every bank."""
    world.admin.write(world.user_with_password(), "pwdEndTime", "19700101000000Z")
    world.admin.write(world.user, "pwdEndTime", None)
    world.directory.bind_user(world.user, PASSWORD)


def test_a_password_changed_by_tooling_counts_at_once(world: World) -> None:
    """The directory is the only truth; nothing is remembered."""
    user = world.user_with_password()
    world.directory.bind_user(user, PASSWORD)
    world.admin.set_password(NAME, OTHER_PASSWORD)
    world.directory.bind_user(user, OTHER_PASSWORD)
    with pytest.raises(InvalidCredentials):
        world.directory.bind_user(user, PASSWORD)


def test_a_name_in_a_dn_stands_for_itself(world: World) -> None:
    """A name with DN syntax in it must not reach another entry."""
    user = world.user_with_password()
    for uid in (f"{NAME},ou=koppelgebruikers,dc=u4bsw,dc=nl", f"X+uid={NAME}"):
        with pytest.raises(InvalidCredentials):
            world.directory.bind_user(replace(user, uid=uid), PASSWORD)
