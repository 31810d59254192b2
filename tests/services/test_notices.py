"""Notices that must reach an owner: queued with what they tell, and never limited (R20)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Purpose
from idp.domain.mail import Letter
from idp.services.notices import queue, queue_password_changed
from tests.services.composition import DIGESTS
from tests.services.world import NAME

if TYPE_CHECKING:
    from tests.services.world import World

pytestmark = pytest.mark.row("R20")


def test_a_confirmation_is_queued_with_a_link_that_lives(world: World) -> None:
    """The owner would get a mail without *Was jij dit niet?*, or with one that does nothing."""
    user, changed_at = world.user(), world.clock.now() - timedelta(minutes=3)
    with world.database.transaction() as work:
        queue_password_changed(work, world.kept, user.entry_uuid, user.uid, changed_at)
    (row,) = world.take_letters()
    assert row.letter == Letter.PASSWORD_CHANGED
    assert len(bytes.fromhex(row.id)) == 16
    assert row.facts == {"user": user.entry_uuid, "bare": NAME, "at": changed_at.isoformat()}
    link = world.kept.find(Purpose.NOT_ME, DIGESTS.derive(Purpose.NOT_ME, row.id))
    assert link.facts == {"user": user.entry_uuid, "bare": NAME}
    assert link.expires_at == world.clock.now() + timedelta(days=7)


def test_the_queue_holds_no_secret(world: World) -> None:
    """S34: whoever reads the database could block every user."""
    user = world.user()
    with world.database.transaction() as work:
        queue_password_changed(work, world.kept, user.entry_uuid, user.uid, world.clock.now())
    (row,) = world.take_letters()
    assert DIGESTS.derive(Purpose.NOT_ME, row.id) not in repr(row)


def test_a_letter_is_due_at_once_and_is_one_of_its_own(world: World) -> None:
    """Two notices would be one, or wait."""
    now = world.clock.now()
    with world.database.transaction() as work:
        for row_id in (None, None, "chosen"):
            queue(work, Letter.INVITATION, now, {"owner": "uuid"}, row_id)
    rows = world.take_letters()
    assert len({row.id for row in rows}) == 3
    assert "chosen" in {row.id for row in rows}
    for row in rows:
        assert (row.letter, row.facts, row.created_at, row.with_ticket) == (Letter.INVITATION, {"owner": "uuid"}, now, False)
        assert row.id == "chosen" or len(bytes.fromhex(row.id)) == 16


def test_what_is_undone_is_not_told(world: World) -> None:
    """The owner would be told of a change that never was."""

    def give_up() -> None:
        with world.database.transaction() as work:
            queue(work, Letter.USER_BLOCKED, world.clock.now(), {"user": "uuid"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        give_up()
    assert world.take_letters() == []


def test_there_is_no_limit(world: World) -> None:
    """An intruder could use the limit up first, and then change the password in silence."""
    user = world.user()
    for _ in range(100):
        with world.database.transaction() as work:
            queue_password_changed(work, world.kept, user.entry_uuid, user.uid, world.clock.now())
    assert world.work_off() == 100
    assert len(world.mailbox.received) == 100
