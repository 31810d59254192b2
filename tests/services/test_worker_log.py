"""What the worker says in its log: of each letter, and of a part that it waits for."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from idp.errors import StoreUnavailable
from idp.upkeep import Upkeep
from idp.worker import Worker
from tests.services.calls import raising
from tests.services.world import ANNA_MAIL, NAME

if TYPE_CHECKING:
    from tests.services.world import World


def _worker(world: World) -> Worker:
    return Worker(Upkeep(world.database, world.clock), world.outbox, world.complete_reset, world.clock, threading.Event())


def test_a_store_that_is_away_is_said_once_and_asked_every_three_seconds(world: World) -> None:
    """After a night with a full disk mail would lie still for half a minute more; or the log would be full of one line."""
    worker = _worker(world)
    pauses = []
    with capture_logs() as lines:
        for _ in range(5):
            world.calls.before["store.transaction"] = raising(StoreUnavailable())
            pauses.append(worker.step())
    assert (pauses, [line["event"] for line in lines]) == ([1, 2, 3, 3, 3], ["worker_waits"])
    with capture_logs() as lines:
        assert worker.step() < 1
        world.calls.before["store.transaction"] = raising(StoreUnavailable())
        assert worker.step() == 1
    assert [line["event"] for line in lines] == ["worker_waits"]


def test_a_letter_is_logged_under_the_identifier_of_its_request(world: World) -> None:
    """An operator could not find a request's mail again: neither in the audit, nor by its Message-ID at the mail server."""
    request_id = world.request()
    with capture_logs() as lines:
        _worker(world).step()
    (line,) = [line for line in lines if line["event"] == "letter"]
    assert line.items() >= {"id": request_id, "letter": "reset", "state": "sent", "outcome": "sent", "attempts": 1}.items()
    (mail,) = world.mailbox.received
    assert mail.message_id.startswith(f"<{request_id}@")
    shown = repr(line)
    assert ANNA_MAIL not in shown
    assert NAME not in shown
