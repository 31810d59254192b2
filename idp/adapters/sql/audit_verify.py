"""Looks whether the audit trail holds: chain by chain, segment by segment, record by record, in memory that doesn't grow with it.

What the chains can't show by themselves is looked up in what was said of them: in the log, where there is one, and in the trail,
where the sealing of each segment is noted in the chain of whoever sealed it. Whoever takes a chain away as a whole, or puts an
older copy of the database back, can't take that back.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import chain as joined
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from idp.adapters.sql.audit_personal import references, up_to
from idp.adapters.sql.audit_segments import sealed_head
from idp.adapters.sql.tables import audit, audit_heads, audit_personal, audit_segments
from idp.domain.audit import CARRIED_OVER, ERASED, SEGMENT_SEALED, Broken, Fault, RecordId, SealedHead

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Row

    from idp.adapters.sql.audit_chain import Chain
    from idp.adapters.sql.border import Statements

_STEP = 1000  # records in memory at a time

_HEAD = select(audit_heads).where(audit_heads.c.writer == bindparam("of"))
_SEGMENTS = (
    select(audit_segments)
    .where(audit_segments.c.writer == bindparam("of"), audit_segments.c.segment > bindparam("after"))
    .order_by(audit_segments.c.segment)
    .limit(_STEP)
)
_RECORDS = (
    select(audit)
    .where(audit.c.writer == bindparam("of"), audit.c.number > bindparam("after"), audit.c.number <= bindparam("last"))
    .order_by(audit.c.number)
    .limit(_STEP)
)
_PERSONAL = select(audit_personal).where(
    audit_personal.c.writer == bindparam("of"), audit_personal.c.number.between(bindparam("low"), bindparam("high"))
)
_NEXT_WRITER = tuple(
    select(func.min(table.c.writer).label("writer")).where(table.c.writer > bindparam("after"))
    for table in (audit, audit_heads, audit_segments)
)
_ENDLESS = 2**62


@dataclass(slots=True)
class _Walk:
    """How far a chain was followed, and how it stands there."""

    writer: str
    number: int = 0
    chain: str = ""
    seal: str = ""

    def broken(self, fault: Fault) -> _Stop:
        """Say that the next record is the first wrong one."""
        return _Stop(Broken(RecordId(self.writer, self.number + 1), fault))


class _Stop(Exception):  # no error: the end of a walk, which nobody outside sees
    def __init__(self, broken: Broken) -> None:
        super().__init__()
        self.broken = broken


@dataclass(slots=True)
class Verification:
    """One look at all chains."""

    statements: Statements
    chain: Chain
    _noted: dict[tuple[str, int], SealedHead] = field(default_factory=dict)
    _segments: dict[tuple[str, int], Row[Any]] = field(default_factory=dict)
    _missing: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    _erased: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    _found: dict[str, Broken] = field(default_factory=dict)
    _ends: dict[str, int] = field(default_factory=dict)

    def run(self, logged: Iterable[SealedHead]) -> list[Broken]:
        """Look, and give the first wrong record of each chain that doesn't hold."""
        for writer in self._writers():
            try:
                self._follow(writer)
            except _Stop as stop:
                self._add(stop.broken)
        self._compare_with(joined(logged, self._noted.values()))
        self._compare_notes()
        for (writer, subject), numbers in self._missing.items():
            late = [number for number in numbers if number > self._erased[writer, subject]]
            if late:
                self._add(Broken(RecordId(writer, late[0]), Fault.PERSONAL))
        return sorted(self._found.values(), key=lambda broken: broken.record)

    def _add(self, broken: Broken) -> None:
        known = self._found.get(broken.record.writer)
        if known is None or broken.record.number < known.record.number:
            self._found[broken.record.writer] = broken

    def _writers(self) -> Iterator[str]:
        after = ""
        while True:
            rows = [self.statements.row(statement, {"after": after}) for statement in _NEXT_WRITER]
            names = [str(row.writer) for row in rows if row is not None and row.writer is not None]
            if not names:
                return
            after = min(names)
            yield after

    def _follow(self, writer: str) -> None:
        walk = _Walk(writer)
        segment = 0
        while rows := self.statements.rows(_SEGMENTS, {"of": writer, "after": segment}):
            for row in rows:
                segment += 1
                self._sealed(walk, segment, row)
        walk.seal = self.chain.opened(writer, segment + 1, walk.chain)
        self._records(walk, _ENDLESS)
        head = self.statements.row(_HEAD, {"of": writer})
        if head is None or (head.number, head.chain, head.segment, head.seal) != (
            walk.number, walk.chain, segment + 1, walk.seal,
        ):  # fmt: skip
            raise walk.broken(Fault.CUT)
        self._ends[writer] = walk.number

    def _sealed(self, walk: _Walk, segment: int, row: Row[Any]) -> None:
        expected = (segment, walk.number + 1, walk.chain, self.chain.segment(row._asdict()))
        if (row.segment, row.first, row.previous, row.seal) != expected:
            raise walk.broken(Fault.SEGMENT)
        walk.seal = self.chain.opened(row.writer, segment, walk.chain)
        self._records(walk, row.last)
        if row.expired_at is None:
            if walk.number < row.last:
                raise walk.broken(Fault.MISSING)
            if (walk.chain, self.chain.closed(walk.seal)) != (row.head, row.closed):
                raise walk.broken(Fault.CUT)
        self._segments[row.writer, segment] = row
        walk.number, walk.chain = row.last, row.head

    def _records(self, walk: _Walk, last: int) -> None:
        while rows := self.statements.rows(_RECORDS, {"of": walk.writer, "after": walk.number, "last": last}):
            beside = self._personal(walk.writer, walk.number + 1, rows[-1].number)
            for row in rows:
                self._record(walk, row, beside)

    def _record(self, walk: _Walk, row: Row[Any], beside: Mapping[int, Sequence[Row[Any]]]) -> None:
        if row.number != walk.number + 1:
            raise walk.broken(Fault.MISSING)
        if row.chain != self.chain.record(walk.chain, row._asdict()):
            raise walk.broken(Fault.ALTERED)
        self._persons(walk, row, beside.get(row.number, ()))
        self._said(walk, row)
        walk.number, walk.chain, walk.seal = row.number, row.chain, self.chain.run(walk.seal, row.chain)

    def _personal(self, writer: str, low: int, high: int) -> Mapping[int, Sequence[Row[Any]]]:
        found: dict[int, list[Row[Any]]] = defaultdict(list)
        for row in self.statements.rows(_PERSONAL, {"of": writer, "low": low, "high": high}):
            found[row.number].append(row)
        return found

    def _persons(self, walk: _Walk, row: Row[Any], beside: Sequence[Row[Any]]) -> None:
        named = references(row.content)
        for value in beside:
            if value.reference != self.chain.reference(value._asdict()):
                raise walk.broken(Fault.PERSONAL)
        for reference in set(named) - {value.reference for value in beside}:
            self._missing[row.writer, named[reference]].append(row.number)

    def _said(self, walk: _Walk, row: Row[Any]) -> None:
        """Keep what a record says of chains."""
        detail = row.content.get("detail", {})
        if row.action == SEGMENT_SEALED:
            head = SealedHead(detail["writer"], int(detail["segment"]), int(detail["records"]), detail["head"])
            self._noted[head.writer, head.segment] = head
        elif row.action == ERASED:
            for writer, number in up_to(detail):
                self._erased[writer, row.subject] = max(self._erased[writer, row.subject], number)
        elif row.action == CARRIED_OVER and "broken-at" in detail:
            self._add(Broken(RecordId(walk.writer, int(detail["broken-at"])), Fault.CARRIED))

    def _compare_with(self, heads: Iterable[SealedHead]) -> None:
        for said in heads:
            row = self._segments.get((said.writer, said.segment))
            if row is not None and sealed_head(row) != said:
                self._add(Broken(RecordId(said.writer, row.first), Fault.NOT_AS_SEALED))
            elif row is None and said.writer not in self._found:
                self._add(Broken(RecordId(said.writer, self._ends.get(said.writer, 0) + 1), Fault.NOT_AS_SEALED))

    def _compare_notes(self) -> None:
        for place, row in self._segments.items():
            if row.expired_at is None and place not in self._noted:
                self._add(Broken(RecordId(row.writer, row.first), Fault.UNNOTED))
