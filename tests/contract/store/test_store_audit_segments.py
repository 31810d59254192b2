"""The audit trail's segments: sealed, told in the log, expired whole; and what nobody can do to them unseen."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, delete, func, insert, make_url, select, update

from idp.adapters.sql.tables import audit, audit_heads, audit_personal, audit_segments
from idp.domain.audit import SEGMENT, SealedHead
from tests.contract.store.trails import ANNA, DAY, NOW, append, broken, event, mail_changed, record, seal, tamper

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import ColumnElement, Engine

    from idp.adapters.sql import SqlStore

YEARS = 400 * DAY


@pytest.fixture
def worker(store_url: str, open_store: Callable[..., SqlStore]) -> SqlStore:
    """The writer who seals."""
    return open_store(store_url, writer="worker")


@pytest.fixture
def logged(store: SqlStore, worker: SqlStore) -> list[SealedHead]:
    """What the log says of a trail of three days: three sealed segments of the web, two of the worker, and open ones."""
    heads = []
    for day in range(1, 4):
        record(store, range(day * 10, day * 10 + 4))
        heads += seal(worker, NOW + day * SEGMENT + DAY / 2)
    record(store, range(50, 53))
    return heads


def of(writer: str, segment: int) -> ColumnElement[bool]:
    """Name a row of the segments."""
    return (audit_segments.c.writer == writer) & (audit_segments.c.segment == segment)


def rows(behind: Engine, where: ColumnElement[bool]) -> list[dict[str, Any]]:
    """Read rows of the segments."""
    with behind.connect() as connection:
        return [row._asdict() for row in connection.execute(select(audit_segments).where(where))]


def count(behind: Engine) -> int:
    """Count the records."""
    with behind.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(audit)).scalar_one())


# -- sealing -----------------------------------------------------------------------------------------------------------


def test_all_open_segments_are_sealed_together_when_the_oldest_has_been_open_for_a_day(store: SqlStore, worker: SqlStore) -> None:
    """Of a writer who fell silent nothing would ever come into the log; and what one says of another could expire first."""
    append(store, event(0))
    append(worker, event(1), event(2))
    assert seal(worker, NOW + SEGMENT - DAY / 100) == []
    both = seal(worker, NOW + SEGMENT)
    assert [(head.writer, head.segment, head.records) for head in both] == [("web", 1, 1), ("worker", 1, 2)]
    with store.reading() as work:
        assert work.audit.sealed() == both
        chains = {record.id.writer: record.chain for record in work.audit.read(limit=3)}
        notes = work.audit.read(limit=10)[3:]
    assert [head.head for head in both] == [chains["web"], chains["worker"]]
    assert [note.event.detail["writer"] for note in notes] == ["web", "worker"]
    assert {note.id.writer for note in notes} == {"worker"}
    assert broken(store, both) == []


def test_a_segment_without_a_record_is_not_sealed(store: SqlStore, worker: SqlStore) -> None:
    """A quiet service would fill its log."""
    append(store, event(0))
    seal(worker, NOW + SEGMENT)
    assert [head.writer for head in seal(worker, NOW + 2 * SEGMENT)] == ["worker"]  # its notes of the last time
    append(store, event(3))
    assert [(head.writer, head.segment) for head in seal(worker, NOW + 3 * SEGMENT)] == [("web", 2), ("worker", 2)]
    assert broken(store) == []


@pytest.mark.parametrize("at", [NOW - DAY, NOW + DAY])
def test_a_clock_set_back_does_not_keep_a_segment_open(store: SqlStore, worker: SqlStore, at: datetime) -> None:
    """Until the clock has caught up, nothing would come into the log."""
    append(store, event(0))
    assert len(seal(worker, at)) == 1


def test_a_trail_in_segments_holds(store: SqlStore, logged: list[SealedHead]) -> None:
    """An honest trail would look tampered with."""
    assert broken(store) == broken(store, logged) == []
    assert [(head.writer, head.segment) for head in logged] == [
        ("web", 1), ("web", 2), ("worker", 1), ("web", 3), ("worker", 2),
    ]  # fmt: skip


# -- expiry ------------------------------------------------------------------------------------------------------------


def test_segments_expire_whole_after_their_time_and_what_is_left_holds(
    store: SqlStore, behind: Engine, logged: list[SealedHead]
) -> None:
    """Personal traces would be kept for ever; or what expired would look as if it had been taken away."""
    first = NOW + SEGMENT + DAY / 2
    before = count(behind)
    assert store.expire(first + YEARS - DAY / 100, 100)["audit"] == 0
    assert store.expire(first + YEARS, 100)["audit"] == 4
    assert (count(behind), broken(store, logged)) == (before - 4, [])
    (row,) = rows(behind, of("web", 1))
    assert row["expired_at"] is not None
    with store.reading() as work:
        assert str(work.audit.read(limit=1)[0].id) == "web/5"
    assert store.expire(first + YEARS, 100)["audit"] == 0
    append(store, event(60))
    assert broken(store, logged) == []


def test_no_step_of_expiry_is_longer_than_asked_for_and_between_them_the_trail_holds(
    store: SqlStore, behind: Engine, logged: list[SealedHead]
) -> None:
    """A year's trail would hold all others up; or `idp audit verify` raise an alarm while it goes."""
    late = NOW + 9 * SEGMENT + YEARS
    steps = []
    while deleted := store.expire(late, 3)["audit"]:
        steps.append(deleted)
        assert broken(store, logged) == []
    # Twelve of the web's, three of the worker's; what stands in open segments stays.
    assert (sum(steps), max(steps)) == (15, 3)
    assert count(behind) == 3 + 2


