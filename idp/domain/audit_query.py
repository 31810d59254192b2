"""What is asked of the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

TOKENS = "token."
"""How the records begin of what clients do all day: there are more of them than of all else together."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records.

    Args:
        subjects: only what concerns one of these; None: whomever.
        action: only what has this name or, when it ends in a dot, begins so.
        leave_out: nothing that begins so.
        since: only what happened then or later.
    """

    subjects: frozenset[str] | None = None
    action: str = ""
    leave_out: str = ""
    since: datetime | None = None


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class Tally:
    """Many records of one kind, of one actor and about one subject.

    Args:
        actor: who.
        subject: whom they concern.
        count: how many.
        first: when the oldest.
        last: when the newest.
    """

    actor: str
    subject: str
    count: int
    first: datetime
    last: datetime
