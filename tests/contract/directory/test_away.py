"""A directory that is away, and comes back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from idp.errors import DirectoryUnavailable, InvalidCredentials
from tests.contract.directory.worlds import MAIL, NAME, OTHER_PASSWORD, PASSWORD, WRONG

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.domain.people import Koppelgebruiker, Owner
    from tests.contract.directory.worlds import World


def every_call(world: World, user: Koppelgebruiker, owner: Owner) -> list[Callable[[], object]]:
    """Give each method of the port, ready to be called."""
    directory = world.directory
    return [
        lambda: directory.find_user(NAME),
        lambda: directory.find_user(None),
        lambda: directory.find_user_by_uuid(user.entry_uuid),
        lambda: directory.users_of(owner),
        lambda: directory.find_owner(owner.dn),
        lambda: directory.find_owner_by_uuid(owner.entry_uuid),
        lambda: directory.find_owner_by_mail(MAIL),
        lambda: directory.bind_user(user, PASSWORD),
        lambda: directory.bind_user(None, PASSWORD),
        lambda: directory.bind_owner(owner, PASSWORD),
        lambda: directory.bind_owner(None, PASSWORD),
        lambda: directory.set_user_password(user, user.seen, OTHER_PASSWORD),
        lambda: directory.set_owner_password(owner, owner.seen, OTHER_PASSWORD),
        lambda: directory.block_user(user),
        directory.ping,
    ]


def test_each_call_says_that_it_is_away_and_works_when_it_is_back(world: World) -> None:
    """A page that says "try again in a few minutes" needs to know; and nobody restarts the service afterwards."""
    user, owner = world.user_with_password(), world.owner_with_password()
    calls = every_call(world, user, owner)
    world.directory.bind_user(user, PASSWORD)
    world.go_away()
    for call in calls:
        with pytest.raises(DirectoryUnavailable):
            call()
    world.come_back()
    world.directory.ping()
    assert world.user.seen == user.seen
    assert not world.user.locks.end
    world.directory.bind_user(world.user, PASSWORD)
    world.directory.set_user_password(user, user.seen, OTHER_PASSWORD)


def test_a_restart_in_between_is_not_noticed(world: World) -> None:
    """Kept connections are dead after a restart; no visitor may see that."""
    user, owner = world.user_with_password(), world.owner_with_password()
    for call in (
        lambda: world.directory.find_user(NAME),
        lambda: world.directory.bind_user(user, PASSWORD),
        lambda: world.directory.bind_owner(owner, PASSWORD),
        lambda: world.directory.set_user_password(user, user.seen, OTHER_PASSWORD),
    ):
        world.directory.ping()
        world.directory.bind_owner(owner, PASSWORD)
        world.go_away()
        world.come_back()
        call()


def test_threads_share_it(world: World) -> None:
    """Each request is a thread: answers must not get mixed up between them."""
    owner = world.owner_with_password()
    names = [f"U4BBGA{number:04}" for number in range(8)]
    users = {name: world.admin.add_user(name, owner, f"de wachtzin van {name}") for name in names}

    def visit(turn: int) -> bool:
        name = names[turn % len(names)]
        world.directory.bind_user(users[name], f"de wachtzin van {name}")
        with pytest.raises(InvalidCredentials):
            world.directory.bind_user(users[name], WRONG)
        return world.directory.find_user(name) == users[name]

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(visit, range(80)))
