"""What the claims of any JWT have in common (RFC 7519)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

CLOCK_SKEW = timedelta(seconds=30)
"""S21: a token from 10 s ahead is accepted and one from over 60 s ahead refused; this stands between the two."""


@dataclass(frozen=True, slots=True)
class OneUse:
    """What makes something that was signed work once.

    Args:
        jti: its identifier (section 4.1.7).
        expires_at: when it is worth nothing anyway.
    """

    jti: str
    expires_at: datetime


def numeric_date(claims: Mapping[str, object], name: str) -> float:
    """Read a NumericDate (section 2): seconds since 1970.

    Raises:
        ValueError: not there, or no number; Python's JSON also knows NaN and Infinity, and reads 1e999 as the latter.
    """
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        message = f"{name} is no number"
        raise ValueError(message)  # noqa: TRY004  # what came in is wrong, not who called
    if isinstance(value, float) and not math.isfinite(value):
        message = f"{name} is no moment"
        raise ValueError(message)
    return value
