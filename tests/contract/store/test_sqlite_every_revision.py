"""A database that any revision left, with rows in its tables: brought up to date at the first use, and nothing of it is lost."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.config import Config

from idp.adapters.sql import migrations
from idp.adapters.sql.sqlite import SqliteFile
from idp.domain.digests import KeyedDigests
from tests.contract.store.another_process import KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.adapters.sql import SqlStore

VERSIONS = Path(migrations.__file__).parent / "versions"
REVISIONS = sorted(path.name[1:5] for path in VERSIONS.glob("r*.py"))
FIRST = Path(__file__).with_name("first_revision.sql").read_text(encoding="utf-8")
CHAINED = "0005"
"""From here on each writer of the audit has a chain; before it, the audit's rows had another shape."""

WRITTEN_BY_THEMSELVES = ("audit", "alembic_version")
VALUES = {"INTEGER": 1, "BOOLEAN": 1, "JSON": "{}", "DATETIME": "2026-03-04 10:00:00.000000"}

Rows = dict[str, list[dict[str, object]]]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What each revision left: the first one's rows, carried on, and a row in each table that came later."""
    folder = tmp_path_factory.mktemp("revisions")
    path = folder / "koppel.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(FIRST)
    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent))
    config.attributes["digests"] = KeyedDigests(KEY)
    kept = {}
    for revision in REVISIONS:
        with SqliteFile(path, busy_timeout_s=1.0).schema_work() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            connection.commit()
        with closing(sqlite3.connect(path)) as database, database:
            fill(database)
        kept[revision] = Path(shutil.copy(path, folder / f"{revision}.db"))
    return kept


def fill(database: sqlite3.Connection) -> None:
    """Put a row into each empty table, but those of the audit."""
    for table, rows in rows_of(database).items():
        if rows or table.startswith(WRITTEN_BY_THEMSELVES):
            continue
        parents = parents_of(database, table)
        columns = [(row[1], row[2]) for row in database.execute(f'PRAGMA table_info("{table}")')]
        values = [parents.get(name, VALUES.get(kind, "a value")) for name, kind in columns]
        database.execute(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(values))})', values)  # noqa: S608  # our own


def parents_of(database: sqlite3.Connection, table: str) -> dict[str, object]:
    """Give what the rows of a table can hang on, by column."""
    found = {}
    for _, _, parent, column, its, *_ in database.execute(f'PRAGMA foreign_key_list("{table}")').fetchall():
        found[column] = database.execute(f'SELECT "{its}" FROM "{parent}"').fetchone()[0]  # noqa: S608  # our own
    return found


def rows_of(database: sqlite3.Connection) -> Rows:
    """Read everything, by table."""
    database.row_factory = sqlite3.Row
    tables = [row["name"] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = {table: [dict(row) for row in database.execute(f'SELECT * FROM "{table}"')] for table in tables}  # noqa: S608  # our own
    database.row_factory = None
    return rows


def test_each_revision_has_rows_in_its_tables(left: dict[str, Path]) -> None:
    """What is tried with empty tables shows nothing."""
    assert REVISIONS[-1] == migrations.HEAD
    for path in left.values():
        with closing(sqlite3.connect(path)) as database:
            assert {table for table, rows in rows_of(database).items() if not rows} <= {"audit_segments"}


@pytest.mark.parametrize("revision", REVISIONS)
def test_nothing_is_lost(left: dict[str, Path], tmp_path: Path, open_store: Callable[..., SqlStore], revision: str) -> None:
    """Who skips a version at an upgrade, or restores an old backup, would lose tokens, letters, or who did what."""
    path = Path(shutil.copy(left[revision], tmp_path / "koppel.db"))
    with closing(sqlite3.connect(path)) as database:
        before = rows_of(database)
    store = open_store(f"sqlite:///{path}")
    with store.reading() as work:
        assert work.audit.verify() == []
    with closing(sqlite3.connect(path)) as database:
        after = rows_of(database)
    assert after.pop("alembic_version") == [{"version_num": migrations.HEAD}]
    del before["alembic_version"]
    assert len(after["audit"]) >= len(before["audit"])
    if revision < CHAINED:
        del before["audit"], before["audit_head"]
    for table, rows in before.items():
        found = [{name: row.get(name, old[name]) for name in old} for row, old in zip(after[table], rows, strict=True)]
        assert found == rows, table
