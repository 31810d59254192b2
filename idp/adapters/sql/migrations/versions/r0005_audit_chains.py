"""The audit trail: a chain for each writer, in segments, and what identifies a person beside it.

What stands in the one chain of before is carried over as the first segment of a writer of its own, `before`: verified by
the rule of then, chained anew by the rule of now, and sealed. Where it did not hold, the trail says so from now on, with the
number of the first wrong record; nothing is made good by being carried over.

As every step of the past, this one keeps its rules to itself, the digests' too; the key comes with Alembic's configuration.
"""

from __future__ import annotations

import json
import secrets
from datetime import UTC
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import context, op

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from idp.domain.digests import KeyedDigests

revision = "0005"
down_revision = "0004"

_WRITER = "before"
_OPERATOR = "operator:"
_OF_A_PERSON = ("uid", "administratie", "dn")
_STEP = 1000
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the new tables, carry over, and take the old ones away."""
    # A copy, since the names of what belongs to a table would stay with it when it is renamed.
    op.execute("CREATE TABLE audit_of_before AS SELECT * FROM audit")
    op.create_index("ix_audit_of_before", "audit_of_before", ["number"])
    op.drop_table("audit")
    _make_tables()
    digests: KeyedDigests = context.config.attributes["digests"]
    _Carrying(op.get_bind(), digests).carry_all()
    op.drop_table("audit_of_before")
    op.drop_table("audit_head")


# -- the tables --------------------------------------------------------------------------------------------------------


def _make_tables() -> None:
    op.create_table(
        "audit",
        *(_column(name) for name in ("writer", "number", "at", "action", "actor", "subject", "request_id", "content", "chain")),
        sa.PrimaryKeyConstraint("writer", "number", name="pk_audit"),
        sqlite_with_rowid=False,
    )
    _index("audit", "at", "writer", "number")
    _index("audit", "subject", "at", "writer", "number")
    op.create_table(
        "audit_heads",
        *(_column(name) for name in ("writer", "number", "chain", "segment", "opened_at", "seal")),
        sa.PrimaryKeyConstraint("writer", name="pk_audit_heads"),
    )
    op.create_table(
        "audit_segments",
        *(_column(name) for name in ("writer", "segment", "first", "last", "previous", "head", "closed", "sealed_at")),
        _column("expired_at", optional=True),
        _column("seal"),
        sa.PrimaryKeyConstraint("writer", "segment", name="pk_audit_segments"),
    )
    _index("audit_segments", "expired_at", "sealed_at")
    op.create_table(
        "audit_personal",
        *(_column(name) for name in ("reference", "writer", "number", "subject", "salt", "value")),
        sa.PrimaryKeyConstraint("reference", name="pk_audit_personal"),
    )
    for columns in (("subject",), ("value",), ("writer", "number")):
        _index("audit_personal", *columns)


def _column(name: str, *, optional: bool = False) -> sa.Column[Any]:
    if name in ("number", "segment", "first", "last"):
        return sa.Column(name, sa.Integer(), nullable=False, autoincrement=False)
    kind = sa.JSON() if name == "content" else _MOMENT if name == "at" or name.endswith("_at") else sa.Text()
    return sa.Column(name, kind, nullable=optional)


def _index(table: str, *columns: str) -> None:
    op.create_index("_".join(("ix", table, *columns)), table, list(columns))


# -- what was there ----------------------------------------------------------------------------------------------------

_OLD = sa.table(
    "audit_of_before",
    sa.column("number", sa.Integer()),
    sa.column("at", _MOMENT),
    sa.column("action"),
    sa.column("actor"),
    sa.column("subject"),
    sa.column("detail", sa.JSON()),
    sa.column("chain"),
)
_OLD_HEAD = sa.table("audit_head", sa.column("number"), sa.column("chain"), sa.column("seal"))
_NEW = sa.table(
    "audit",
    *(sa.column(name) for name in ("writer", "number", "action", "actor", "subject", "request_id", "chain")),
    sa.column("at", _MOMENT),
    sa.column("content", sa.JSON()),
)
_PERSONAL = sa.table(
    "audit_personal", *(sa.column(name) for name in ("reference", "writer", "number", "subject", "salt", "value"))
)
_SEGMENTS = sa.table(
    "audit_segments",
    *(sa.column(name) for name in ("writer", "segment", "first", "last", "previous", "head", "closed", "seal")),
    sa.column("sealed_at", _MOMENT),
    sa.column("expired_at", _MOMENT),
)
_HEADS = sa.table(
    "audit_heads",
    *(sa.column(name) for name in ("writer", "number", "chain", "segment", "seal")),
    sa.column("opened_at", _MOMENT),
)


class _Carrying:
    """From the old chain, followed by the old rule, to the new one."""

    def __init__(self, connection: sa.Connection, digests: KeyedDigests) -> None:
        self.connection = connection
        self.digests = digests
        self.old = (0, "", "")  # number, chain and seal by the old rule
        self.broken_at: int | None = None
        self.number, self.chain, self.seal = 0, "", ""  # by the new one
        self.latest: datetime | None = None

    def carry_all(self) -> None:
        """Carry every record over, and seal them; nothing is done where there is none."""
        self.seal = self._digest("open", _WRITER, "1", "")
        for row in self._rows():
            self._check(row)
            self._add(_in_utc(row.at), row.action, row.actor, row.subject, row.detail)
        head = self.connection.execute(sa.select(_OLD_HEAD)).first()
        if self.broken_at is None and (tuple(head) if head else (0, "", "")) != self.old:
            self.broken_at = self.old[0] + 1
        if self.latest is None and self.broken_at is None:
            return
        self._seal_up(self.latest or _in_utc(self.connection.execute(sa.select(sa.func.now(type_=_MOMENT))).scalar_one()))

    def _rows(self) -> Iterator[sa.Row[Any]]:
        after = None
        while True:
            query = sa.select(_OLD).order_by(_OLD.c.number).limit(_STEP)
            rows = self.connection.execute(query if after is None else query.where(_OLD.c.number > after)).fetchall()
            if not rows:
                return
            yield from rows
            after = rows[-1].number

    def _check(self, row: sa.Row[Any]) -> None:
        number, chain, seal = self.old
        said = [number + 1, _text(row.at), row.action, row.actor, row.subject, row.detail]
        chain = self._digest("record", chain, json.dumps(said, sort_keys=True, separators=(",", ":")))
        self.old = (number + 1, chain, self._digest("head", seal, chain))
        if self.broken_at is None and (row.number, row.chain) != (number + 1, chain):
            self.broken_at = number + 1

    def _add(self, at: datetime, action: str, actor: str, subject: str, detail: dict[str, str]) -> None:
        self.number += 1
        content: dict[str, Any] = {}
        if actor.startswith(_OPERATOR):
            who = actor.removeprefix(_OPERATOR)
            actor, content["person"] = "operator", self._beside(who, self._pseudonym(who))
        for name, value in detail.items():
            attribute, _, when = name.partition(":")
            told = self._beside(value, subject or self._pseudonym(value)) if attribute in _OF_A_PERSON else value
            if when:
                pair = content.setdefault("changes", {}).setdefault(attribute, [None, None])
                pair[when == "after"] = told
            else:
                content.setdefault("detail", {})[name] = told
        said = [_WRITER, self.number, _text(at), action, actor, subject, "", content]
        self.chain = self._digest("record", self.chain, json.dumps(said, sort_keys=True, separators=(",", ":")))
        self.seal = self._digest("head", self.seal, self.chain)
        self.latest = max(at, self.latest or at)
        row = {"writer": _WRITER, "number": self.number, "at": at, "action": action, "actor": actor, "subject": subject}
        self.connection.execute(sa.insert(_NEW), row | {"request_id": "", "content": content, "chain": self.chain})

    def _beside(self, value: str, subject: str) -> dict[str, str]:
        salt = secrets.token_hex(16)
        reference = self._digest("personal", _WRITER, str(self.number), subject, salt, value)
        row = {"reference": reference, "writer": _WRITER, "number": self.number, "subject": subject, "salt": salt, "value": value}
        self.connection.execute(sa.insert(_PERSONAL), row)
        return {"ref": reference, "of": subject}

    def _pseudonym(self, value: str) -> str:
        return f"value:{self._digest('pseudonym', value.removeprefix('dn:').casefold())[:32]}"

    def _seal_up(self, at: datetime) -> None:
        said = {"records": str(self.number)} | ({} if self.broken_at is None else {"broken-at": str(self.broken_at)})
        self._add(at, "audit.carried-over", "service", "", said)
        last, head, closed = self.number, self.chain, self._digest("closed", self.seal)
        covered = [_WRITER, 1, 1, last, "", head, closed, _text(at), None]
        row = {"writer": _WRITER, "segment": 1, "first": 1, "last": last, "previous": "", "head": head, "closed": closed}
        row |= {"sealed_at": at, "expired_at": None, "seal": self._digest("segment", json.dumps(covered))}
        self.connection.execute(sa.insert(_SEGMENTS), row)
        self.seal = self._digest("open", _WRITER, "2", head)
        note = {"writer": _WRITER, "segment": "1", "records": str(last), "head": head}
        self._add(at, "audit.segment-sealed", "service", "", note)
        row = {"writer": _WRITER, "number": self.number, "chain": self.chain, "segment": 2, "opened_at": at, "seal": self.seal}
        self.connection.execute(sa.insert(_HEADS), row)

    def _digest(self, *parts: str) -> str:
        return self.digests.digest("audit", *parts)  # type: ignore[arg-type]  # the purpose by its word of then


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _text(moment: datetime) -> str:
    return _in_utc(moment).isoformat(timespec="microseconds")
