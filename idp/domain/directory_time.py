"""Generalized Time, the form in which a directory writes moments (RFC 4517 section 3.3.13)."""

from __future__ import annotations

from datetime import UTC, datetime

LOCKED_FOR_EVER = "000001010000Z"
"""The value of `pwdAccountLockedTime` that never ends (draft-behera-ldap-password-policy section 5.3.3)."""

_FORMATS = ("%Y%m%d%H%M%SZ", "%Y%m%d%H%M%S.%fZ", "%Y%m%d%H%MZ", "%Y%m%d%HZ")


def parse_generalized_time(value: str) -> datetime | None:
    """Read a moment in UTC; None for what is no moment (a lock for ever, or a spelling we don't know)."""
    for form in _FORMATS:
        try:
            return datetime.strptime(value, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def format_generalized_time(moment: datetime) -> str:
    """Write a moment in whole seconds, in UTC."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")
