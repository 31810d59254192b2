"""The audit trail: whoever changes the past without the key is found out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, insert, select, update

from idp.adapters.sql import SqlStore
from idp.adapters.sql.tables import audit, audit_heads
from idp.domain.audit import RecordId
from idp.domain.audit_query import Wanted
from idp.domain.digests import KeyedDigests
from idp.errors import UnknownRecord
from tests.contract.store.trails import NOW, append, broken, event, record, tamper

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from idp.ports.store import Store


@pytest.fixture
def worker(store_url: str, open_store: Callable[..., SqlStore]) -> SqlStore:
    """A second writer."""
    return open_store(store_url, writer="worker")


def test_events_are_numbered_and_read_on_behind_a_record(store: Store) -> None:
    """An operator could not look back page by page."""
    record(store, range(1, 6))
    with store.reading() as work:
        assert [(found.id, found.event) for found in work.audit.read(RecordId("web", 1), limit=3)] == [
            (RecordId("web", number), event(number)) for number in (2, 3, 4)
        ]
        assert work.audit.read(RecordId("web", 5)) == []
        assert len(work.audit.read()) == 5
        for unknown in (RecordId("web", 6), RecordId("nobody", 1), RecordId("\ud800", 1)):
            with pytest.raises(UnknownRecord):
                work.audit.read(unknown)


def test_each_writer_has_a_chain_and_all_are_read_in_the_order_of_time(store: Store, worker: SqlStore) -> None:
    """What happened to a customer would be told out of order, or twice from page to page."""
    for number in range(1, 7):
        record(worker if number % 3 == 0 else store, [number])
    append(worker, event(1))  # of the same moment as the first
    with store.reading() as work:
        found = work.audit.read()
        read, after = [], None
        while page := work.audit.read(after, limit=2):
            read += page
            after = page[-1].id
    names = ["web/1", "worker/3", "web/2", "worker/1", "web/3", "web/4", "worker/2"]
    assert [str(one.id) for one in found] == [str(one.id) for one in read] == names
    assert {one.request_id for one in found} == {"request of web", "request of worker"}
    assert broken(store) == []


def test_events_are_read_by_subject(store: Store) -> None:
    """An operator could not tell an owner what happened to their koppelgebruiker."""
    append(store, event(1), event(2, "uuid-2"), event(3), event(4, "uuid-3"))
    with store.reading() as work:
        assert [found.id.number for found in work.audit.read(wanted=Wanted(frozenset({"uuid-1"})))] == [1, 3]
        assert [found.id.number for found in work.audit.read(RecordId("web", 1), wanted=Wanted(frozenset({"uuid-1"})))] == [3]
        assert work.audit.read(wanted=Wanted(frozenset({"\ud800"}))) == []
        assert [found.id.number for found in work.audit.newest(2, Wanted(frozenset({"uuid-1", "uuid-2"})))] == [2, 3]


def test_an_event_of_a_transaction_that_failed_leaves_no_gap(store: Store) -> None:
    """An honest trail would look tampered with."""
    record(store, range(1, 3))
    with pytest.raises(RuntimeError):
        append_and_raise(store)
    record(store, range(3, 5))
    with store.reading() as work:
        assert [found.id.number for found in work.audit.read()] == [1, 2, 3, 4]
    assert broken(store) == []


def append_and_raise(store: Store) -> None:
    """Fail after an event was added."""
    with store.transaction() as work:
        work.audit.append(event(99))
        raise RuntimeError


def test_an_empty_trail_is_sound(store: Store) -> None:
    """The first `idp audit verify` would raise an alarm."""
    assert broken(store) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"at": NOW},
        {"action": "another.thing"},
        {"actor": "owner"},
        {"subject": ""},
        {"request_id": "another"},
        {"content": {"detail": {"number": "4", "a": "e"}}},
        {"content": {}},
        {"chain": "0" * 64},
        {"number": 99},
        {"writer": "wed"},
    ],
    ids="-".join,
)
def test_a_changed_record_is_found(store: Store, behind: Engine, changed: dict[str, object]) -> None:
    """Whoever has the database could rewrite who did what."""
    record(store, range(1, 8))
    tamper(behind, update(audit).where(audit.c.number == 4).values(**changed))
    assert "web/4" in broken(store)
    record(store, range(8, 9))
    assert "web/4" in broken(store)


def test_every_column_of_a_record_is_covered() -> None:
    """A column that joins the table would be anybody's to rewrite."""
    changed = test_a_changed_record_is_found.pytestmark[0].args[1]  # type: ignore[attr-defined]  # pytest's own
    assert {name for values in changed for name in values} == set(audit.c.keys())