def test_what_identifies_a_person_expires_with_its_record(store: SqlStore, worker: SqlStore, behind: Engine) -> None:
    """An address would be kept when nothing is left of what it was for."""
    append(store, mail_changed(1, ANNA, "anna@example.nl", "anna@nieuw.example"))
    seal(worker, NOW + 2 * SEGMENT)
    append(store, mail_changed(2, ANNA, "anna@nieuw.example", "a@example.nl"))
    store.expire(NOW + 3 * SEGMENT + YEARS, 100)
    with behind.connect() as connection:
        assert {row.number for row in connection.execute(select(audit_personal))} == {2}
    assert broken(store) == []


def test_a_head_or_seal_that_was_changed_is_not_made_good_by_expiry(
    store: SqlStore, behind: Engine, logged: list[SealedHead]
) -> None:
    """Whoever moves a moment would have us delete, and seal, what they want forgotten."""
    tamper(behind, update(audit_segments).where(of("web", 3)).values(sealed_at=NOW - DAY))
    assert store.expire(NOW + YEARS, 100)["audit"] == 0
    assert broken(store, logged) == ["web/9"]


# -- attacks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", [column.name for column in audit_segments.c])
@pytest.mark.usefixtures("logged")
def test_a_changed_segment_is_found(store: SqlStore, behind: Engine, column: str) -> None:
    """Where a segment begins and ends, and what it was sealed with, could be rewritten."""
    changed: dict[str, object] = {"writer": "wed", "segment": 9, "first": 6, "last": 7, "sealed_at": NOW, "expired_at": NOW}
    tamper(behind, update(audit_segments).where(of("web", 2)).values({column: changed.get(column, "0" * 64)}))
    assert "web/5" in broken(store)


@pytest.mark.parametrize(("segment", "first"), [(1, 1), (2, 5), (3, 9)])
@pytest.mark.usefixtures("logged")
def test_a_segment_row_taken_away_is_found(store: SqlStore, behind: Engine, segment: int, first: int) -> None:
    """What was sealed would look as if it never had been."""
    tamper(behind, delete(audit_segments).where(of("web", segment)))
    found = broken(store)
    assert len(found) == 1
    # Without the newest one, its records look open; the end is where that shows.
    assert found == ([f"web/{first}"] if segment < 3 else ["web/16"])


@pytest.mark.parametrize("with_row", [True, False])
def test_a_whole_segment_taken_away_is_found(
    store: SqlStore, behind: Engine, logged: list[SealedHead], *, with_row: bool
) -> None:
    """A day could be wiped out."""
    tamper(behind, delete(audit).where(audit.c.writer == "web", audit.c.number.between(5, 8)))
    if with_row:
        tamper(behind, delete(audit_segments).where(of("web", 2)))
    assert broken(store) == broken(store, logged) == ["web/5"]


@pytest.mark.usefixtures("logged")
def test_records_taken_away_under_the_pretence_that_they_expired_are_found(store: SqlStore, behind: Engine) -> None:
    """Whoever has no key could pass what they took away for expired."""
    tamper(
        behind,
        delete(audit).where(audit.c.writer == "web", audit.c.number <= 4),
        update(audit_segments).where(of("web", 1)).values(expired_at=NOW + YEARS),
    )
    assert broken(store) == ["web/1"]


def test_what_truly_expired_can_not_be_used_to_say_so_of_another(
    store: SqlStore, behind: Engine, logged: list[SealedHead]
) -> None:
    """The row of an expired segment, which stays, would cover whatever it is copied to."""
    store.expire(NOW + SEGMENT + DAY / 2 + YEARS, 100)
    (row,) = rows(behind, of("web", 1))
    tamper(
        behind,
        delete(audit).where(audit.c.writer == "web", audit.c.number.between(5, 8)),
        update(audit_segments).where(of("web", 2)).values(expired_at=row["expired_at"], seal=row["seal"]),
    )
    assert broken(store, logged) == ["web/5"]


