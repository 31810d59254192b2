"""Reads the audit trail, in the order of time whoever wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, func, select, tuple_

from idp.adapters.sql.border import storable
from idp.adapters.sql.tables import Moment, audit
from idp.domain.audit_query import Tally, Wanted
from idp.errors import UnknownRecord

if TYPE_CHECKING:
    from idp.adapters.sql.audit_personal import SqlPersonal
    from idp.adapters.sql.border import Statements
    from idp.domain.audit import AuditRecord, RecordId

_TIME_ORDER = (audit.c.at, audit.c.writer, audit.c.number)
_READ = select(audit).order_by(*_TIME_ORDER).limit(bindparam("most"))
_NEWEST = select(audit).order_by(*(column.desc() for column in _TIME_ORDER)).limit(bindparam("most"))
_BEHIND = tuple_(*_TIME_ORDER) > tuple_(bindparam("after_at", type_=Moment), bindparam("after_writer"), bindparam("after_number"))
_PLACE = select(audit.c.at).where(audit.c.writer == bindparam("of"), audit.c.number == bindparam("number"))
_TALLY = (
    select(
        audit.c.actor,
        audit.c.subject,
        func.count().label("records"),
        func.min(audit.c.at, type_=Moment).label("first"),
        func.max(audit.c.at, type_=Moment).label("last"),
    )
    .group_by(audit.c.actor, audit.c.subject)
    .order_by(audit.c.actor, audit.c.subject)
)

_Values = dict[str, object]


@dataclass(frozen=True, slots=True)
class SqlReading:
    """Answers what is asked."""

    statements: Statements
    personal: SqlPersonal

    def read(self, after: RecordId | None, limit: int, wanted: Wanted) -> list[AuditRecord]:
        """Read on behind a record, oldest first. Raises `UnknownRecord`."""
        place = self._place(after)
        statement = _READ.where(_BEHIND) if place else _READ
        return self.personal.put_together(self._rows(statement, {"most": limit, **place}, wanted))

    def newest(self, limit: int, wanted: Wanted) -> list[AuditRecord]:
        """Read the newest records, the oldest of them first."""
        return self.personal.put_together(self._rows(_NEWEST, {"most": limit}, wanted)[::-1])

    def tally(self, wanted: Wanted) -> list[Tally]:
        """Count records by actor and subject."""
        return [Tally(row.actor, row.subject, row.records, row.first, row.last) for row in self._rows(_TALLY, {}, wanted)]

    def _rows(self, statement: Select[Any], values: _Values, wanted: Wanted) -> list[Any]:
        narrowed, more = _narrowed(statement, wanted)
        return list(self.statements.rows(narrowed, values | more))

    def _place(self, record: RecordId | None) -> _Values:
        if record is None:
            return {}
        found = self.statements.row(_PLACE, {"of": record.writer, "number": record.number}) if storable(record.writer) else None
        if found is None:
            raise UnknownRecord
        return {"after_at": found.at, "after_writer": record.writer, "after_number": record.number}


def _narrowed(statement: Select[Any], wanted: Wanted) -> tuple[Select[Any], _Values]:
    """Add to a statement what is wanted, and give the values for it. What can't be stored is nowhere."""
    values: _Values = {}
    if wanted.subjects is not None:
        statement = statement.where(audit.c.subject.in_(bindparam("subjects", expanding=True)))
        values["subjects"] = sorted(filter(storable, wanted.subjects))
    if wanted.action.endswith("."):
        statement = statement.where(_beginning(wanted.action) == bindparam("action"))
    elif wanted.action:
        statement = statement.where(audit.c.action == bindparam("action"))
    if wanted.action:
        values["action"] = wanted.action if storable(wanted.action) else ""
    if wanted.leave_out:
        statement = statement.where(_beginning(wanted.leave_out) != bindparam("leave_out"))
        values["leave_out"] = wanted.leave_out
    if wanted.since is not None:
        statement = statement.where(audit.c.at >= bindparam("since", type_=Moment))
        values["since"] = wanted.since
    return statement, values


def _beginning(prefix: str) -> Any:  # noqa: ANN401  # SQLAlchemy's own type of an expression says no more
    return func.substr(audit.c.action, 1, len(prefix))
