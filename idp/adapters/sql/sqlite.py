"""All that is particular to SQLite: how its file is made, opened and locked, and what its errors mean.

PostgreSQL gets a sibling of this module; nothing else here speaks a dialect.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, NullPool, Pool, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.util import LRUCache

from idp.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy.engine import Dialect
    from sqlalchemy.pool import ConnectionPoolEntry

_READERS = 8  # connections kept open; more are opened as needed, up to _READERS_AT_MOST
_READERS_AT_MOST = 64

_URL = make_url("sqlite://")
# What a statement is in SQL is worked out once in a process. SQLAlchemy's engines do so each for itself, and share what is of one
# dialect only: both lanes, and each database that a process opens, would begin anew.
_COMPILED: LRUCache[Any, Any] = LRUCache(500)

_FULL = "The disk of the database is full."
_READ_ONLY = "The database is read-only."
_LOCKED = "The database is locked by another process."
_DAMAGED = "The database file is damaged."
_MEANINGS = (
    ("SQLITE_BUSY", _LOCKED),
    ("SQLITE_LOCKED", _LOCKED),
    ("SQLITE_FULL", _FULL),
    ("SQLITE_READONLY", _READ_ONLY),
    ("SQLITE_CORRUPT", _DAMAGED),
    ("SQLITE_NOTADB", _DAMAGED),
    ("SQLITE_CONSTRAINT", "The database refused a row that contradicts another."),
)


@dataclass(frozen=True, slots=True)
class Lane:
    """One way in, with a pool of its own.

    Args:
        engine: gives connections.
        begin: how a unit of work begins.
    """

    engine: Engine
    begin: str

    def open(self) -> Connection:
        """Give a connection on which a unit of work has begun; to be committed, and closed in any case."""
        connection = self.engine.connect()
        try:
            connection.begin()
            # Said to the driver itself, which is in autocommit mode: it would begin late, and never IMMEDIATE. (An event
            # of SQLAlchemy's would do as well, and slow down every statement.)
            connection.connection.cursor().execute(self.begin)
        except BaseException:
            connection.close()
            raise
        return connection


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """One database file.

    Args:
        path: absolute.
        busy_timeout_s: how long to wait for another writer, in seconds.
    """

    path: Path
    busy_timeout_s: float

    def writers(self) -> Lane:
        """Give the lane that writes: one connection for each process, which threads queue for.

        SQLite has one writer at a time anyway. Waiting in the pool's queue is fair and wakes at once; SQLite's own
        waiting, which is left for other processes, is a poll with growing pauses.
        """
        engine = self._engine(None, QueuePool, pool_size=1, max_overflow=0, timeout=self.busy_timeout_s)
        return Lane(engine, "BEGIN IMMEDIATE")

    def readers(self) -> Lane:
        """Give the lane that reads, each unit of work from one snapshot; it can't write."""
        engine = self._engine(
            "PRAGMA query_only = ON",
            QueuePool,
            pool_size=_READERS,
            max_overflow=_READERS_AT_MOST - _READERS,
            timeout=self.busy_timeout_s,
        )
        return Lane(engine, "BEGIN")

    @contextmanager
    def schema_work(self) -> Iterator[Connection]:
        """Begin to make or change the schema; one process at a time comes this far.

        The file is made if it isn't there, readable by its owner only (the files beside it get the same mode), and put
        into WAL mode, which stays in the file. SQLite doesn't wait for other processes when it changes that mode,
        hence a lock file.
        """
        lock = _open_private(self.path.with_name(self.path.name + ".lock"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            os.close(_open_private(self.path))
            engine = self._engine("PRAGMA journal_mode = WAL", NullPool)
            with Lane(engine, "BEGIN IMMEDIATE").open() as connection:
                yield connection
        finally:
            os.close(lock)

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """Begin to look at an existing file, and leave no connection open."""
        with Lane(self._engine(None, NullPool), "BEGIN").open() as connection:
            yield connection

    def copy_to(self, path: Path) -> None:
        """Write all of it, as it is at this moment, into an empty file; writers go on meanwhile.

        What was deleted is not in the copy. Raises `sqlite3.Error`, also where the file turns out to be damaged.
        """
        connection = self._connect(None)
        try:
            connection.execute("VACUUM INTO ?", (str(path),))
        finally:
            connection.close()
        copy = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
        try:
            if copy.execute("PRAGMA quick_check").fetchone() != ("ok",):
                raise sqlite3.DatabaseError(_DAMAGED)
        finally:
            copy.close()

    def exists(self) -> bool:
        """Tell whether there is a database to look at; an empty file is none."""
        return self.path.exists() and self.path.stat().st_size > 0

    @staticmethod
    def ready(connection: Connection) -> bool:
        """Tell whether the file is in WAL mode; a copy made by VACUUM INTO is not."""
        return connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"

    @contextmanager
    def border(self) -> Iterator[None]:
        """Translate what SQLAlchemy, the driver and the file system raise. Raises `StoreUnavailable`."""
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error, OSError) as exc:
            raise StoreUnavailable(self._sentence(exc)) from exc

    def _sentence(self, exc: Exception) -> str:
        if isinstance(exc, PoolTimeoutError):
            return "The database is busy: too much waits to be written."
        original = exc.orig if isinstance(exc, DBAPIError) else exc
        name = str(getattr(original, "sqlite_errorname", ""))
        for beginning, sentence in _MEANINGS:
            if name.startswith(beginning):
                return sentence
        return self._look_around()

    def _look_around(self) -> str:
        """Find out what the driver doesn't say: it calls most of these SQLITE_IOERR or SQLITE_CANTOPEN."""
        if self._no_room():
            return _FULL
        if self._read_only():
            return _READ_ONLY
        if not self.path.exists():
            return "The database file is not there."
        return "The database can't be read or written."

    def _no_room(self) -> bool:
        try:
            return os.statvfs(self.path.parent).f_bavail == 0
        except OSError:
            return False

    def _read_only(self) -> bool:
        folder = self.path.parent
        writable = _writable(folder) and (not self.path.exists() or _writable(self.path))
        return folder.exists() and not writable

    def _engine(self, pragma: str | None, pool: Callable[..., Pool], **pool_options: float) -> Engine:
        def connect() -> sqlite3.Connection:
            return self._connect(pragma)

        # hide_parameters: digests and mail addresses must not show up in a traceback.
        dialect = _dialect()
        engine = Engine(pool(connect, dialect=dialect, **pool_options), dialect, _URL, hide_parameters=True)
        engine.update_execution_options(compiled_cache=_COMPILED)

        @event.listens_for(engine, "connect")
        def _remember_file(_connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
            record.info["file"] = self._identity()

        @event.listens_for(engine, "checkout")
        def _same_file(_connection: sqlite3.Connection, record: ConnectionPoolEntry, _fairy: object) -> None:
            # A file that was replaced, by a restore, would otherwise be written to for ever without a name.
            if record.info["file"] != self._identity():
                raise DisconnectionError

        return engine

    def _connect(self, pragma: str | None) -> sqlite3.Connection:
        # mode=rw: never makes a file. Connections go from thread to thread, one at a time, through the pool.
        connection = sqlite3.connect(
            f"file:{quote(str(self.path))}?mode=rw",
            uri=True,
            timeout=self.busy_timeout_s,
            isolation_level=None,
            check_same_thread=False,
        )
        # secure_delete: what was erased is overwritten, and not left in pages that are free (some builds have it, some have not).
        for statement in ("PRAGMA foreign_keys = ON", "PRAGMA synchronous = FULL", "PRAGMA secure_delete = ON", pragma):
            if statement:
                connection.execute(statement)
        return connection

    def _identity(self) -> tuple[int, int]:
        status = self.path.stat()
        return status.st_dev, status.st_ino


@cache
def _dialect() -> Dialect:
    # Asks an empty database in memory what this SQLite can do.
    engine = create_engine(_URL)
    engine.connect().close()
    return engine.dialect


def _open_private(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=True)
