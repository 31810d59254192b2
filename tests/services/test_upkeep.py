"""What the worker does now and then: it seals the audit trail, says so in the log, and forgets."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from idp.domain.audit import SEGMENT, AuditEvent
from idp.domain.capability import Capability, Purpose
from idp.errors import StoreUnavailable
from idp.upkeep import EVERY, Upkeep
from idp.worker import Worker
from tests.services.calls import raising

if TYPE_CHECKING:
    from tests.services.world import World


def note(world: World) -> None:
    """Have something in the trail."""
    with world.database.transaction() as work:
        work.audit.append(AuditEvent(world.clock.now(), "a.thing", "service"))


def logged(upkeep: Upkeep) -> list[dict[str, Any]]:
    """Give what is said in the log of sealed segments."""
    with capture_logs() as lines:
        upkeep.step()
    return [{**line} for line in lines if line["event"] == "audit.segment-sealed"]


@pytest.fixture
def upkeep(world: World) -> Upkeep:
    """That part of the worker."""
    return Upkeep(world.store, world.clock)


def test_what_is_sealed_is_said_in_the_log(world: World, upkeep: Upkeep) -> None:
    """Nobody could prove that an older copy was put back, or that a year was cut off."""
    note(world)
    assert logged(upkeep) == []
    world.clock.go(SEGMENT)
    (line,) = logged(upkeep)
    with world.database.reading() as work:
        (head,) = work.audit.sealed()
        assert head.head == work.audit.read(limit=1)[0].chain
    assert line == {
        "event": "audit.segment-sealed",
        "log_level": "info",
        "writer": "web",
        "segment": 1,
        "records": 1,
        "head": head.head,
    }


def test_whoever_starts_says_again_what_a_dead_one_may_have_kept_to_itself(world: World, upkeep: Upkeep) -> None:
    """A worker that is killed between the sealing and the line would leave a segment that no log proves."""
    note(world)
    upkeep.step()
    world.clock.go(SEGMENT)
    said = logged(upkeep)
    world.clock.go(EVERY)
    assert logged(upkeep) == []
    assert logged(Upkeep(world.store, world.clock)) == said != []


def test_a_store_that_is_down_puts_it_off(world: World, upkeep: Upkeep) -> None:
    """What should have been told would be passed over."""
    note(world)
    world.clock.go(SEGMENT)
    world.calls.before["store.expire"] = raising(StoreUnavailable())
    with pytest.raises(StoreUnavailable):
        upkeep.step()
    assert [line["segment"] for line in logged(upkeep)] == [1]


@pytest.mark.parametrize(
    ("later", "is_done"), [(EVERY - timedelta(seconds=1), False), (EVERY, True), (-timedelta(hours=1), True)]
)
def test_it_is_done_every_ten_minutes_also_when_the_clock_was_set_back(
    world: World, upkeep: Upkeep, later: timedelta, *, is_done: bool
) -> None:
    """The store would be asked four times a second, or not at all for as long as the clock was ahead."""
    upkeep.step()
    del world.calls.names[:]
    world.clock.go(later)
    upkeep.step()
    assert ("store.expire" in world.calls.names) == is_done


def test_each_letter_and_each_round_of_the_worker_has_an_identifier_of_its_own(world: World) -> None:
    """Which lines of the log belong to which record could not be told."""
    for name in ("U4BBGA0008@u4bsw.nl", "U4BBGA9999@u4bsw.nl"):
        world.request(name)
    Worker(Upkeep(world.store, world.clock), world.outbox, world.complete_reset, world.clock, threading.Event()).step()
    with world.database.reading() as work:
        found = [record.request_id for record in work.audit.read() if record.event.action.startswith("letter.")]
    assert len(set(found)) == 2
    assert "" not in found


@pytest.mark.row("S20")
def test_what_does_not_fit_into_one_step_is_forgotten_in_the_next(world: World, upkeep: Upkeep) -> None:
    """S20: with many applications, more comes in in ten minutes than one step takes: the database would grow for ever."""
    now = world.clock.now()
    with world.database.transaction() as work:
        for number in range(2001):
            work.capabilities.add(Capability(str(number), Purpose.CLIENT_ASSERTION, {}, now, now))
    world.clock.go(timedelta(days=2))
    forgotten = []
    for _ in range(5):
        with capture_logs() as lines:
            upkeep.step()
        forgotten += [line["capabilities"] for line in lines if line["event"] == "expired"]
    assert forgotten == [1000, 1000, 1]
