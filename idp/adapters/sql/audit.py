"""The audit trail as a hash chain.

Each record's chain is an HMAC over the chain before it and all that the record says, so that nothing can be changed, put
in or taken out unseen by whoever lacks the key. What a chain alone can't show is a missing end: the last records cut off.
So the head keeps one more HMAC, the *seal*, over its former value and the newest chain; former seals are kept nowhere, and
nobody can make one for a shorter trail. (Who puts a whole older copy of the database back is not found out by anything
inside it.)
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from idp.adapters.sql.border import storable
from idp.adapters.sql.tables import audit, audit_head
from idp.domain.audit import AuditEvent, AuditRecord
from idp.domain.capability import Purpose

if TYPE_CHECKING:
    from sqlalchemy import Row

    from idp.adapters.sql.border import Statements
    from idp.domain.digests import KeyedDigests

_STEP = 1000  # records of verify in memory at a time

_ADD = insert(audit)
_HEAD = select(audit_head)
_SET_HEAD = update(audit_head).values(number=bindparam("new_number"), chain=bindparam("new_chain"), seal=bindparam("new_seal"))
_ADD_HEAD = insert(audit_head)
_LAST = select(audit.c.number, audit.c.chain).order_by(audit.c.number.desc()).limit(1)
_READ = select(audit).where(audit.c.number > bindparam("after")).order_by(audit.c.number).limit(bindparam("most"))
_READ_SUBJECT = _READ.where(audit.c.subject == bindparam("subject"))


@dataclass(frozen=True, slots=True)
class SqlAudit:
    """`ports.store.Audit`.

    Args:
        statements: of this unit of work.
        digests: under the key of the chain.
    """

    statements: Statements
    digests: KeyedDigests

    def append(self, event: AuditEvent) -> None:
        """Add an event, chained to the one before."""
        head = self._head()
        number = head.number + 1
        chain = self._chain(head.chain, number, event)
        values = {
            "number": number,
            "at": event.at,
            "action": event.action,
            "actor": event.actor,
            "subject": event.subject,
            "detail": dict(event.detail),
            "chain": chain,
        }
        self.statements.change(_ADD, values)
        self._set_head(_Head(number, chain, self._seal(head.seal, chain)))

    def read(self, after: int = 0, limit: int = 100, subject: str | None = None) -> list[AuditRecord]:
        """Read on from a number, oldest first."""
        values: dict[str, object] = {"after": after, "most": limit}
        if subject is None:
            return [_record(row) for row in self.statements.rows(_READ, values)]
        if not storable(subject):
            return []
        return [_record(row) for row in self.statements.rows(_READ_SUBJECT, values | {"subject": subject})]

    def verify(self) -> int | None:
        """Give the number of the first record whose chain is broken or that is missing, or None."""
        number, chain, seal = 0, "", ""
        while step := self.read(number, _STEP):
            for record in step:
                number += 1
                chain = self._chain(chain, number, record.event)
                seal = self._seal(seal, chain)
                if (record.number, record.chain) != (number, chain):
                    return number
        head = self._head()
        return None if (head.number, head.chain, head.seal) == (number, chain, seal) else number + 1

    def _head(self) -> _Head:
        row = self.statements.row(_HEAD)
        if row is not None:
            return _Head(row.number, row.chain, row.seal)
        # The very beginning; or else somebody took the head away: events are still kept, and the seal never fits again.
        last = self.statements.row(_LAST)
        return _Head(last.number, last.chain, "") if last else _Head(0, "", "")

    def _set_head(self, head: _Head) -> None:
        values = {"new_number": head.number, "new_chain": head.chain, "new_seal": head.seal}
        if self.statements.change(_SET_HEAD, values) == 0:
            first = {"id": 1, "number": head.number, "chain": head.chain, "seal": head.seal}
            self.statements.change(_ADD_HEAD, first)

    def _chain(self, before: str, number: int, event: AuditEvent) -> str:
        at = event.at.astimezone(UTC).isoformat(timespec="microseconds")
        said = [number, at, event.action, event.actor, event.subject, dict(event.detail)]
        canonical = json.dumps(said, sort_keys=True, separators=(",", ":"))
        return self.digests.digest(Purpose.AUDIT, "record", before, canonical)

    def _seal(self, before: str, chain: str) -> str:
        return self.digests.digest(Purpose.AUDIT, "head", before, chain)


@dataclass(frozen=True, slots=True)
class _Head:
    number: int
    chain: str
    seal: str


def _record(row: Row[Any]) -> AuditRecord:
    event = AuditEvent(row.at, row.action, row.actor, row.subject, row.detail)
    return AuditRecord(row.number, event, row.chain)
