"""The store: units of work over one database."""

from __future__ import annotations

import os
import threading
import weakref
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import insert, make_url, update
from sqlalchemy.exc import ArgumentError

from idp.adapters.sql.audit import SqlAudit, Writing
from idp.adapters.sql.border import Statements
from idp.adapters.sql.capabilities import SqlCapabilities
from idp.adapters.sql.changes import SqlChanges
from idp.adapters.sql.clients import SqlClients
from idp.adapters.sql.entries import SqlEntries
from idp.adapters.sql.grants import SqlGrants
from idp.adapters.sql.logout_notices import SqlLogoutNotices
from idp.adapters.sql.outbox import SqlOutbox
from idp.adapters.sql.registration_tokens import SqlRegistrationTokens
from idp.adapters.sql.resets import SqlResets
from idp.adapters.sql.schema import migrate, revision_of
from idp.adapters.sql.sqlite import SqliteFile
from idp.adapters.sql.tables import pulse
from idp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from idp.adapters.sql.sqlite import Lane
    from idp.domain.digests import KeyedDigests

BUSY_TIMEOUT_S = 5.0

KEPT_RESETS = timedelta(days=30)
"""So long a dead link is told why it is dead, and support can look a request up."""

KEPT_LETTERS = timedelta(days=30)
"""After they were sent or dropped: much longer than the window of any limit that counts them."""

KEPT_CAPABILITIES = timedelta(days=1)
"""Past their end. A used captcha solution, or what a client signed, must be remembered for as long as it could be played again,
also when the clock is set back a little."""

KEPT_TOKENS = timedelta(days=1)
"""Past their end, whether revoked or not; what is unknown and what is expired are the same to any client."""

KEPT_CHANGES = timedelta(days=60)
"""After they were told: twice as long as the embedded directory keeps them in its log."""

KEPT_GRANTS = timedelta(days=365)
"""After they were revoked or, without any token left, last used."""

KEPT_REGISTRATION_TOKENS = timedelta(days=30)
"""Past their end: so long an operator can see in the list why one is refused."""

KEPT_AUDIT = timedelta(days=400)
"""Unless the configuration says otherwise (`audit.keep_days`)."""

NOBODY = Writing("store", str)
"""Whoever opens a store without saying in whose name: not to write to the audit."""


@dataclass(frozen=True, slots=True)
class SqlTransaction:
    """All repositories, in one unit of work."""

    resets: SqlResets
    outbox: SqlOutbox
    logout_notices: SqlLogoutNotices
    capabilities: SqlCapabilities
    grants: SqlGrants
    clients: SqlClients
    registration_tokens: SqlRegistrationTokens
    audit: SqlAudit
    changes: SqlChanges
    entries: SqlEntries

    @classmethod
    def on(cls, statements: Statements, digests: KeyedDigests, writing: Writing) -> SqlTransaction:
        """Put all of them on one connection."""
        return cls(
            resets=SqlResets(statements),
            outbox=SqlOutbox(statements),
            logout_notices=SqlLogoutNotices(statements),
            capabilities=SqlCapabilities(statements),
            grants=SqlGrants(statements),
            clients=SqlClients(statements),
            registration_tokens=SqlRegistrationTokens(statements),
            audit=SqlAudit(statements, digests, writing),
            changes=SqlChanges(statements),
            entries=SqlEntries(statements),
        )


