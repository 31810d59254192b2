"""Writing passwords: as an ordinary writer, and only if nothing has changed since."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.people import Seen
from idp.errors import (
    EntryChanged,
    InvalidCredentials,
    PasswordBelowPolicy,
    PasswordRejected,
    PasswordTooYoung,
    PasswordUsedBefore,
)
from tests.contract.directory.test_binds import LOCKS, NO_LOCKS
from tests.contract.directory.worlds import NAME, OTHER_PASSWORD, PASSWORD

if TYPE_CHECKING:
    from tests.contract.directory.worlds import World

THIRD_PASSWORD = "de derde wachtzin op rij"


@pytest.mark.row("R28")
def test_a_first_password_is_set_without_waiting(world: World) -> None:
    """R28: the first time is a reset too, and a user without a password has no cooldown."""
    user = world.admin.add_user(NAME)
    world.directory.set_user_password(user, user.seen, PASSWORD)
    world.directory.bind_user(world.user, PASSWORD)
    assert world.user.password_changed is not None


def test_a_new_password_replaces_the_old_one(world: World) -> None:
    """An old password that still works is a leak that can't be mended."""
    user = world.user_with_password()
    world.directory.set_user_password(user, user.seen, OTHER_PASSWORD)
    world.directory.bind_user(world.user, OTHER_PASSWORD)
    with pytest.raises(InvalidCredentials):
        world.directory.bind_user(world.user, PASSWORD)
    assert world.user.password_changed not in (None, user.password_changed)


@pytest.mark.row("R22", "R27")
def test_a_second_change_within_a_day_is_refused(world: World) -> None:
    """R27: 24 hours from the last change, whoever made it; the password stays as it was."""
    user = world.user_with_password(age=timedelta(hours=23, minutes=59))
    with pytest.raises(PasswordTooYoung):
        world.directory.set_user_password(user, user.seen, OTHER_PASSWORD)
    world.directory.bind_user(world.user, PASSWORD)


@pytest.mark.row("R27")
def test_a_change_after_a_day_is_taken(world: World) -> None:
    """R27: the day ends by itself."""
    user = world.user_with_password(age=timedelta(hours=24, minutes=1))
    world.directory.set_user_password(user, user.seen, OTHER_PASSWORD)


@pytest.mark.row("R24")
def test_a_release_waives_the_day_once(world: World) -> None:
    """R24: support lets a user change again at once; the change uses the release up."""
    user = world.user_with_password(age=timedelta())
    world.admin.write(user, "pwdReset", "TRUE")
    released = world.user
    assert released.released
    world.directory.bind_user(released, PASSWORD)  # until then the old one works
    world.directory.set_user_password(released, released.seen, OTHER_PASSWORD)
    changed = world.user
    assert not changed.released
    with pytest.raises(PasswordTooYoung):
        world.directory.set_user_password(changed, changed.seen, THIRD_PASSWORD)


def test_a_former_password_is_refused(world: World) -> None:
    """Also the present one: a reset that changes nothing would leave a leaked password in use."""
    user = world.user_with_password()
    with pytest.raises(PasswordUsedBefore):
        world.directory.set_user_password(user, user.seen, PASSWORD)


def test_the_last_five_passwords_are_remembered(world: World) -> None:
    """Five, so that nobody goes round in a small circle; not for ever, so that nobody runs out of words."""
    owner = world.owner_with_password("wachtzin nummer 0 van zeven")
    for number in range(1, 6):
        world.directory.set_owner_password(owner, owner.seen, f"wachtzin nummer {number} van zeven")
        owner = world.directory.find_owner(owner.dn)
    with pytest.raises(PasswordUsedBefore):
        world.directory.set_owner_password(owner, owner.seen, "wachtzin nummer 0 van zeven")
    world.directory.set_owner_password(owner, owner.seen, "wachtzin nummer 6 van zeven")
    owner = world.directory.find_owner(owner.dn)
    world.directory.set_owner_password(owner, owner.seen, "wachtzin nummer 0 van zeven")


@pytest.mark.parametrize(
    ("password", "error"),
    [("kort", PasswordBelowPolicy), ("", PasswordRejected), ("\ud800 is geen wachtzin die kan", PasswordRejected)],
)
def test_what_the_policy_refuses_is_not_written(world: World, password: str, error: type[PasswordRejected]) -> None:
    """The directory holds its own rules, whatever our forms let through; and says which one it was."""
    user = world.user_with_password()
    with pytest.raises(error):
        world.directory.set_user_password(user, user.seen, password)
    world.directory.bind_user(world.user, PASSWORD)


