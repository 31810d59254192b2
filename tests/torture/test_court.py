"""The court lets nothing pass but what a fault makes right."""

from __future__ import annotations

from email.message import Message
from time import monotonic

import pytest

from tests.system.visitor import Answer
from tests.torture.court import PROMISED_S, RECOVERY_S, Court, Excuse, Outage
from tests.torture.facts import Forbidden

LATER = frozenset({Excuse.LATER})


def answer(status: int, **headers: str) -> Answer:
    """Give one."""
    message = Message()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return Answer(status, message, "words")


@pytest.fixture
def court() -> Court:
    """One that has heard nothing."""
    return Court()


def test_a_503_needs_a_reason_and_says_when_to_come_back(court: Court) -> None:
    """A service that is always away would do nothing wrong."""
    with pytest.raises(Forbidden, match="without a reason"):
        court.answered("token", monotonic(), answer(503, Retry_After="10"))
    with court.outage("directory stopped", LATER):
        court.answered("token", monotonic(), answer(503, Retry_After="10"))
        with pytest.raises(Forbidden, match="without Retry-After"):
            court.answered("token", monotonic(), answer(503))


def test_who_comes_when_all_has_been_back_for_five_seconds_is_served(court: Court) -> None:
    """Recovery would take as long as it takes."""
    now = monotonic()
    court.outages.append(Outage("directory stopped", LATER, now - 60, now - RECOVERY_S - 0.5))
    with pytest.raises(Forbidden, match="without a reason"):
        court.answered("token", now, answer(503, Retry_After="10"))
    court.outages.append(Outage("directory stopped", LATER, now - 60, now - RECOVERY_S + 0.5))
    court.answered("token", now, answer(503, Retry_After="10"))


@pytest.mark.parametrize("status", [500, 502, 504])
def test_no_other_fault_is_ever_right(court: Court, status: int) -> None:
    """A traceback would pass as long as something else is broken."""
    with court.outage("everything", frozenset(Excuse)), pytest.raises(Forbidden, match=f"answered {status}"):
        court.answered("token", monotonic(), answer(status, Retry_After="10"))


def test_no_answer_needs_another_reason_than_a_503(court: Court) -> None:
    """A directory that is away is no reason to say nothing."""
    with court.outage("directory stopped", LATER), pytest.raises(Forbidden, match="without a reason"):
        court.not_answered("token", monotonic(), ConnectionResetError())


def test_an_answer_comes_within_what_the_time_outs_promise(court: Court) -> None:
    """Each part would wait for the next one, and people for all of them; only while a part is away is time not counted."""
    now = monotonic()
    with pytest.raises(Forbidden, match="took"):
        court.answered("token", now - PROMISED_S - 1, answer(200))
    court.outages.append(Outage("web stopped", frozenset(), now - 10, now - 8))
    court.answered("token", now - PROMISED_S - 1, answer(200))


def test_a_command_tells_what_is_wrong_in_a_sentence(court: Court) -> None:
    """An operator would read a traceback while the disk is full."""
    with court.outage("store full", LATER):
        court.exited("idp", monotonic(), 1, "idp: The disk of the database is full.")
        with pytest.raises(Forbidden):
            court.exited("idp", monotonic(), 1, "Traceback (most recent call last):")
    with pytest.raises(Forbidden, match="without a reason"):
        Court().exited("idp", monotonic(), 1, "idp: not now")
