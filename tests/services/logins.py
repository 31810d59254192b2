"""What a password check calls, and what can be wrong with one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.domain.people import Locks
from tests.services.world import NAME, PASSWORD, SECOND_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.domain.client import Client
    from tests.services.world import World

COUNTED = ["limits.hit token-client-user", "limits.check token-failures"]
REFUSED = [*COUNTED, "directory.find_user", "directory.bind_user", "store.transaction", "limits.hit token-failures"]
KNOWN_TO_BE_WRONG = [*COUNTED, "directory.find_user"]

# What stands between a user and a token; to an application all of it is the same.
WRONG: dict[str, Callable[[World], object]] = {
    "wrong password": lambda world: world.admin.set_password(NAME, "something else entirely"),
    "unknown": lambda world: world.admin.delete(NAME),
    "blocked": lambda world: world.admin.block(NAME),
    "locked": lambda world: world.admin.set_locks(NAME, Locks(locked="000001010000Z")),
    "not yet": lambda world: world.admin.set_locks(NAME, Locks(start="20990101000000Z")),
    "passwordless": lambda world: world.admin.recreate(NAME, world.anna),
}


def ready_client(world: World) -> Client:
    """Give two users a password, and register an application; the calls begin after it."""
    for name in (NAME, SECOND_NAME):
        world.admin.set_password(name, PASSWORD)
    client = world.client()
    world.calls.names.clear()
    return client
