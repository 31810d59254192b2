"""A reset on its way, and what it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.domain.directory_time import LONG_PAST
from idp.domain.mail import Letter
from idp.domain.people import Locks
from idp.domain.reset_request import ResetState
from idp.errors import IdpError
from tests.services.calls import Crash, raising
from tests.services.composition import COOLDOWN
from tests.services.tokens import ACCESS_ONLY
from tests.services.world import HOME, NAME, NEW_PASSWORD, PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.services.world import World


WRITE = "directory.set_user_password"

# What becomes of a user or its owner, and kills every link that was mailed before.
KILLS: dict[str, Callable[[World], object]] = {
    "blocked": lambda world: world.admin.block(NAME),
    "locked": lambda world: world.admin.set_locks(NAME, Locks(locked="000001010000Z")),
    "not yet": lambda world: world.admin.set_locks(NAME, Locks(start="20990101000000Z")),
    "owner blocked": lambda world: world.admin.set_owner_locks(world.anna, Locks(end=LONG_PAST)),
    "address": lambda world: world.admin.set_mail(world.anna, "anna@nieuw.example"),
    "no address": lambda world: world.admin.set_mail(world.anna, None),
    "another owner": lambda world: world.admin.give_to(NAME, world.bob),
    "owner deleted": lambda world: world.admin.delete_owner(world.anna),
    "renamed": lambda world: world.admin.rename(NAME, "U4BBGA0088"),
    "password": lambda world: world.admin.set_password(NAME, "door een ander gezet"),
    "deleted": lambda world: world.admin.delete(NAME),
    "made anew": lambda world: world.admin.recreate(NAME, world.anna),
}


def complete(world: World, link: str, password: str = NEW_PASSWORD) -> str:
    """Submit the form."""
    return world.complete_reset.complete(link, password, password)


def has_password(world: World, password: str) -> bool:
    """Tell whether the directory takes it."""
    try:
        world.admin.bind_user(world.user(), password)
    except IdpError:
        return False
    return True


def prepared(world: World) -> tuple[str, str]:
    """Have a link mailed to a user with a password and a grant; gives the request's id and the link."""
    world.admin.set_password(NAME, PASSWORD)
    world.clock.go(2 * COOLDOWN)
    world.grants.issue(world.client(), world.user(), HOME, ACCESS_ONLY)
    request_id = world.request()
    world.work_off()
    world.mailbox.received.clear()
    world.calls.names.clear()
    return request_id, world.link(request_id)


def dies(world: World, link: str, before: str | None = None, after: str | None = None) -> None:
    """Submit, and die just before or just after a call."""
    if before:
        world.calls.before[before] = raising(Crash())
    if after:
        world.calls.after[after] = raising(Crash())
    with pytest.raises(Crash):
        complete(world, link)


def live_grants(world: World) -> int:
    """Count what was not ended."""
    with world.database.reading() as work:
        return len(work.grants.of_user(world.user().entry_uuid))


def assert_confirmed_once(world: World, request_id: str) -> None:
    """All that goes with a new password is there, and once."""
    assert world.reset(request_id).state is ResetState.SPENT
    assert live_grants(world) == 0
    assert len(world.audit("reset.completed")) == 1
    assert [row.letter for row in world.take_letters()] == [Letter.PASSWORD_CHANGED]
