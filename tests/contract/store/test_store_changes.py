"""What was read from the directory's log, and what was told of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from idp.ports.store import Store

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
FIRST, SECOND = "20260304100000.000001Z#000000#000#000000", "20260304100000.000002Z#000000#000#000000"


def test_the_bookmark_is_where_it_was_put_last(store: Store) -> None:
    """After a restart changes would be told again, or never."""
    with store.reading() as work:
        assert work.changes.bookmark() is None
    for position in (FIRST, SECOND):
        with store.transaction() as work:
            work.changes.move_bookmark(position)
        with store.reading() as work:
            assert work.changes.bookmark() == position


def test_a_change_is_claimed_once(store: Store) -> None:
    """Its owner would be told twice: by the command that made it, and by who found it in the log."""
    with store.transaction() as work:
        assert work.changes.claim(FIRST, NOW)
        assert not work.changes.claim(FIRST, NOW)
    with store.transaction() as work:
        assert not work.changes.claim(FIRST, NOW)
        assert work.changes.claim(SECOND, NOW)


def test_what_was_not_told_after_all_is_not_claimed(store: Store) -> None:
    """Whoever dies while telling would take the change along."""

    def die() -> None:
        with store.transaction() as work:
            work.changes.claim(FIRST, NOW)
            work.changes.move_bookmark(FIRST)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        die()
    with store.transaction() as work:
        assert work.changes.bookmark() is None
        assert work.changes.claim(FIRST, NOW)


def test_a_claim_is_kept_longer_than_any_log_keeps_its_change(store: Store) -> None:
    """A worker that comes back after a month would tell all of it again; or the table would grow for ever."""
    with store.transaction() as work:
        work.changes.claim(FIRST, NOW)
        work.changes.claim(SECOND, NOW + timedelta(days=1))
    assert store.expire(NOW + timedelta(days=60), 100)["changes"] == 0
    assert store.expire(NOW + timedelta(days=60, seconds=1), 100)["changes"] == 1
    with store.transaction() as work:
        assert work.changes.claim(FIRST, NOW)
        assert not work.changes.claim(SECOND, NOW)
