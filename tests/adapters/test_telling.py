"""What operators are told while it lasts: often enough to be seen, and not at every request."""

from __future__ import annotations

from structlog.testing import capture_logs

from idp.adapters.ldap.breaker import Breaker
from idp.adapters.ldap.telling import PAUSE_S, Telling
from idp.errors import DirectoryRefuses, DirectoryUnavailable, EntryMalformed
from tests.adapters.test_breaker import Seconds


def test_the_same_is_told_once_a_minute_and_something_else_at_once() -> None:
    """A disk would be filled with one line, or an outage that goes on look as if it were over."""
    seconds = Seconds()
    telling = Telling(seconds)
    with capture_logs() as lines:
        for _ in range(100):
            telling.warn("directory_unavailable", reason="away")
        telling.warn("directory_unavailable", reason="full")
        seconds.now += PAUSE_S - 1
        telling.warn("directory_unavailable", reason="away")
        seconds.now += 1
        telling.warn("directory_unavailable", reason="away")
    assert [line["reason"] for line in lines] == ["away", "full", "away"]
    assert {line["log_level"] for line in lines} == {"warning"}


def test_what_is_remembered_does_not_grow_for_ever() -> None:
    """Each entry of a million that an import has spoilt would stay in memory."""
    telling = Telling(Seconds())
    with capture_logs() as lines:
        for number in range(2500):
            telling.malformed(EntryMalformed("without exactly one owner", str(number)))
    assert len(lines) == 2500
    assert len(telling._told) <= 1000  # noqa: SLF001  # what is bounded


def test_whoever_fails_at_the_directory_is_heard_and_who_was_not_let_through_is_not() -> None:
    """Nobody would know why all requests are answered with 503; or each that is held back would be told of as well."""
    heard: list[str] = []
    breaker = Breaker(1, 0.0, Seconds(), lambda error: heard.append(str(error)))
    for error in (DirectoryRefuses("refuses"), DirectoryUnavailable("away")):
        try:
            with breaker.passing():
                raise error
        except DirectoryUnavailable:
            continue
    with breaker.passing():
        try:
            with breaker.passing():
                heard.append("let through")
        except DirectoryUnavailable:
            pass
    assert heard == ["refuses", "away"]
