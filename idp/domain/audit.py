"""What is remembered of who did what."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

SEGMENT = timedelta(days=1)
"""So long at least a segment of the trail stays open. Whoever puts an older copy of the database back is found out for all that
was sealed, and said in the log, since: at most this much of the past can go unseen."""

ERASED = "audit.erased"
SEGMENT_SEALED = "audit.segment-sealed"
CARRIED_OVER = "audit.carried-over"

_OPERATOR = "operator:"
UNKNOWN_OPERATOR = "operator:unknown"
"""Who changed what nobody knows: a directory without a log says no more than who was the last."""


@dataclass(frozen=True, slots=True)
class Personal:
    """A value that identifies a person. It stands beside the trail, by reference: erasing it breaks no chain.

    Args:
        value: the words; None when they were erased.
        subject: `entryUUID` of whom it is about; empty where nothing but the value itself tells (the DN of an operator).
    """

    value: str | None = field(repr=False)
    subject: str = ""

    def __str__(self) -> str:
        """Give the words, or say that there are none any more."""
        return "(erased)" if self.value is None else self.value


Value = str | Personal


@dataclass(frozen=True, slots=True)
class Change:
    """What an attribute was, and what it is; None: it had no value, or has none now. Never a password or a hash."""

    before: Value | None = None
    after: Value | None = None


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One thing that happened.

    Args:
        at: when.
        action: a dotted name, such as ``reset.completed``.
        actor: who: ``owner`` (by a portal session or by a mailed link: the action tells which), ``client:<client_id>``,
            ``operator:<who>``, ``service``, ``stranger``. Behind ``operator:`` stands a person, by their DN or their account:
            that part is kept as a `Personal` is.
        subject: whom it concerns: an `entryUUID`, a client_id, or empty.
        detail: small facts; no secrets. What identifies a person is `Personal`.
        changes: by attribute, what it was and what it is.
    """

    at: datetime
    action: str
    actor: str
    subject: str = ""
    detail: Mapping[str, Value] = field(default_factory=dict)
    changes: Mapping[str, Change] = field(default_factory=dict)

    @property
    def role(self) -> str:
        """The actor without the person."""
        return self.actor if self.person is None else "operator"

    @property
    def person(self) -> Personal | None:
        """The person behind the actor, if one is named."""
        if self.actor == UNKNOWN_OPERATOR or not self.actor.startswith(_OPERATOR):
            return None
        return Personal(self.actor.removeprefix(_OPERATOR))


def actor_of(role: str, person: Personal | None) -> str:
    """Put together what `AuditEvent.role` and `AuditEvent.person` take apart."""
    return role if person is None else f"{_OPERATOR}{person}"


@dataclass(frozen=True, slots=True, order=True)
class RecordId:
    """Which record: each writer numbers its own, from 1 and without a gap."""

    writer: str
    number: int

    def __str__(self) -> str:
        """Give it as it is shown and typed: ``web/17``."""
        return f"{self.writer}/{self.number}"

    @classmethod
    def parse(cls, text: str) -> RecordId:
        """Read what was typed. Raises ValueError."""
        writer, number = text.split("/")
        return cls(writer, int(number))


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """An event as stored: numbered, and chained to the one before by a keyed digest.

    Args:
        id: its writer and number.
        event: what happened.
        request_id: of the request, command or work that it was done in, as the log has it.
        chain: the digest.
    """

    id: RecordId
    event: AuditEvent
    request_id: str
    chain: str


@dataclass(frozen=True, slots=True)
class SealedHead:
    """What is said in the log of a segment when it is sealed: nothing of it can be changed unseen by whoever lacks the log.

    Args:
        writer: whose chain.
        segment: counted from 1.
        records: how many.
        head: chain of the last one.
    """

    writer: str
    segment: int
    records: int
    head: str


class Fault(StrEnum):
    """What `idp audit verify` finds."""

    ALTERED = "was changed, or put in"
    MISSING = "is missing"
    CUT = "is missing, or the chain's end was changed"
    SEGMENT = "begins a segment whose seal is missing or was changed"
    UNNOTED = "begins a segment whose sealing nobody noted: a chain was taken away"
    PERSONAL = "names a person by a value that was changed, exchanged, put in, or taken away without an erasure"
    NOT_AS_SEALED = "begins a segment that is not there as it was sealed: it was taken away, or an older copy was put back"
    CARRIED = "was the first wrong one already when the trail of an earlier version was carried over"


@dataclass(frozen=True, slots=True)
class Broken:
    """The first record of a chain at which it does not hold."""

    record: RecordId
    fault: Fault
