"""The service's one right over users besides their passwords: adding a block."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.errors import EntryChanged, InvalidCredentials, UnknownUser
from tests.contract.directory.test_binds import LOCKS
from tests.contract.directory.worlds import NAME, OTHER_PASSWORD, PASSWORD, RealClock, in_time

if TYPE_CHECKING:
    from tests.contract.directory.worlds import World


@pytest.mark.row("R20")
def test_a_block_shuts_out_at_once(world: World) -> None:
    """R20: who clicks *Was jij dit niet?* must be able to rely on it."""
    user = world.user_with_password()
    world.directory.block_user(user)
    assert world.user.locks.shut_at(RealClock().now())
    with pytest.raises(InvalidCredentials):
        world.directory.bind_user(world.user, PASSWORD)
    with pytest.raises(EntryChanged):
        world.directory.set_user_password(user, user.seen, OTHER_PASSWORD)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_block_that_stands_is_no_error(world: World, lock: str) -> None:
    """The page may be clicked twice, and support may have been faster."""
    world.admin.write(world.user_with_password(), *LOCKS[lock])
    for _ in range(2):
        world.directory.block_user(world.user)
        assert world.user.locks.shut_at(RealClock().now())


def test_an_end_to_come_does_not_hinder_a_block(world: World) -> None:
    """The service may not replace the end; it adds the lock instead."""
    end = in_time(timedelta(days=30))
    world.admin.write(world.user_with_password(), "pwdEndTime", end)
    world.directory.block_user(world.user)
    assert (world.user.locks.end, world.user.locks.locked) == (end, "000001010000Z")
    with pytest.raises(InvalidCredentials):
        world.directory.bind_user(world.user, PASSWORD)


def test_a_user_made_anew_is_not_blocked(world: World) -> None:
    """An old mail must not shut out another user who has the name now."""
    before = world.admin.add_user(NAME)
    world.admin.delete(NAME)
    world.admin.add_user(NAME)
    with pytest.raises(UnknownUser):
        world.directory.block_user(before)
    assert not world.user.locks.shut_at(RealClock().now())
