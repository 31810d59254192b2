"""An audit trail of before there was a chain for each writer: carried over, and nothing made good by it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from idp.adapters.sql import migrations
from idp.adapters.sql.sqlite import SqliteFile
from tests.contract.store.trails import append, broken, event, seal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from idp.adapters.sql import SqlStore
    from idp.domain.audit import AuditRecord

TRAIL = Path(__file__).with_name("trail_of_before.sql").read_text(encoding="utf-8").splitlines()[1:]
LAST = datetime(2026, 3, 4, 17, 11, 12, 345678, tzinfo=UTC)
USER = "11111111-aaaa-4000-8000-000000000008"


@pytest.fixture
def carry_over(tmp_path: Path, open_store: Callable[..., SqlStore]) -> Callable[..., SqlStore]:
    """A way to open what an earlier version has left, after somebody was at it."""

    def carry(*tampering: str, rows: Iterable[str] = TRAIL) -> SqlStore:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        with SqliteFile(tmp_path / "koppel.db", busy_timeout_s=1.0).schema_work() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "0004")
            for statement in (*rows, *tampering):
                connection.exec_driver_sql(statement)
            connection.commit()
        return open_store(f"sqlite:///{tmp_path}/koppel.db")

    return carry


def read(store: SqlStore) -> list[AuditRecord]:
    """Read all records."""
    with store.reading() as work:
        return work.audit.read()


def test_what_was_there_is_there_and_holds(carry_over: Callable[..., SqlStore], tmp_path: Path) -> None:
    """An upgrade would forget who did what, or cry wolf."""
    store = carry_over()
    found = read(store)
    assert [str(record.id) for record in found] == [f"before/{number}" for number in range(1, 11)]
    assert [record.event.action for record in found] == [
        "user.invited", "letter.sent", "client.added", "token.issued", "owner.mail-changed", "user.renamed",
        "directory.modified", "user.blocked", "audit.carried-over", "audit.segment-sealed",
    ]  # fmt: skip
    assert found[0].event.actor == "operator:dn:cn=Piet,ou=support,dc=u4bsw,dc=nl"
    assert str(found[0].event.detail["uid"]) == "U4BBGA0008"
    rename = found[5].event.changes["uid"]
    assert (str(rename.before), str(rename.after)) == ("U4BBGA0008", "U4BBGA0077")
    assert (found[7].event.at, found[7].event.detail) == (LAST, {"reason": "not-me", "grants": "1", "é": "ü"})
    assert found[8].event.detail == {"records": "8"}
    assert broken(store) == []
    engine = create_engine(f"sqlite:///{tmp_path}/koppel.db")
    with engine.connect() as connection:
        left = connection.execute(text("SELECT name FROM sqlite_master WHERE name LIKE '%before%' OR name = 'audit_head'"))
        assert left.fetchall() == []
    engine.dispose()


def test_it_goes_on_expires_and_is_erased_as_all_the_rest(carry_over: Callable[..., SqlStore]) -> None:
    """What an earlier version wrote would be kept for ever, and nobody in it could be forgotten."""
    store = carry_over()
    append(store, event(1))
    heads = seal(store, LAST + timedelta(days=1))
    assert [(head.writer, head.segment, head.records) for head in heads] == [("before", 2, 1), ("web", 1, 1)]
    with store.transaction() as work:
        assert work.audit.subjects_named("U4BBGA0077") == {USER}
        assert work.audit.erase(USER, LAST, "operator:root") == 3
    assert broken(store, heads) == []
    assert "U4BBGA" not in str([str(record.event.detail.get("uid")) for record in read(store)])
    assert store.expire(LAST + timedelta(days=400), 100)["audit"] == 9
    assert broken(store, heads) == []


@pytest.mark.parametrize(
    ("tampering", "first"),
    [
        ("UPDATE audit SET actor = 'owner' WHERE number = 3", 3),
        ("DELETE FROM audit WHERE number = 1", 1),
        ("DELETE FROM audit WHERE number = 8", 8),
        ("DELETE FROM audit_head", 9),
        ("UPDATE audit_head SET seal = ''", 9),
        ("DELETE FROM audit", 1),
    ],
)
def test_what_did_not_hold_is_told_for_as_long_as_it_is_kept(
    carry_over: Callable[..., SqlStore], tampering: str, first: int
) -> None:
    """Whoever tampered with it had only to wait for the upgrade."""
    store = carry_over(tampering)
    assert broken(store) == [f"before/{first}"]
    append(store, event(1))
    seal(store, LAST + timedelta(days=1))
    assert broken(store) == [f"before/{first}"]


def test_where_nothing_was_nothing_is_carried(carry_over: Callable[..., SqlStore]) -> None:
    """The trail of a new installation would begin with something that never was."""
    store = carry_over(rows=())
    assert (read(store), broken(store)) == ([], [])
