"""Letters in the queue."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Purpose
from idp.domain.directory_time import LONG_PAST
from idp.domain.mail import Letter, OutboxRow, OutboxState
from idp.domain.people import Locks
from idp.errors import LetterDropped
from idp.services.notices import SETTLED_AFTER, queue
from tests.services.composition import DIGESTS
from tests.services.world import ANNA_MAIL, FULL_NAME, NAME, PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.services.world import World

# What becomes of a user or its owner, and why no mail goes out then.
NOWHERE: dict[str, tuple[Callable[[World], object], str]] = {
    "deleted": (lambda world: world.admin.delete(NAME), "unknown"),
    "blocked": (lambda world: world.admin.block(NAME), "blocked"),
    "locked": (lambda world: world.admin.set_locks(NAME, Locks(locked="000001010000Z")), "blocked"),
    "owner blocked": (lambda world: world.admin.set_owner_locks(world.anna, Locks(end=LONG_PAST)), "blocked"),
    "cooldown": (lambda world: world.admin.set_password(NAME, PASSWORD), "cooldown"),
    "mailbox full": (lambda world: fill_mailbox(world, 10), "mailbox-full"),
}

# What is wrong with an owner, what it is called, and how support mends it.
UNMENDED: dict[str, tuple[Callable[[World], object], str, Callable[[World], object]]] = {
    "owner deleted": (
        lambda world: world.admin.delete_owner(world.anna),
        "owner",
        lambda world: world.admin.give_to(NAME, world.bob),
    ),
    "no address": (
        lambda world: world.admin.set_mail(world.anna, None),
        "mail-address",
        lambda world: world.admin.set_mail(world.anna, ANNA_MAIL),
    ),
    "half an address": (
        lambda world: world.admin.set_mail(world.anna, "anna@"),
        "mail-address",
        lambda world: world.admin.set_mail(world.anna, ANNA_MAIL),
    ),
}


def reset_row(world: World, typed: str = FULL_NAME) -> OutboxRow:
    """Request a reset, and take its letter."""
    request_id = world.request(typed)
    (row,) = [row for row in world.take_letters() if row.id == request_id]
    return row


def letter(world: World, kind: Letter, **facts: str) -> OutboxRow:
    """Write a row of another letter."""
    return OutboxRow("row-1", kind, facts, world.clock.now(), world.clock.now())


def drop(world: World, row: OutboxRow) -> tuple[str, str]:
    """Give the reason for which a letter goes nowhere, and whom it is about."""
    with pytest.raises(LetterDropped) as raised:
        world.correspondence.address(row)
    return raised.value.reason, raised.value.subject


def dropped(world: World, row: OutboxRow) -> str:
    """Give the reason for which a letter goes nowhere."""
    return drop(world, row)[0]


def fill_mailbox(world: World, count: int, *, with_ticket: bool = False, mail: str = ANNA_MAIL) -> None:
    """Have reset mails been sent to a mailbox just now."""
    mailbox = DIGESTS.digest(Purpose.MAILBOX, mail)
    now = world.clock.now()
    with world.database.transaction() as work:
        for number in range(count):
            row = OutboxRow(f"{with_ticket}-{number}", Letter.RESET, {}, now, now, with_ticket=with_ticket)
            work.outbox.add(row)
            work.outbox.finish(replace(row, state=OutboxState.SENT, mailbox=mailbox, finished_at=now))


def run_once(world: World) -> OutboxRow:
    """Handle the letter that is due."""
    row = world.outbox.run_once()
    assert row is not None
    return row


def block_notice(world: World) -> None:
    """Queue a notice."""
    with world.database.transaction() as work:
        facts = {"user": world.user().entry_uuid, "at": world.clock.now().isoformat()}
        queue(work, Letter.USER_BLOCKED, world.clock.now(), facts)


def waiting(world: World) -> int:
    """Count the letters that wait."""
    with world.database.reading() as work:
        return work.outbox.waiting()[0]


def later(world: World) -> list[str]:
    """Let the worker come by when all is settled; gives to whom it sent mail, ever."""
    world.clock.go(SETTLED_AFTER)
    world.work_off()
    return [mail.to for mail in world.mailbox.received]
