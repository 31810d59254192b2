"""Generalized Time, the form in which a directory writes moments (RFC 4517 section 3.3.13)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

LOCKED_FOR_EVER = "000001010000Z"
"""The value of `pwdAccountLockedTime` that never ends (draft-behera-ldap-password-policy section 5.3.3)."""

# strptime alone takes one digit where it likes: 22:53 without seconds would be read as five minutes past ten, and 3 seconds.
_FORMS = (
    (re.compile(r"\d{14}Z", re.ASCII), "%Y%m%d%H%M%SZ"),
    (re.compile(r"\d{14}\.\d{1,6}Z", re.ASCII), "%Y%m%d%H%M%S.%fZ"),
    (re.compile(r"\d{12}Z", re.ASCII), "%Y%m%d%H%MZ"),
    (re.compile(r"\d{10}Z", re.ASCII), "%Y%m%d%HZ"),
)


def parse_generalized_time(value: str) -> datetime | None:
    """Read a moment in UTC; None for what is no moment (a lock for ever, or a spelling we don't know)."""
    for pattern, form in _FORMS:
        if pattern.fullmatch(value):
            return _moment(value, form)
    return None


def _moment(value: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(value, form).replace(tzinfo=UTC)
    except ValueError:  # the thirteenth month, or the year 0
        return None


def format_generalized_time(moment: datetime) -> str:
    """Write a moment in whole seconds, in UTC."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")
