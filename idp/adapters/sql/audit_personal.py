"""Values that identify a person: they stand in a table of their own, and in the trail only by reference.

A reference is a keyed digest of the row it names, so that the trail's chain holds the row too; without the row, nothing can be
read from it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select

from idp.adapters.sql.border import storable
from idp.adapters.sql.tables import audit_heads, audit_personal
from idp.domain.audit import AuditEvent, AuditRecord, Change, Personal, RecordId, actor_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Row

    from idp.adapters.sql.audit_chain import Chain
    from idp.adapters.sql.border import Statements
    from idp.domain.audit import Value

_UP_TO = "up-to:"
_STEP = 500  # references in one statement

_ADD = insert(audit_personal)
_FIND = select(audit_personal.c.reference, audit_personal.c.value).where(
    audit_personal.c.reference.in_(bindparam("references", expanding=True))
)
_NAMED = select(audit_personal.c.subject).where(audit_personal.c.value == bindparam("wanted")).distinct()
_HEADS = select(audit_heads.c.writer, audit_heads.c.number).order_by(audit_heads.c.writer)
_ERASE = delete(audit_personal).where(audit_personal.c.subject == bindparam("whose"))


@dataclass(frozen=True, slots=True)
class SqlPersonal:
    """The table beside the trail."""

    statements: Statements
    chain: Chain

    def put_apart(self, event: AuditEvent, record: RecordId) -> dict[str, object]:
        """Keep what identifies a person; gives the content of the record, which refers to it."""

        def keep(value: Value | None) -> object:
            return self._keep(value, record) if isinstance(value, Personal) else value

        content: dict[str, object] = {}
        if event.person is not None:
            content["person"] = keep(event.person)
        if event.detail:
            content["detail"] = {name: keep(value) for name, value in event.detail.items()}
        if event.changes:
            content["changes"] = {name: [keep(change.before), keep(change.after)] for name, change in event.changes.items()}
        return content

    def put_together(self, rows: Sequence[Row[Any]]) -> list[AuditRecord]:
        """Read records with what they refer to, as far as it wasn't erased."""
        found = self._values({reference for row in rows for reference in references(row.content)})

        def read(value: Any) -> Value:  # noqa: ANN401  # from JSON
            return Personal(found.get(value["ref"]), value["of"]) if isinstance(value, dict) else str(value)

        return [_record(row, read) for row in rows]

    def subjects_named(self, value: str) -> set[str]:
        """Give all subjects that a value stands for."""
        return {row.subject for row in self.statements.rows(_NAMED, {"wanted": value})} if storable(value) else set()

    def erase(self, subject: str) -> dict[str, str]:
        """Delete all values of a subject; gives what is to be said of it in the trail.

        How many there were, and up to which record of each writer: a value that is missing behind it was not erased, but taken.
        """
        erased = self.statements.change(_ERASE, {"whose": subject})
        heads = self.statements.rows(_HEADS)
        return {"values": str(erased), **{f"{_UP_TO}{head.writer}": str(head.number) for head in heads}}

    def _keep(self, personal: Personal, record: RecordId) -> dict[str, str]:
        value = str(personal)
        subject = personal.subject or self.chain.pseudonym(value)
        salt = secrets.token_hex(16)
        row = {"writer": record.writer, "number": record.number, "subject": subject, "salt": salt, "value": value}
        reference = self.chain.reference(row)
        self.statements.change(_ADD, row | {"reference": reference})
        return {"ref": reference, "of": subject}

    def _values(self, wanted: set[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        left = sorted(wanted)
        while left:
            step, left = left[:_STEP], left[_STEP:]
            found |= {row.reference: row.value for row in self.statements.rows(_FIND, {"references": step})}
        return found


def references(content: Mapping[str, Any]) -> dict[str, str]:
    """Give the subject of each reference in a record's content."""
    return {str(value["ref"]): str(value["of"]) for value in _all_values(content) if isinstance(value, dict)}


def up_to(said: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """Read from what was said of an erasure up to which record of which writer it went."""
    for name, number in said.items():
        if name.startswith(_UP_TO):
            yield name.removeprefix(_UP_TO), int(number)


def _all_values(content: Mapping[str, Any]) -> Iterator[object]:
    yield content.get("person")
    yield from content.get("detail", {}).values()
    changes: Iterable[list[object]] = content.get("changes", {}).values()
    for change in changes:
        yield from change


def _record(row: Row[Any], read: Callable[[Any], Value]) -> AuditRecord:
    person = row.content.get("person")
    event = AuditEvent(
        at=row.at,
        action=row.action,
        actor=actor_of(row.actor, None if person is None else Personal(str(read(person)))),
        subject=row.subject,
        detail={name: read(value) for name, value in row.content.get("detail", {}).items()},
        changes={
            name: Change(*(None if value is None else read(value) for value in pair))
            for name, pair in row.content.get("changes", {}).items()
        },
    )
    return AuditRecord(RecordId(row.writer, row.number), event, row.request_id, row.chain)
