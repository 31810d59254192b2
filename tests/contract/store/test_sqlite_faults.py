"""When the database can't be read or written: said in one sentence, nothing half-written, and over when the cause is."""

from __future__ import annotations

import tempfile
import traceback
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from idp.domain.audit import AuditEvent
from idp.domain.grant import Token
from idp.errors import StoreUnavailable
from tests.contract.store.disks import FULL_DISKS, READ_ONLY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from idp.adapters.sql import SqlStore
    from tests.contract.store.disks import Disk
    from tests.contract.store.processes import Process

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
SHORT_S = 0.1
MUCH = {"fact": "x" * 50_000}


def append(store: SqlStore, detail: dict[str, str] | None = None) -> None:
    """Write something."""
    with store.transaction() as work:
        work.audit.append(AuditEvent(NOW, "a.thing", "service", detail=detail or {}))


def count(store: SqlStore) -> int:
    """Read all, and verify it."""
    with store.reading() as work:
        assert work.audit.verify() == []
        return len(work.audit.read())


def at(folder: Path) -> str:
    """Give the URL of a database in a folder."""
    return f"sqlite:///{folder}/koppel.db"


@pytest.fixture(params=FULL_DISKS, ids=lambda disk: disk.__name__)
def disk(request: pytest.FixtureRequest) -> Iterator[Disk]:
    """A disk to fill."""
    with request.param() as made:
        yield made


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that anybody may look into."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(params=READ_ONLY, ids=lambda way: way.__name__)
def read_only(request: pytest.FixtureRequest) -> Callable[[Path], AbstractContextManager[None]]:
    """A way to make a folder read-only for a while."""
    way: Callable[[Path], AbstractContextManager[None]] = request.param
    return way


def test_a_full_disk_keeps_what_there_is_and_takes_more_once_there_is_room(
    disk: Disk, open_store: Callable[..., SqlStore]
) -> None:
    """A full disk would damage the database, or need a restart after it was cleared."""
    store = open_store(at(disk.folder))
    append(store)
    disk.fill()
    with pytest.raises(StoreUnavailable, match=disk.says):
        append(store, MUCH)
    assert count(store) == 1
    with pytest.raises(StoreUnavailable, match=disk.says):
        append(store, MUCH)
    disk.clear()
    append(store, MUCH)
    assert count(store) == 2


def test_a_service_that_starts_on_a_full_disk(disk: Disk, open_store: Callable[..., SqlStore]) -> None:
    """SQLite can't even read then, and has no word for it; an operator would look for a fault of the disk."""
    store = open_store(at(disk.folder))
    append(store)
    store.close()
    disk.fill()
    with pytest.raises(StoreUnavailable, match=disk.says):
        append(store)
    disk.clear()
    append(store)
    assert count(store) == 2


def test_a_disk_that_is_full_at_the_first_start_leaves_no_half_made_tables(
    disk: Disk, open_store: Callable[..., SqlStore]
) -> None:
    """A service would never start again after a start on a full disk."""
    store = open_store(at(disk.folder))
    disk.fill()
    with pytest.raises(StoreUnavailable, match=disk.says):
        store.migrate()
    with pytest.raises(StoreUnavailable, match=disk.says):
        store.ping()
    disk.clear()
    append(store)
    assert count(store) == 1


def test_a_folder_that_is_read_only_at_the_first_start(
    folder: Path, open_store: Callable[..., SqlStore], read_only: Callable[[Path], AbstractContextManager[None]]
) -> None:
    """An operator would see a traceback instead of the word that helps."""
    store = open_store(at(folder))
    with read_only(folder), pytest.raises(StoreUnavailable, match="read-only"):
        store.migrate()
    append(store)
    assert count(store) == 1


