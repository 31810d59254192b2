"""An address that somebody mends with LDAP tooling, and what the directory's log says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.domain.directory_change import DirectoryChange, Kind, What
from idp.services.follow_changes import FollowChanges
from tests.fakes.change_log import MemoryChangeLog

if TYPE_CHECKING:
    from datetime import datetime

    from idp.domain.people import Owner
    from tests.services.world import World


def change_mail(world: World, owner: Owner, address: str | None) -> None:
    """Write an owner's address; the worker reads of it."""
    world.admin.set_mail(owner, address)
    read_of(world, owner, address, world.clock.now())


def read_of(world: World, owner: Owner, address: str | None, at: datetime) -> None:
    """Let the worker read of an address that was written.

    Args:
        world: where.
        owner: as they were before.
        address: the new one.
        at: when it was written.
    """
    log = MemoryChangeLog()
    follow = FollowChanges(log, world.kept)
    follow.run_once()
    log.changes.append(
        DirectoryChange(
            position=f"{len(world.audit()):09d}",
            at=at,
            who="cn=admin",
            by_service=False,
            what=What.MODIFIED,
            kind=Kind.OWNER,
            dn=owner.dn,
            entry_uuid=owner.entry_uuid,
            changed=("mail",),
            before={"mail": (owner.mail,)} if owner.mail else {},
            after={"mail": (address,)} if address else {},
        )
    )
    assert follow.run_once() == 1
