"""A port that fails at each of its calls in turn, and what is asked again and again until it no longer does."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import count
from typing import TYPE_CHECKING, Any

from idp.domain.capability import Purpose
from idp.errors import DirectoryUnavailable, StoreUnavailable
from tests.web.page import Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import TestResponse

    from tests.web.page import Visitor
    from tests.web.world import World

    Send = Callable[[], TestResponse]

LATER = "Het lukt nu even niet. Er is niets gewijzigd. Probeer het over een paar minuten opnieuw."
_SIGNED_ANEW = (Purpose.CLIENT_ASSERTION, Purpose.DPOP_PROOF)
"""What a client signs for one try; with the next it sends another one."""


def outlasted(world: World, send: Send, status: int) -> TestResponse:
    """Let a request fail at each call of the store and of the directory, one after the other; gives its answer when none fails.

    Each failure is told, and has changed nothing; the same request goes on as if it were the first.

    Args:
        world: where.
        send: sends it.
        status: of the answer at last.
    """
    calls = world.calls

    def fail() -> None:
        raise DirectoryUnavailable if calls.names[-1].startswith("directory.") else StoreUnavailable

    for number in count():
        before = _kept(world)
        calls.before[len(calls.names) + number] = fail
        answer = send()
        if calls.before:  # it made fewer calls
            calls.before.clear()
            assert number, "it asks no port"
            assert answer.status_code == status, answer.text
            return answer
        assert_told_to_come_back(answer)
        assert _kept(world) == before, calls.names[-1]
    raise AssertionError


def assert_told_to_come_back(answer: TestResponse) -> None:
    """A program reads the RFC's word, a person what to do and whom to call; both when to come back."""
    assert (answer.status_code, "Location" in answer.headers) == (503, False), answer.text
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.headers["Cache-Control"] == "no-store"
    if answer.mimetype == "application/json":
        told: Any = answer.get_json()
        assert told["error"] == "temporarily_unavailable"
        return
    page = Page(answer.text)
    assert page.alert == LATER
    assert f"Noem dan dit nummer: {answer.headers['X-Request-ID']}" in page.words


def filled_in(visitor: Visitor, action: str, **fields: str) -> Send:
    """Give what sends a form of the page that is open now, as often as somebody presses its button."""
    form = visitor.page.form(action)

    def send() -> TestResponse:
        visitor.last = visitor.http.post(action, data={**form.fields, **fields})
        return visitor.last

    return send


def _kept(world: World) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(world.state / "idp.db")) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [row for table in tables for row in database.execute(f"SELECT * FROM {table}")]  # noqa: S608  # names of its own
    return [row for row in rows if not any(purpose in row for purpose in _SIGNED_ANEW)]
