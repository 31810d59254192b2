"""The schema and the file: made once, by one process, for its owner's eyes only."""

from __future__ import annotations

import fcntl
import os
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from idp.adapters.sql import SqlStore, migrations
from idp.adapters.sql.sqlite import SqliteFile
from idp.adapters.sql.tables import metadata
from idp.domain.digests import KeyedDigests
from idp.domain.mail import Letter
from idp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

    from tests.contract.store.processes import Process


@pytest.fixture
def loose_umask() -> Iterator[None]:
    """A process that lets everybody read what it makes."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_the_migrations_make_the_tables_that_the_code_uses(behind: Engine) -> None:
    """A new column would be there in no database but a developer's."""
    with behind.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_version_looked_for_is_the_newest_one() -> None:
    """Every start would take the slow way, or the newest step would never be taken."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.HEAD


def test_a_second_start_changes_nothing(store_url: str, open_store: Callable[..., SqlStore], behind: Engine) -> None:
    """A restart would lose what is kept."""
    open_store(store_url).ping()
    again = open_store(store_url)
    again.migrate()
    again.migrate()
    again.ping()
    with behind.connect() as connection:
        assert connection.execute(text("SELECT beats FROM pulse")).scalars().all() == [2]


def test_whoever_comes_second_waits_for_the_first_to_make_the_tables(tmp_path: Path, process: Callable[[str], Process]) -> None:
    """Web and worker, started together the first time: now and then one would say "locked" and die."""
    second = process("migrate")
    assert second.hear() == "ready"
    with (tmp_path / "koppel.db.lock").open("w") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        second.go_on()
        assert second.is_silent(for_s=0.5)
    assert second.hear() == "alembic"


def test_a_database_of_a_newer_version_is_left_alone(store_url: str, open_store: Callable[..., SqlStore], behind: Engine) -> None:
    """An older version, started by mistake, would write to tables that it doesn't know."""
    with behind.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match="newer version"):
        open_store(store_url).ping()


def test_letters_that_waited_before_an_upgrade_are_found_by_their_owner(tmp_path: Path) -> None:
    """Whoever imports again after the upgrade would mail everybody twice."""
    file = SqliteFile(tmp_path / "koppel.db", busy_timeout_s=1.0)
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with file.schema_work() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for name, facts in (("about", '{"owner": "uuid-1"}'), ("none", "{}")):
            connection.execute(
                text(
                    "INSERT INTO outbox (id, letter, facts, created_at, next_attempt_at, attempts, state, outcome, mailbox, "
                    "with_ticket) VALUES (:name, 'invitation', :facts, :now, :now, 0, 'waiting', '', '', 0)"
                ),
                {"name": name, "facts": facts, "now": "2026-03-04 10:00:00.000000"},
            )
        connection.commit()
    store = SqlStore(f"sqlite:///{tmp_path}/koppel.db", KeyedDigests(b"k" * 32))
    with store.reading() as work:
        found = work.outbox.about_owner(Letter.INVITATION, "uuid-1", datetime(2026, 3, 4, tzinfo=UTC))
        assert [row.id for row in found] == ["about"]
    store.close()


@pytest.mark.usefixtures("loose_umask")
def test_only_its_owner_can_read_the_database(tmp_path: Path, open_store: Callable[..., SqlStore]) -> None:
    """Everybody on the machine could read who asked for what, and the mail addresses."""
    open_store(f"sqlite:///{tmp_path}/koppel.db").ping()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("koppel.db", "koppel.db-shm", "koppel.db-wal", "koppel.db.lock"), 0o600)


def test_what_is_committed_survives_a_power_cut(tmp_path: Path, open_store: Callable[..., SqlStore]) -> None:
    """A token that was revoked would live again after a power cut (synchronous=FULL is 2)."""
    open_store(f"sqlite:///{tmp_path}/koppel.db").migrate()
    lane = SqliteFile(tmp_path / "koppel.db", busy_timeout_s=1.0).writers()
    with lane.open() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    lane.engine.dispose()
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_copy_goes_back_to_the_mode_in_which_readers_wait_for_nobody(
    tmp_path: Path, open_store: Callable[..., SqlStore]
) -> None:
    """After a restore every reader would wait for every writer: VACUUM INTO loses the mode."""
    open_store(f"sqlite:///{tmp_path}/koppel.db").ping()
    engine = create_engine(f"sqlite:///{tmp_path}/koppel.db", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM INTO :copy"), {"copy": str(tmp_path / "copy.db")})
    engine.dispose()
    copy = open_store(f"sqlite:///{tmp_path}/copy.db")
    with copy.reading() as reading:
        assert reading.clients.all() == []
        copy.ping()


@pytest.mark.parametrize(
    "url", ["", "koppel.db", "sqlite://", "sqlite:///:memory:", "sqlite:///relative.db", "postgresql://db/koppel"]
)
def test_a_url_that_names_no_file_is_refused(url: str) -> None:
    """Everything would be kept in memory, or in whatever folder the process was started from."""
    with pytest.raises(ConfigurationError, match=r"store\.url"):
        SqlStore(url, KeyedDigests(b"k" * 32))


def test_a_path_may_hold_what_means_something_in_a_url(tmp_path: Path, open_store: Callable[..., SqlStore]) -> None:
    """A folder named with a space, a percent or a question mark would break the service."""
    odd = tmp_path / "100% é ?mode=memory #1"
    odd.mkdir()
    open_store(f"sqlite:///{odd}/koppel.db".replace("?", "%3F")).ping()
    assert [path.parent for path in tmp_path.rglob("koppel.db")]