@pytest.mark.usefixtures("logged")
def test_records_put_into_an_expired_segment_are_found(store: SqlStore, behind: Engine) -> None:
    """A deed of long ago could be made up, where nothing is left to hold it against."""
    with behind.connect() as connection:
        kept = connection.execute(select(audit).where(audit.c.writer == "web", audit.c.number == 3)).one()._asdict()
    store.expire(NOW + SEGMENT + DAY / 2 + YEARS, 100)
    tamper(behind, insert(audit).values(**kept | {"number": 1}))
    assert broken(store) == ["web/1"]


@pytest.mark.usefixtures("logged")
def test_two_segments_exchanged_are_found(store: SqlStore, behind: Engine) -> None:
    """The order of days could be turned round."""
    first, second = rows(behind, of("web", 1)), rows(behind, of("web", 2))
    tamper(
        behind,
        delete(audit_segments).where(of("web", 1) | of("web", 2)),
        insert(audit_segments).values([first[0] | {"segment": 2}, second[0] | {"segment": 1}]),
    )
    assert broken(store) == ["web/1"]


@pytest.mark.usefixtures("logged")
def test_sealed_segments_can_not_be_opened_again(store: SqlStore, behind: Engine) -> None:
    """Whoever cuts all chains where they were sealed last, and takes those seals for the heads', would leave no trace."""
    for writer, segment in (("web", 3), ("worker", 2)):
        (row,) = rows(behind, of(writer, segment))
        tamper(
            behind,
            delete(audit).where(audit.c.writer == writer, audit.c.number > row["last"]),
            delete(audit_segments).where(of(writer, segment)),
            update(audit_heads)
            .where(audit_heads.c.writer == writer)
            .values(number=row["last"], chain=row["head"], segment=segment, seal=row["closed"]),
        )
    assert broken(store) == ["web/13", "worker/4"]


@pytest.mark.parametrize("writer", ["web", "worker"])
def test_a_chain_taken_away_as_a_whole_is_found(store: SqlStore, behind: Engine, logged: list[SealedHead], writer: str) -> None:
    """All that one server ever did could be forgotten; but another chain knows of its sealings, or it of theirs."""
    for table in (audit, audit_heads, audit_segments):
        tamper(behind, delete(table).where(table.c.writer == writer))
    assert broken(store)
    assert f"{writer}/1" in broken(store, logged)


def test_everything_taken_away_is_found_with_the_log(store: SqlStore, behind: Engine, logged: list[SealedHead]) -> None:
    """Whoever has the database could begin a new one."""
    for table in (audit, audit_heads, audit_segments):
        tamper(behind, delete(table))
    assert broken(store) == []
    assert broken(store, logged) == ["web/1", "worker/1"]
    append(store, event(1))
    assert "web/2" in broken(store, logged)


def test_a_trail_made_anew_by_who_has_the_key_is_found_with_the_log(
    store: SqlStore, worker: SqlStore, behind: Engine, logged: list[SealedHead]
) -> None:
    """Whoever has the whole machine could write a past of their own, in which nothing is wrong."""
    for table in (audit, audit_heads, audit_segments):
        tamper(behind, delete(table))
    for day in range(1, 4):
        record(store, range(day * 10 + 1, day * 10 + 5))
        seal(worker, NOW + day * SEGMENT + DAY / 2)
    assert broken(store) == []
    assert broken(store, logged) == ["web/1", "worker/1"]


def test_an_older_copy_put_back_is_found_with_the_log(
    store: SqlStore, worker: SqlStore, store_url: str, open_store: Callable[..., SqlStore], tmp_path: Path
) -> None:
    """Whatever was done since would never have happened, and nothing inside the copy can tell."""
    record(store, range(4))
    logged = seal(worker, NOW + 2 * SEGMENT)
    record(store, range(4, 6))
    engine = create_engine(store_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"VACUUM INTO '{tmp_path}/copy.db'")
    engine.dispose()
    record(store, range(6, 9))
    logged += seal(worker, NOW + 4 * SEGMENT)
    store.close()
    worker.close()
    file = Path(str(make_url(store_url).database))
    for beside in file.parent.glob(f"{file.name}-*"):
        beside.unlink()
    shutil.copy(tmp_path / "copy.db", file)
    again = open_store(store_url)
    assert broken(again) == []
    assert broken(again, logged) == ["web/7", "worker/2"]
