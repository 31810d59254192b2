"""What the worker says in its log of each letter."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from idp.upkeep import Upkeep
from idp.worker import Worker
from tests.services.world import ANNA_MAIL, NAME

if TYPE_CHECKING:
    from tests.services.world import World


def test_a_letter_is_logged_under_the_identifier_of_its_request(world: World) -> None:
    """An operator could not find a request's mail again: neither in the audit, nor by its Message-ID at the mail server."""
    request_id = world.request()
    with capture_logs() as lines:
        Worker(Upkeep(world.database, world.clock), world.outbox, world.complete_reset, world.clock, threading.Event()).step()
    (line,) = [line for line in lines if line["event"] == "letter"]
    assert line.items() >= {"id": request_id, "letter": "reset", "state": "sent", "outcome": "sent", "attempts": 1}.items()
    (mail,) = world.mailbox.received
    assert mail.message_id.startswith(f"<{request_id}@")
    shown = repr(line)
    assert ANNA_MAIL not in shown
    assert NAME not in shown