def test_a_folder_that_becomes_read_only(
    folder: Path, open_store: Callable[..., SqlStore], read_only: Callable[[Path], AbstractContextManager[None]]
) -> None:
    """A remounted disk would make 500s, or need a restart after it was mended."""
    store = open_store(at(folder))
    append(store)
    store.close()
    with read_only(folder):
        with pytest.raises(StoreUnavailable, match="read-only"):
            append(store)
        with pytest.raises(StoreUnavailable, match="read-only"):
            store.ping()
    append(store)
    assert count(store) == 2


def test_a_lock_held_by_another_process(
    store_url: str, open_store: Callable[..., SqlStore], process: Callable[[str], Process]
) -> None:
    """A backup or a hung process would make every request hang, reading ones too."""
    store = open_store(store_url, SHORT_S)
    append(store)
    other = process("hold")
    assert other.hear() == "holding"
    with pytest.raises(StoreUnavailable, match="locked by another process"):
        append(store)
    assert count(store) == 1
    other.go_on()
    assert other.hear() == "let go"
    append(store)
    assert count(store) == 3


def test_a_process_killed_inside_a_transaction_leaves_nothing_of_it(store: SqlStore, process: Callable[[str], Process]) -> None:
    """After a kill -9 half of a reset would stand, or nobody could write any more."""
    append(store)
    other = process("hold")
    assert other.hear() == "holding"
    other.running.kill()
    other.running.wait()
    append(store)
    assert count(store) == 2


def test_too_many_writers_in_one_process(store_url: str, open_store: Callable[..., SqlStore]) -> None:
    """Requests would pile up without end behind a slow one."""
    store = open_store(store_url, SHORT_S)
    with ExitStack() as stack:
        stack.enter_context(store.transaction())
        with pytest.raises(StoreUnavailable, match="busy"):
            append(store)
    append(store)
    assert count(store) == 1


def test_a_file_taken_away_and_brought_back(folder: Path, open_store: Callable[..., SqlStore]) -> None:
    """What is written after that would go to a file without a name, and be lost."""
    store = open_store(at(folder))
    append(store)
    (folder / "koppel.db").rename(folder / "away.db")
    with pytest.raises(StoreUnavailable, match="not there"):
        append(store)
    with pytest.raises(StoreUnavailable, match="not there"):
        count(store)
    (folder / "away.db").rename(folder / "koppel.db")
    append(store)
    assert count(store) == 2


def test_a_file_replaced_by_another_one(folder: Path, open_store: Callable[..., SqlStore]) -> None:
    """A restored copy would not be used before a restart."""
    store, copy = open_store(at(folder)), open_store(f"sqlite:///{folder}/copy.db")
    append(store)
    for _ in range(3):
        append(copy)
    copy.close()
    for beside in ("koppel.db-wal", "koppel.db-shm"):
        (folder / beside).unlink()
    (folder / "copy.db").rename(folder / "koppel.db")
    assert count(store) == 3
    append(store)
    assert count(store) == 4


def test_a_damaged_file(folder: Path, open_store: Callable[..., SqlStore]) -> None:
    """An operator would not learn that it is time for the copy."""
    (folder / "koppel.db").write_bytes(b"this is no database at all" * 1000)
    with pytest.raises(StoreUnavailable, match="damaged"):
        open_store(at(folder)).migrate()


def test_a_folder_that_is_not_there(folder: Path, open_store: Callable[..., SqlStore]) -> None:
    """A typing error in the configuration would show as a traceback."""
    with pytest.raises(StoreUnavailable, match="not there"):
        open_store(at(folder / "nowhere")).migrate()


@pytest.mark.row("S35")
def test_no_digest_shows_in_what_is_told_of_an_error(store: SqlStore) -> None:
    """S35: digests and mail addresses would stand in the log."""
    orphan = Token("5ecre7d1gest", "access", "no such grant", "ing", "", "", NOW, NOW)
    with pytest.raises(StoreUnavailable, match="refused a row") as caught, store.transaction() as work:
        work.grants.add_token(orphan)
    told = "".join(traceback.format_exception(caught.value))
    assert "FOREIGN KEY" in told
    assert "5ecre7d1gest" not in told
