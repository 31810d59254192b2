"""Generalized Time, the form in which a directory writes moments (RFC 4517 section 3.3.13)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

LOCKED_FOR_EVER = "000001010000Z"
"""The value of `pwdAccountLockedTime` that never ends (draft-behera-ldap-password-policy section 5.3.3)."""

LONG_PAST = "19700101000000Z"
"""The `pwdEndTime` of a block; unlike `pwdAccountLockedTime` it survives a password change."""

_FORM = re.compile(
    r"(?P<day>\d{8})(?P<hour>\d\d)((?P<minute>\d\d)(?P<second>[0-5]\d|60)?)?"
    r"([.,](?P<fraction>\d+))?(Z|(?P<zone>[+-]\d\d(\d\d)?))",
    re.ASCII,
)


def parse_generalized_time(value: str) -> datetime | None:
    """Read a moment, in any of the forms; None for what is no moment (a lock for ever)."""
    found = _FORM.fullmatch(value)
    if found is None:
        return None
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    # A fraction is of the smallest unit that is given; a second of 60 is a leap second.
    unit = timedelta(seconds=1) if found["second"] else timedelta(minutes=1) if found["minute"] else timedelta(hours=1)
    part = unit * float(f"0.{found['fraction'] or 0}")
    try:
        begun = datetime.strptime(found["day"], "%Y%m%d").replace(hour=hour, minute=minute, tzinfo=UTC)
        return begun + timedelta(seconds=second) + part - _offset(found["zone"])
    except (ValueError, OverflowError):  # the thirteenth month, the year 0, or the end of time
        return None


def _offset(zone: str | None) -> timedelta:
    if zone is None:
        return timedelta()
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:] or 0))
    return -offset if zone.startswith("-") else offset


def format_generalized_time(moment: datetime) -> str:
    """Write a moment in whole seconds, in UTC."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")
