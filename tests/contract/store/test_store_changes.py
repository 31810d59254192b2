"""How far changes in the directory were read, what was told of them, and what entries were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.directory_change import Kind
from idp.domain.directory_entry import KnownEntry

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


def test_a_claim_remembers_what_it_told(store: Store) -> None:
    """What hides behind a command's change would not be told, or what it told, twice."""
    with store.transaction() as work:
        work.changes.claim(FIRST, NOW, ("pwdEndTime", "pwdReset"))
        work.changes.claim(SECOND, NOW)
        assert not work.changes.claim(FIRST, NOW, ("mail",))
    with store.reading() as work:
        assert work.changes.told(FIRST) == {"pwdEndTime", "pwdReset"}
        assert work.changes.told(SECOND) == work.changes.told("unknown") == frozenset()


def test_a_doubt_lasts_until_the_bookmark_moves(store: Store) -> None:
    """A restart would begin to doubt anew, for ever; or the next doubt would be a week old at once."""
    later = NOW + timedelta(days=1)
    with store.transaction() as work:
        work.changes.move_bookmark(FIRST)
        assert work.changes.doubted_since(NOW) == NOW
    with store.transaction() as work:
        assert work.changes.doubted_since(later) == NOW
        work.changes.move_bookmark(SECOND)
        assert work.changes.doubted_since(later) == later


def test_an_entry_is_remembered_as_it_was_last(store: Store) -> None:
    """A change would be told again, or its former address would not be told."""
    former = KnownEntry("uuid-1", Kind.OWNER, "uid=anna,ou=people", "1", {"mail": ("anna@example.nl", "a@example.nl")})
    now = KnownEntry("uuid-1", Kind.USER, "uid=X,ou=koppelgebruikers", "2")
    for entry in (former, now):
        with store.transaction() as work:
            work.entries.keep(entry)
        with store.reading() as work:
            assert work.entries.get("uuid-1") == entry
    with store.reading() as work:
        assert (work.entries.uuids(Kind.USER), work.entries.uuids(Kind.OWNER)) == ({"uuid-1"}, set())
        assert work.entries.get("uuid-2") is None


def test_who_is_forgotten_is_forgotten(store: Store) -> None:
    """We would keep the address of a person who is gone."""
    with store.transaction() as work:
        for number in range(3):
            work.entries.keep(KnownEntry(f"uuid-{number}", Kind.OWNER, f"uid={number}", "1", {"mail": ("a@example.nl",)}))
        work.entries.forget("uuid-1")
        assert work.entries.uuids(Kind.OWNER) == {"uuid-0", "uuid-2"}
        work.entries.forget_all()
        assert (work.entries.uuids(Kind.OWNER), work.entries.get("uuid-0")) == (set(), None)