class SqlStore:
    """`ports.store.Store`.

    Threads share it; each unit of work has a connection of its own, opened when it is first needed. Before a fork idle
    connections are closed, since SQLite's must never reach a child; a unit of work must not be under way then.
    """

    def __init__(
        self,
        url: str,
        digests: KeyedDigests,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
        writing: Writing = NOBODY,
        kept_audit: timedelta = KEPT_AUDIT,
    ) -> None:
        """Prepare; the database is not touched.

        Args:
            url: `sqlite:////an/absolute/path`.
            digests: under the key of the audit's chains.
            busy_timeout_s: how long a writer waits for its turn, in seconds.
            writing: in whose name the audit is written.
            kept_audit: how long a segment of the audit is kept after it was sealed.

        Raises:
            ConfigurationError: not a URL that this can use.
        """
        self._database = _database(url, busy_timeout_s)
        self._digests = digests
        self._writing = writing
        self._kept_audit = kept_audit
        self._writers = self._database.writers()
        self._readers = self._database.readers()
        self._migrated = threading.Event()
        _close_before_fork(weakref.WeakMethod(self.close))

    def migrate(self) -> None:
        """Make the database, or bring it up to date; done by the first use as well.

        Raises:
            StoreUnavailable: not now.
            ConfigurationError: made by a newer version of this service.
        """
        with self._database.border():
            migrate(self._database, self._digests)
        self._migrated.set()

    def copy_to(self, path: Path) -> str:
        """Copy the database as it is at this moment, while others write to it.

        Args:
            path: of an empty file.

        Returns:
            the revision of its schema, which is left as it is.

        Raises:
            StoreUnavailable: it can't be read, or the copy can't be written.
            ConfigurationError: made by a newer version of this service.
        """
        with self._database.border():
            revision = revision_of(self._database)
        with SqliteFile(path, self._database.busy_timeout_s).border():
            self._database.copy_to(path)
        return revision

    def close(self) -> None:
        """Close the connections that are not in use; the next use opens new ones."""
        self._writers.engine.dispose()
        self._readers.engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[SqlTransaction]:
        """Open a unit of work that writes. Raises `StoreUnavailable`."""
        with self._work(self._writers) as statements:
            yield SqlTransaction.on(statements, self._digests, self._writing)

    @contextmanager
    def reading(self) -> Iterator[SqlTransaction]:
        """Open a unit of work that only reads, from one snapshot. Raises `StoreUnavailable`."""
        with self._work(self._readers) as statements:
            yield SqlTransaction.on(statements, self._digests, self._writing)

    def expire(self, now: datetime, limit: int) -> Mapping[str, int]:
        """Delete up to `limit` rows of each kind that nothing needs any more; tells how many.

        Each kind is a transaction of its own, so that other writers come in between.
        """
        steps: dict[str, Callable[[SqlTransaction], int]] = {
            "capabilities": lambda work: work.capabilities.expire(now - KEPT_CAPABILITIES, limit),
            "tokens": lambda work: work.grants.expire_tokens(now - KEPT_TOKENS, limit),
            "grants": lambda work: work.grants.expire(now - KEPT_GRANTS, limit),
            "registration_tokens": lambda work: work.registration_tokens.expire(now - KEPT_REGISTRATION_TOKENS, limit),
            "resets": lambda work: work.resets.expire(now - KEPT_RESETS, limit),
            "outbox": lambda work: work.outbox.expire(now - KEPT_LETTERS, limit),
            "changes": lambda work: work.changes.expire(now - KEPT_CHANGES, limit),
            "audit": lambda work: work.audit.expire(now, self._kept_audit, limit),
        }
        deleted = {}
        for kind, step in steps.items():
            with self.transaction() as work:
                deleted[kind] = step(work)
        return deleted

    def ping(self) -> None:
        """Read and write one thing. Raises `StoreUnavailable`."""
        with self._work(self._writers) as statements:
            if statements.change(_BEAT) == 0:
                statements.change(_FIRST_BEAT)

    @contextmanager
    def _work(self, lane: Lane) -> Iterator[Statements]:
        if not self._migrated.is_set():
            self.migrate()
        border = self._database.border
        with border():
            connection = lane.open()
        try:
            yield Statements(connection, border)
            with border():
                connection.commit()
        finally:
            with border():
                connection.close()  # rolls back what was not committed


_BEAT = update(pulse).values(beats=pulse.c.beats + 1)
_FIRST_BEAT = insert(pulse).values(id=1, beats=1)


def _close_before_fork(close: weakref.WeakMethod[Callable[[], None]]) -> None:
    def run() -> None:
        method = close()
        if method is not None:
            method()

    os.register_at_fork(before=run)


def _database(url: str, busy_timeout_s: float) -> SqliteFile:
    try:
        parsed = make_url(url)
    except ArgumentError as exc:
        message = "store.url is no database URL; write sqlite:////an/absolute/path."
        raise ConfigurationError(message) from exc
    path = Path(parsed.database or "")
    if parsed.get_backend_name() != "sqlite" or not path.is_absolute():
        message = "store.url must name a SQLite file by its absolute path: sqlite:////an/absolute/path."
        raise ConfigurationError(message)
    return SqliteFile(path, busy_timeout_s)