@pytest.mark.parametrize(
    "password", ["drie  spaties\u00a0en een harde", "\uff35 breed en e\u0301 los", "\u2168 en \ufb01 en \u00ad zacht"]
)
def test_a_password_is_used_as_it_was_set(world: World, password: str) -> None:
    """A library that folds characters at one of the two moments would lock out whoever has them."""
    user = world.admin.add_user(NAME)
    world.directory.set_user_password(user, user.seen, password)
    world.directory.bind_user(world.user, password)


@pytest.mark.row("R19")
@pytest.mark.parametrize("lock", LOCKS)
def test_no_password_is_written_for_who_is_shut_out(world: World, lock: str) -> None:
    """R19: slapd itself would lift a lock with the change; a block that a reset undoes is none."""
    user = world.user_with_password()
    world.admin.write(user, *LOCKS[lock])
    with pytest.raises(EntryChanged):
        world.directory.set_user_password(user, user.seen, OTHER_PASSWORD)
    shut = world.user
    assert shut.password_changed == user.password_changed
    assert LOCKS[lock][1] in (shut.locks.locked, shut.locks.end, shut.locks.start)


@pytest.mark.parametrize("lock", NO_LOCKS)
def test_an_end_to_come_and_a_start_gone_by_hinder_no_change(world: World, lock: str) -> None:
    """A user who leaves next month can have a new password until then."""
    user = world.user_with_password()
    world.admin.write(user, *NO_LOCKS[lock])
    world.directory.set_user_password(user, user.seen, OTHER_PASSWORD)


@pytest.mark.row("R19")
def test_a_password_changed_meanwhile_is_left_alone(world: World) -> None:
    """R19: the link of an hour ago must not undo a change that its owner made since."""
    user = world.user_with_password(age=timedelta(days=3))
    world.admin.set_password(NAME, OTHER_PASSWORD)
    world.admin.age(user, timedelta(days=2))
    with pytest.raises(EntryChanged):
        world.directory.set_user_password(user, user.seen, THIRD_PASSWORD)
    never = Seen(user.entry_uuid, None)
    with pytest.raises(EntryChanged):
        world.directory.set_user_password(user, never, THIRD_PASSWORD)
    world.directory.bind_user(world.user, OTHER_PASSWORD)


@pytest.mark.row("R19")
def test_a_user_made_anew_does_not_get_the_password(world: World) -> None:
    """R19: the link belonged to another user of that name."""
    before = world.admin.add_user(NAME)
    world.admin.delete(NAME)
    with pytest.raises(EntryChanged):
        world.directory.set_user_password(before, before.seen, PASSWORD)
    world.admin.add_user(NAME)
    with pytest.raises(EntryChanged):
        world.directory.set_user_password(before, before.seen, PASSWORD)
    assert world.user.password_changed is None


@pytest.mark.row("R19")
def test_of_many_at_once_one_wins(world: World) -> None:
    """R19: two submissions of one link at the same moment set one password, and the loser is told."""
    user = world.admin.add_user(NAME)
    contenders = 4
    together = threading.Barrier(contenders)

    def contend(number: int) -> str | None:
        together.wait()
        password = f"de wachtzin van nummer {number}"
        try:
            world.directory.set_user_password(user, user.seen, password)
        except (EntryChanged, PasswordTooYoung):
            return None
        return password

    with ThreadPoolExecutor(contenders) as pool:
        winners = [password for password in pool.map(contend, range(contenders)) if password]
    assert len(winners) == 1
    world.directory.bind_user(world.user, winners[0])


@pytest.mark.row("R1")
def test_an_owner_changes_without_waiting(world: World) -> None:
    """R1: people have their own policy, without the 24 hours."""
    owner = world.admin.add_owner("Anna de Vries", "anna@example.nl")
    for password in (PASSWORD, OTHER_PASSWORD):
        world.directory.set_owner_password(owner, owner.seen, password)
        owner = world.directory.find_owner(owner.dn)
        world.directory.bind_owner(owner, password)


def test_an_owners_password_is_bound_to_what_was_seen_too(world: World) -> None:
    """A link to the portal's password dies with the password it was made for, and with a block."""
    owner = world.owner_with_password()
    with pytest.raises(EntryChanged):
        world.directory.set_owner_password(owner, Seen(owner.entry_uuid, None), OTHER_PASSWORD)
    world.admin.write(owner, "pwdEndTime", "19700101000000Z")
    with pytest.raises(EntryChanged):
        world.directory.set_owner_password(owner, owner.seen, OTHER_PASSWORD)