def test_each_chain_that_does_not_hold_is_named(store: Store, worker: SqlStore, behind: Engine) -> None:
    """An operator would mend one, and believe the other."""
    record(store, range(1, 5))
    record(worker, range(5, 9))
    tamper(behind, update(audit).where(audit.c.number == 3).values(actor="owner"))
    assert broken(store) == ["web/3", "worker/3"]


def test_a_deleted_record_is_found(store: Store, behind: Engine) -> None:
    """A deed could be taken out of the trail."""
    record(store, range(1, 8))
    tamper(behind, delete(audit).where(audit.c.number == 4))
    assert broken(store) == ["web/4"]


@pytest.mark.parametrize("writer", ["web", "somebody"])
def test_a_record_put_in_is_found(store: Store, behind: Engine, writer: str) -> None:
    """A deed could be put down to somebody else."""
    record(store, range(1, 4))
    with behind.connect() as connection:
        third = connection.execute(select(audit).where(audit.c.number == 3)).one()._asdict()
    forged = third | {"writer": writer, "number": 4 if writer == "web" else 1}
    tamper(behind, insert(audit).values(**forged))
    assert broken(store) == [f"{writer}/{forged['number']}"]


def test_a_trail_that_was_cut_short_is_found_also_when_it_went_on(store: Store, behind: Engine) -> None:
    """The latest deeds could be wiped out, which the chain alone can't show."""
    record(store, range(1, 8))
    tamper(behind, delete(audit).where(audit.c.number > 5))
    assert broken(store) == ["web/6"]
    record(store, range(8, 9))
    assert broken(store) == ["web/6"]


def test_a_trail_cut_short_together_with_its_head_is_found_also_when_it_went_on(store: Store, behind: Engine) -> None:
    """Whoever sees how the end is guarded could set that back too."""
    record(store, range(1, 8))
    with behind.connect() as connection:
        fifth = connection.execute(select(audit.c.chain).where(audit.c.number == 5)).scalar_one()
    tamper(behind, delete(audit).where(audit.c.number > 5), update(audit_heads).values(number=5, chain=fifth))
    assert broken(store) == ["web/6"]
    record(store, range(6, 8))
    assert broken(store) == ["web/8"]


def test_a_head_taken_away_is_found_and_events_are_kept_nevertheless(store: Store, behind: Engine) -> None:
    """One deleted row would stop the whole service, or go unseen."""
    record(store, range(1, 4))
    tamper(behind, delete(audit_heads))
    assert broken(store) == ["web/4"]
    record(store, range(4, 6))
    with store.reading() as work:
        assert [found.event for found in work.audit.read()] == [event(number) for number in range(1, 6)]
    assert broken(store) == ["web/6"]


def test_the_chain_can_not_be_made_without_the_key(store: Store, store_url: str) -> None:
    """Anybody could write a trail that verifies."""
    record(store, range(1, 4))
    other = SqlStore(store_url, KeyedDigests(b"another key, as good as the first one"))
    assert broken(other) == ["web/1"]
    other.close()


def test_a_long_trail_is_verified_to_its_end(store: Store, behind: Engine) -> None:
    """Only the first page would be guarded."""
    append(store, *(event(number) for number in range(1, 2502)))
    assert broken(store) == []
    tamper(behind, update(audit).where(audit.c.number == 2400).values(actor="owner"))
    assert broken(store) == ["web/2400"]
