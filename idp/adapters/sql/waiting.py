"""What waits for another try: when it is due, also after the clock was set back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, not_, or_

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Table

_FARTHEST = timedelta(hours=1)
_SOONER = ((3, timedelta(minutes=1)), (6, timedelta(minutes=10)))
"""Nothing is put off longer than this, by how often it was tried; what somebody holds, not longer than an hour. What seems to be
was queued, or put off, before the clock was set back, and is due."""


def is_due(table: Table, held: ColumnElement[bool] | None = None) -> ColumnElement[bool]:
    """Give the condition, to be used with `moments`.

    Args:
        table: has the columns `next_attempt_at` and `attempts`.
        held: what somebody may hold longer than a pause would be; None where nobody does.
    """
    at, attempts = table.c.next_attempt_at, table.c.attempts
    free = not_(held) if held is not None else None
    sooner = [and_(attempts <= tries, at > bindparam(f"farthest_{tries}")) for tries, _ in _SOONER]
    return or_(
        at <= bindparam("now"),
        at > bindparam("farthest"),
        *(each if free is None else and_(each, free) for each in sooner),
    )


def moments(now: datetime) -> Mapping[str, datetime]:
    """Give the moments that the condition compares with."""
    return {"now": now, "farthest": now + _FARTHEST, **{f"farthest_{tries}": now + wait for tries, wait in _SOONER}}
