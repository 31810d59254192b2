"""The audit trail: a chain for each writer, so that on a database with locks by row no writer waits for another.

Rows are only ever added, until a whole segment expires (`audit_segments`); what holds them together is in `audit_chain`, who
looks whether they do in `audit_verify`, how they are read in `audit_reading`, what identifies a person in `audit_personal`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from idp.adapters.sql.audit_chain import Chain
from idp.adapters.sql.audit_personal import SqlPersonal
from idp.adapters.sql.audit_reading import SqlReading
from idp.adapters.sql.audit_segments import LAST_SEGMENT, SqlSegments
from idp.adapters.sql.audit_verify import Verification
from idp.adapters.sql.tables import audit, audit_heads
from idp.domain.audit import ERASED, AuditEvent, RecordId
from idp.domain.audit_query import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime, timedelta

    from idp.adapters.sql.border import Statements
    from idp.domain.audit import AuditRecord, Broken, SealedHead
    from idp.domain.audit_query import Tally, Wanted
    from idp.domain.digests import KeyedDigests

_ADD = insert(audit)
_HEAD = select(audit_heads).where(audit_heads.c.writer == bindparam("of")).with_for_update()
_SET_HEAD = (
    update(audit_heads)
    .where(audit_heads.c.writer == bindparam("of"))
    .values(number=bindparam("new_number"), chain=bindparam("new_chain"), seal=bindparam("new_seal"))
)
_ADD_HEAD = insert(audit_heads)
_ENDS = select(audit_heads.c.writer, audit_heads.c.number).order_by(audit_heads.c.writer)
_LAST = (
    select(audit.c.number, audit.c.chain)
    .where(audit.c.writer == bindparam("of"))
    .order_by(audit.c.number.desc())
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Writing:
    """In whose name a store writes.

    Args:
        writer: names a chain.
        request_id: gives the identifier of the request, command or work that is under way.
    """

    writer: str
    request_id: Callable[[], str]


@dataclass(frozen=True, slots=True)
class SqlAudit:
    """`ports.store.Audit`.

    Args:
        statements: of this unit of work.
        digests: under the key of the chains.
        writing: in whose name.
    """

    statements: Statements
    digests: KeyedDigests
    writing: Writing
    chain: Chain = field(init=False)
    personal: SqlPersonal = field(init=False)

    def __post_init__(self) -> None:
        """Put the parts together."""
        object.__setattr__(self, "chain", Chain(self.digests))
        object.__setattr__(self, "personal", SqlPersonal(self.statements, self.chain))

    def append(self, event: AuditEvent) -> None:
        """Add an event to this writer's chain."""
        head = self._head()
        record = RecordId(self.writing.writer, head.number + 1)
        values = {
            "writer": record.writer,
            "number": record.number,
            "at": event.at,
            "action": event.action,
            "actor": event.role,
            "subject": event.subject,
            "request_id": self.writing.request_id(),
            "content": self.personal.put_apart(event, record),
        }
        chain = self.chain.record(head.chain, values)
        self.statements.change(_ADD, values | {"chain": chain})
        self._set_head(_Head(record.number, chain, head.segment, self.chain.run(head.seal, chain)), event.at)

    def read(self, after: RecordId | None = None, limit: int = 100, wanted: Wanted = EVERYTHING) -> list[AuditRecord]:
        """Read on behind a record, oldest first. Raises `UnknownRecord`."""
        return SqlReading(self.statements, self.personal).read(after, limit, wanted)

    def newest(self, limit: int, wanted: Wanted = EVERYTHING) -> list[AuditRecord]:
        """Read the newest records, the oldest of them first."""
        return SqlReading(self.statements, self.personal).newest(limit, wanted)

    def tally(self, wanted: Wanted) -> list[Tally]:
        """Count records by actor and subject."""
        return SqlReading(self.statements, self.personal).tally(wanted)

    def subjects_named(self, value: str) -> set[str]:
        """Give all subjects that a value, such as a name or an address, was kept for."""
        return self.personal.subjects_named(value)

    def subject_of(self, value: str) -> str:
        """Give the subject of somebody of whom nothing is known but this: their DN, or their account."""
        return self.chain.pseudonym(value)

    def erase(self, subject: str, at: datetime, actor: str) -> int:
        """Delete all that identifies a person, and say so in the trail; tells how many values there were."""
        said = self.personal.erase(subject)
        erased = int(said["values"])
        if erased:
            self.append(AuditEvent(at, ERASED, actor, subject, said))
        return erased

    def seal(self, now: datetime) -> list[SealedHead]:
        """Close the open segments when their time has come."""
        sealed = SqlSegments(self.statements, self.chain).seal(now)
        for head in sealed:
            self.append(SqlSegments.note(head, now))
        return sealed

    def sealed(self) -> list[SealedHead]:
        """Give the newest sealed segment of each writer."""
        return SqlSegments(self.statements, self.chain).newest()

    def expire(self, now: datetime, kept: timedelta, limit: int) -> int:
        """Delete up to `limit` records of segments that are old enough; tells how many."""
        return SqlSegments(self.statements, self.chain).expire(now, now - kept, limit)

    def ends(self) -> list[RecordId]:
        """Give the last record of each chain, as far as it says so itself."""
        return [RecordId(row.writer, row.number) for row in self.statements.rows(_ENDS)]

    def verify(self, logged: Iterable[SealedHead] = ()) -> list[Broken]:
        """Give, for each chain that doesn't hold, its first wrong record."""
        return Verification(self.statements, self.chain).run(logged)

    def _head(self) -> _Head:
        writer = {"of": self.writing.writer}
        row = self.statements.row(_HEAD, writer)
        if row is not None:
            return _Head(row.number, row.chain, row.segment, row.seal)
        last, sealed = self.statements.row(_LAST, writer | {"most": 1}), self.statements.row(LAST_SEGMENT, writer)
        if last is None and sealed is None:
            return _Head(0, "", 1, self.chain.opened(self.writing.writer, 1, ""))
        # Somebody took the head away: events are still kept, and the seal never fits again.
        number, chain = max((row.number, row.chain) for row in (last, sealed) if row is not None)
        return _Head(number, chain, sealed.segment + 1 if sealed else 1, "")

    def _set_head(self, head: _Head, at: datetime) -> None:
        values = {"new_number": head.number, "new_chain": head.chain, "new_seal": head.seal}
        if self.statements.change(_SET_HEAD, {"of": self.writing.writer, **values}) == 0:
            row: dict[str, Any] = {"number": head.number, "chain": head.chain, "segment": head.segment, "seal": head.seal}
            self.statements.change(_ADD_HEAD, {"writer": self.writing.writer, "opened_at": at, **row})


@dataclass(frozen=True, slots=True)
class _Head:
    number: int
    chain: str
    segment: int
    seal: str
