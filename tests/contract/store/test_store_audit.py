"""The audit trail: whoever changes the past without the key is found out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, insert, select, update

from idp.adapters.sql import SqlStore
from idp.adapters.sql.tables import audit, audit_head
from idp.domain.audit import AuditEvent
from idp.domain.digests import KeyedDigests

if TYPE_CHECKING:
    from sqlalchemy import Engine, Executable

    from idp.ports.store import Store

NOW = datetime(2026, 3, 4, 10, 11, 12, 345678, tzinfo=UTC)


def event(number: int, subject: str = "uuid-1") -> AuditEvent:
    """Make an event that differs from the others."""
    detail = {"number": str(number), "a": "é"}
    return AuditEvent(NOW + timedelta(seconds=number), "a.thing", "client:ing", subject, detail)


def record(store: Store, numbers: range) -> None:
    """Keep some events, each in a transaction of its own."""
    for number in numbers:
        with store.transaction() as work:
            work.audit.append(event(number))


def verify(store: Store) -> int | None:
    """Verify in a unit of work of its own."""
    with store.reading() as work:
        return work.audit.verify()


def tamper(behind: Engine, *statements: Executable) -> None:
    """Change the database behind the store's back."""
    with behind.begin() as connection:
        for statement in statements:
            connection.execute(statement)


def test_events_are_numbered_and_read_on_from_a_number(store: Store) -> None:
    """An operator could not look back page by page."""
    record(store, range(1, 6))
    with store.reading() as work:
        assert [(found.number, found.event) for found in work.audit.read(after=1, limit=3)] == [
            (number, event(number)) for number in (2, 3, 4)
        ]
        assert [found.number for found in work.audit.read(after=5)] == []
        assert len(work.audit.read()) == 5


def test_events_are_read_by_subject(store: Store) -> None:
    """An operator could not tell an owner what happened to their koppelgebruiker."""
    with store.transaction() as work:
        work.audit.append(event(1))
        work.audit.append(event(2, "uuid-2"))
        work.audit.append(event(3))
    with store.reading() as work:
        assert [found.number for found in work.audit.read(subject="uuid-1")] == [1, 3]
        assert [found.number for found in work.audit.read(after=1, subject="uuid-1")] == [3]
        assert work.audit.read(subject="\ud800") == []


def test_an_event_of_a_transaction_that_failed_leaves_no_gap(store: Store) -> None:
    """An honest trail would look tampered with."""
    record(store, range(1, 3))
    with pytest.raises(RuntimeError):
        append_and_raise(store)
    record(store, range(3, 5))
    with store.reading() as work:
        assert [found.number for found in work.audit.read()] == [1, 2, 3, 4]
    assert verify(store) is None


def append_and_raise(store: Store) -> None:
    """Fail after an event was added."""
    with store.transaction() as work:
        work.audit.append(event(99))
        raise RuntimeError


def test_an_empty_trail_is_sound(store: Store) -> None:
    """The first `idp audit verify` would raise an alarm."""
    assert verify(store) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"at": NOW},
        {"action": "another.thing"},
        {"actor": "owner"},
        {"subject": ""},
        {"detail": {"number": "4", "a": "e"}},
        {"detail": {}},
        {"chain": "0" * 64},
        {"number": 99},
    ],
    ids="-".join,
)
def test_a_changed_record_is_found(store: Store, behind: Engine, changed: dict[str, object]) -> None:
    """Whoever has the database could rewrite who did what."""
    record(store, range(1, 8))
    tamper(behind, update(audit).where(audit.c.number == 4).values(**changed))
    assert verify(store) == 4
    record(store, range(8, 9))
    assert verify(store) == 4


def test_a_deleted_record_is_found(store: Store, behind: Engine) -> None:
    """A deed could be taken out of the trail."""
    record(store, range(1, 8))
    tamper(behind, delete(audit).where(audit.c.number == 4))
    assert verify(store) == 4


def test_a_record_put_in_is_found(store: Store, behind: Engine) -> None:
    """A deed could be put down to somebody else."""
    record(store, range(1, 4))
    copy = insert(audit).from_select(
        audit.c.keys(),
        select(audit.c.number + 1, *list(audit.c)[1:]).where(audit.c.number == 3),
    )
    tamper(behind, copy)
    assert verify(store) == 4


def test_a_trail_that_was_cut_short_is_found_also_when_it_went_on(store: Store, behind: Engine) -> None:
    """The latest deeds could be wiped out, which the chain alone can't show."""
    record(store, range(1, 8))
    tamper(behind, delete(audit).where(audit.c.number > 5))
    assert verify(store) == 6
    record(store, range(8, 9))
    assert verify(store) == 6


def test_a_trail_cut_short_together_with_its_head_is_found_also_when_it_went_on(store: Store, behind: Engine) -> None:
    """Whoever sees how the end is guarded could set that back too."""
    record(store, range(1, 8))
    with behind.connect() as connection:
        fifth = connection.execute(select(audit.c.chain).where(audit.c.number == 5)).scalar_one()
    tamper(behind, delete(audit).where(audit.c.number > 5), update(audit_head).values(number=5, chain=fifth))
    assert verify(store) == 6
    record(store, range(6, 8))
    assert verify(store) == 8


def test_a_head_taken_away_is_found_and_events_are_kept_nevertheless(store: Store, behind: Engine) -> None:
    """One deleted row would stop the whole service, or go unseen."""
    record(store, range(1, 4))
    tamper(behind, delete(audit_head))
    assert verify(store) == 4
    record(store, range(4, 6))
    with store.reading() as work:
        assert [found.event for found in work.audit.read()] == [event(number) for number in range(1, 6)]
    assert verify(store) == 6


def test_the_chain_can_not_be_made_without_the_key(store: Store, store_url: str) -> None:
    """Anybody could write a trail that verifies."""
    record(store, range(1, 4))
    other = SqlStore(store_url, KeyedDigests(b"another key, as good as the first one"))
    assert verify(other) == 1
    other.close()


def test_a_long_trail_is_verified_to_its_end(store: Store, behind: Engine) -> None:
    """Only the first page would be guarded."""
    with store.transaction() as work:
        for number in range(1, 2502):
            work.audit.append(event(number))
    assert verify(store) is None
    tamper(behind, update(audit).where(audit.c.number == 2400).values(actor="owner"))
    assert verify(store) == 2400
