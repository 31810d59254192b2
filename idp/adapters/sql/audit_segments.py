"""Segments of the audit trail: closed together, and expired together.

All open segments are closed in one round, whoever writes them, when the oldest of them has been open for `SEGMENT`: so nothing
that one chain says of another (that a segment was sealed, that a person was erased) expires before what it is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from idp.adapters.sql.tables import Moment, audit, audit_heads, audit_personal, audit_segments
from idp.domain.audit import SEGMENT, SEGMENT_SEALED, AuditEvent, SealedHead

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from idp.adapters.sql.audit_chain import Chain
    from idp.adapters.sql.border import Statements

LAST_SEGMENT = (
    select(audit_segments.c.segment, audit_segments.c.last.label("number"), audit_segments.c.head.label("chain"))
    .where(audit_segments.c.writer == bindparam("of"))
    .order_by(audit_segments.c.segment.desc())
    .limit(1)
)

_HEADS = select(audit_heads).order_by(audit_heads.c.writer).with_for_update()
_ADD = insert(audit_segments)
_OPEN = (
    update(audit_heads)
    .where(audit_heads.c.writer == bindparam("of"))
    .values(segment=bindparam("new_segment"), opened_at=bindparam("now", type_=Moment), seal=bindparam("new_seal"))
)
_NEWEST = select(audit_segments).where(
    audit_segments.c.writer == bindparam("of"), audit_segments.c.segment == bindparam("segment_before")
)

_DUE = select(audit_segments).where(
    audit_segments.c.expired_at.is_(None), audit_segments.c.sealed_at <= bindparam("until", type_=Moment)
)
_MARK = (
    update(audit_segments)
    .where(audit_segments.c.writer == bindparam("of"), audit_segments.c.segment == bindparam("which"))
    .values(expired_at=bindparam("now", type_=Moment), seal=bindparam("new_seal"))
)
_LAST_EXPIRED = select(func.max(audit_segments.c.last).label("last")).where(
    audit_segments.c.writer == bindparam("of"), audit_segments.c.expired_at.is_not(None)
)
_FROM = (
    select(audit.c.number)
    .where(audit.c.writer == bindparam("of"), audit.c.number <= bindparam("last"))
    .order_by(audit.c.number.desc())
    .limit(bindparam("most"))
)
_DELETE = tuple(
    delete(table).where(table.c.writer == bindparam("of"), table.c.number.between(bindparam("low"), bindparam("high")))
    for table in (audit_personal, audit)
)


@dataclass(frozen=True, slots=True)
class SqlSegments:
    """Closes and expires."""

    statements: Statements
    chain: Chain

    def seal(self, now: datetime) -> list[SealedHead]:
        """Close every open segment that holds something, if their time has come."""
        heads = self.statements.rows(_HEADS)
        # Also when the clock was set back.
        if not any(abs(now - head.opened_at) >= SEGMENT for head in heads):
            return []
        sealed = [self._close(head, now) for head in heads]
        return [head for head in sealed if head is not None]

    @staticmethod
    def note(head: SealedHead, now: datetime) -> AuditEvent:
        """Say in the trail what is said in the log: of a chain that was taken away as a whole, another one knows."""
        detail = {"writer": head.writer, "segment": str(head.segment), "records": str(head.records), "head": head.head}
        return AuditEvent(now, SEGMENT_SEALED, "service", "", detail)

    def newest(self) -> list[SealedHead]:
        """Give the newest sealed segment of each writer."""
        found = []
        for head in self.statements.rows(_HEADS):
            row = self.statements.row(_NEWEST, {"of": head.writer, "segment_before": head.segment - 1})
            found += [sealed_head(row)] if row else []
        return found

    def expire(self, now: datetime, until: datetime, limit: int) -> int:
        """Expire what was sealed before `until`, and delete up to `limit` records of expired segments."""
        for row in self.statements.rows(_DUE, {"until": until}):
            self._mark(row, now)
        deleted = 0
        for head in self.statements.rows(_HEADS):
            deleted += self._delete(head.writer, limit - deleted)
        return deleted

    def _close(self, head: Row[Any], now: datetime) -> SealedHead | None:
        before = self.statements.row(LAST_SEGMENT, {"of": head.writer})
        first, previous = (before.number + 1, before.chain) if before else (1, "")
        segment = head.segment
        if head.number >= first:
            row = {
                "writer": head.writer,
                "segment": segment,
                "first": first,
                "last": head.number,
                "previous": previous,
                "head": head.chain,
                "closed": self.chain.closed(head.seal),
                "sealed_at": now,
                "expired_at": None,
            }
            self.statements.change(_ADD, row | {"seal": self.chain.segment(row)})
            segment += 1
        seal = self.chain.opened(head.writer, segment, head.chain) if segment > head.segment else head.seal
        self.statements.change(_OPEN, {"of": head.writer, "new_segment": segment, "now": now, "new_seal": seal})
        return SealedHead(head.writer, head.segment, head.number - first + 1, head.chain) if segment > head.segment else None

    def _mark(self, row: Row[Any], now: datetime) -> None:
        # A row that somebody has changed is left as it is, or our own seal would make it good.
        if row.seal == self.chain.segment(row._asdict()):
            seal = self.chain.segment(row._asdict() | {"expired_at": now})
            self.statements.change(_MARK, {"of": row.writer, "which": row.segment, "now": now, "new_seal": seal})

    def _delete(self, writer: str, limit: int) -> int:
        """Delete from the end, so that what is left of a segment begins where it began, and can still be verified."""
        expired = self.statements.row(_LAST_EXPIRED, {"of": writer})
        if expired is None or expired.last is None or limit <= 0:
            return 0
        rows: Sequence[Row[Any]] = self.statements.rows(_FROM, {"of": writer, "last": expired.last, "most": limit})
        if rows:
            span = {"of": writer, "low": rows[-1].number, "high": expired.last}
            for statement in _DELETE:
                self.statements.change(statement, span)
        return len(rows)


def sealed_head(row: Row[Any]) -> SealedHead:
    """Give what is said in the log of a segment."""
    return SealedHead(row.writer, row.segment, row.last - row.first + 1, row.head)
