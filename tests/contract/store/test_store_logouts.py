"""Logouts that applications are to be told of, and which applications those are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from idp.domain.capability import Capability, Purpose
from idp.domain.logout_notice import LogoutNotice

if TYPE_CHECKING:
    from idp.ports.store import Store

NOW = datetime(2026, 3, 4, 10, 11, 12, 345678, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def notice(name: str = "one", at: datetime = NOW) -> LogoutNotice:
    """Make one that is due at a moment."""
    return LogoutNotice(name, "vendor_api", "uuid-1", "a session", NOW, at)


def test_the_one_that_is_due_longest_comes_first_and_not_twice(store: Store) -> None:
    """An application would be told at once and again, or never."""
    with store.transaction() as work:
        for each in (notice("late", NOW + MINUTE / 2), notice("second"), notice("first", NOW - MINUTE)):
            work.logout_notices.add(each)
    taken = []
    for _ in range(3):
        with store.transaction() as work:
            taken.append(work.logout_notices.take_due(NOW, NOW + MINUTE))
    leased = replace(notice("first"), attempts=1, next_attempt_at=NOW + MINUTE)
    assert taken == [leased, replace(leased, id="second"), None]
    with store.transaction() as work:
        assert work.logout_notices.take_due(NOW + MINUTE, NOW + 2 * MINUTE) == replace(
            notice("late"), attempts=1, next_attempt_at=NOW + 2 * MINUTE
        )
        again = work.logout_notices.take_due(NOW + MINUTE, NOW + 2 * MINUTE)
    assert again is not None
    assert (again.id, again.attempts) == ("first", 2)  # whoever held it is dead


def test_one_that_is_put_off_comes_later_and_one_that_is_removed_does_not(store: Store) -> None:
    """An application that is down for a minute would never hear of it, or for ever."""
    with store.transaction() as work:
        work.logout_notices.add(notice())
        work.logout_notices.add(notice("told"))
        work.logout_notices.put_off(replace(notice(), attempts=3, next_attempt_at=NOW + MINUTE))
        work.logout_notices.remove(notice("told"))
        assert work.logout_notices.take_due(NOW, NOW + MINUTE) is None
        taken = work.logout_notices.take_due(NOW + MINUTE, NOW + 2 * MINUTE)
    assert taken == replace(notice(), attempts=4, next_attempt_at=NOW + 2 * MINUTE)


def test_all_of_one_client_are_put_off_together_and_none_comes_sooner(store: Store) -> None:
    """Who does not answer would be tried for each, and hold up whoever does."""
    with store.transaction() as work:
        waiting = (notice(), notice("other", NOW + MINUTE), notice("later", NOW + 9 * MINUTE))
        for each in (*waiting, replace(notice("of another"), client_id="ing")):
            work.logout_notices.add(replace(each, attempts=4))  # so often that the next pause may be a long one
        work.logout_notices.put_off_all("vendor_api", NOW + 2 * MINUTE)
        moments = (NOW + MINUTE, NOW + MINUTE, NOW + 2 * MINUTE, NOW + 2 * MINUTE, NOW + 2 * MINUTE)
        taken = [work.logout_notices.take_due(now, NOW + 11 * MINUTE) for now in moments]
    assert [each and each.id for each in taken] == ["of another", None, "one", "other", None]


def test_one_that_was_queued_before_the_clock_was_set_back_is_due(store: Store) -> None:
    """It would wait for months."""
    with store.transaction() as work:
        work.logout_notices.add(notice(at=NOW + timedelta(days=90)))
        assert work.logout_notices.take_due(NOW, NOW + MINUTE) is not None


def test_one_that_was_put_off_before_the_clock_was_set_back_by_an_hour_is_due(store: Store) -> None:
    """Whoever logged out would be logged in there for an hour more."""
    with store.transaction() as work:
        work.logout_notices.add(replace(notice(at=NOW + MINUTE), attempts=3))
        assert work.logout_notices.take_due(NOW, NOW + MINUTE) is None
        work.logout_notices.add(replace(notice("another", NOW + 2 * MINUTE), attempts=3))
        assert work.logout_notices.take_due(NOW, NOW + MINUTE) is not None


def test_what_is_about_somebody_is_found_by_kind_and_subject(store: Store) -> None:
    """The wrong applications would be told, or one that knows nothing of it."""
    row = Capability("one", Purpose.SESSION_CLIENT, {"client": "a"}, NOW, NOW + MINUTE, subject="a session")
    others = (
        replace(row, digest="two", subject="another session"),
        replace(row, digest="three", purpose=Purpose.AUTHORIZATION_CODE),
        replace(row, digest="four", used_at=NOW),
    )
    with store.transaction() as work:
        for each in (row, *others):
            work.capabilities.add(each)
    with store.reading() as work:
        assert work.capabilities.about(Purpose.SESSION_CLIENT, "a session") == [row]
        assert work.capabilities.about(Purpose.SESSION_CLIENT, "no session") == []
