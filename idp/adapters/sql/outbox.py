"""Letters that wait or were sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, update

from idp.adapters.sql.tables import outbox
from idp.adapters.sql.waiting import is_due, moments
from idp.domain.mail import Letter, OutboxRow, OutboxState

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row

    from idp.adapters.sql.border import Statements

SENDING = "sending"
"""The outcome of a letter that a worker holds."""

_WAITING = outbox.c.state == str(OutboxState.WAITING)
_ADD = insert(outbox)
_HELD = outbox.c.outcome == SENDING
_DUE = (
    select(outbox)
    .where(_WAITING, is_due(outbox, _HELD))
    .order_by(outbox.c.next_attempt_at, outbox.c.created_at, outbox.c.id)
    .limit(1)
)
_LEASE = (
    update(outbox)
    .where(outbox.c.id == bindparam("the_id"))
    .values(attempts=bindparam("tries"), next_attempt_at=bindparam("until"), outcome=SENDING)
)
_RELEASE = update(outbox).where(_WAITING, _HELD).values(next_attempt_at=bindparam("now"), outcome="released")
# A worker whose lease ran out, and whose letter another one took, has no say any more on when it is due.
_PUT_OFF = (
    update(outbox)
    .where(outbox.c.id == bindparam("the_id"), _WAITING, outbox.c.attempts == bindparam("tries"))
    .values(next_attempt_at=bindparam("at"), outcome=bindparam("word"))
)
_FINISH = (
    update(outbox)
    .where(outbox.c.id == bindparam("the_id"), _WAITING)
    .values(
        state=bindparam("to_state"),
        outcome=bindparam("word"),
        mailbox=bindparam("to_mailbox"),
        finished_at=bindparam("at"),
    )
)
_SENT_TO = select(func.count()).where(
    and_(
        outbox.c.letter == bindparam("kind"),
        outbox.c.state == str(OutboxState.SENT),
        outbox.c.mailbox == bindparam("mailbox"),
        outbox.c.with_ticket == bindparam("with_ticket"),
        outbox.c.finished_at >= bindparam("since"),
    )
)
_AMEND = (
    update(outbox)
    .where(
        outbox.c.id == bindparam("the_id"),
        outbox.c.state != str(OutboxState.SENT),
        outbox.c.outcome != SENDING,
    )
    .values(
        facts=bindparam("new_facts"),
        next_attempt_at=bindparam("at"),
        state=str(OutboxState.WAITING),
        outcome="",
        finished_at=None,
    )
)
_ABOUT_OWNER = (
    select(outbox)
    .where(
        outbox.c.owner == bindparam("owner"),
        outbox.c.letter == bindparam("kind"),
        or_(_WAITING, and_(outbox.c.finished_at >= bindparam("since"), outbox.c.state == str(OutboxState.SENT))),
    )
    .order_by(outbox.c.created_at, outbox.c.id)
)
_WAITING_NOW = select(func.count().label("letters"), func.min(outbox.c.created_at).label("oldest")).where(_WAITING)
_EXPIRE = delete(outbox).where(
    outbox.c.id.in_(select(outbox.c.id).where(outbox.c.finished_at < bindparam("before")).limit(bindparam("most")))
)


@dataclass(frozen=True, slots=True)
class SqlOutbox:
    """`ports.store.Outbox`."""

    statements: Statements

    def add(self, row: OutboxRow) -> None:
        """Queue a letter."""
        self.statements.change(_ADD, _values(row))

    def take_due(self, now: datetime, lease_until: datetime) -> OutboxRow | None:
        """Give the letter that is due longest, with `attempts` raised, and put it off to `lease_until`."""
        found = self.statements.row(_DUE, moments(now))
        if found is None:
            return None
        row = _letter(found)
        taken = replace(row, attempts=row.attempts + 1, next_attempt_at=lease_until, outcome=SENDING)
        self.statements.change(_LEASE, {"the_id": row.id, "tries": taken.attempts, "until": lease_until})
        return taken

    def release_leases(self, now: datetime) -> int:
        """Make every letter due whose outcome is `sending`; tells how many."""
        return self.statements.change(_RELEASE, {"now": now})

    def put_off(self, row: OutboxRow, next_attempt_at: datetime, outcome: str) -> None:
        """Try again later, unless another worker has it by now."""
        values = {"the_id": row.id, "tries": row.attempts, "at": next_attempt_at, "word": outcome}
        self.statements.change(_PUT_OFF, values)

    def finish(self, row: OutboxRow) -> None:
        """Keep its state, outcome, mailbox and finished_at."""
        self.statements.change(
            _FINISH,
            {
                "the_id": row.id,
                "to_state": str(row.state),
                "word": row.outcome,
                "to_mailbox": row.mailbox,
                "at": row.finished_at,
            },
        )

    def sent_to(self, mailbox: str, letter: Letter, with_ticket: bool, since: datetime) -> int:  # noqa: FBT001  # as in the port
        """Count the letters of one kind that were sent to a mailbox."""
        values = {"mailbox": mailbox, "kind": str(letter), "with_ticket": with_ticket, "since": since}
        row = self.statements.row(_SENT_TO, values)
        return int(row[0]) if row else 0

    def amend(self, row: OutboxRow) -> None:
        """Keep its facts and when it is due, unless it is being sent or was; one that was dropped waits again."""
        self.statements.change(_AMEND, {"the_id": row.id, "new_facts": dict(row.facts), "at": row.next_attempt_at})

    def about_owner(self, letter: Letter, owner_uuid: str, since: datetime) -> list[OutboxRow]:
        """Give the letters of one kind about an owner that wait, or that were sent since a moment."""
        values = {"kind": str(letter), "owner": owner_uuid, "since": since}
        return [_letter(row) for row in self.statements.rows(_ABOUT_OWNER, values)]

    def waiting(self) -> tuple[int, datetime | None]:
        """Count the letters that wait, and tell when the oldest was queued."""
        row = self.statements.row(_WAITING_NOW)
        return (row.letters, row.oldest) if row else (0, None)

    def expire(self, before: datetime, limit: int) -> int:
        """Delete those finished before a moment."""
        return self.statements.change(_EXPIRE, {"before": before, "most": limit})


def _values(row: OutboxRow) -> dict[str, object]:
    return {
        "id": row.id,
        "letter": str(row.letter),
        "facts": dict(row.facts),
        "owner": row.facts.get("owner", ""),
        "created_at": row.created_at,
        "next_attempt_at": row.next_attempt_at,
        "attempts": row.attempts,
        "state": str(row.state),
        "outcome": row.outcome,
        "mailbox": row.mailbox,
        "with_ticket": row.with_ticket,
        "finished_at": row.finished_at,
    }


def _letter(row: Row[Any]) -> OutboxRow:
    return OutboxRow(
        id=row.id,
        letter=Letter(row.letter),
        facts=row.facts,
        created_at=row.created_at,
        next_attempt_at=row.next_attempt_at,
        attempts=row.attempts,
        state=OutboxState(row.state),
        outcome=row.outcome,
        mailbox=row.mailbox,
        with_ticket=row.with_ticket,
        finished_at=row.finished_at,
    )
