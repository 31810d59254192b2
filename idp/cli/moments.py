"""A moment as people type it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import click

from idp.adapters.system_clock import SystemClock

_AGO = re.compile(r"([0-9]{1,6})([hd])", re.ASCII)
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1)}


def moment(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """Read how long ago (`24h`, `7d`), or a date, or a date and time (ISO 8601), in UTC unless it says otherwise.

    Raises:
        click.BadParameter: it is none of these, or before the year 1.
    """
    try:
        return None if value is None else _read(value)
    except (ValueError, OverflowError):
        message = "a moment is written as 24h or 7d (ago), as 2026-03-04, or as 2026-03-04T10:00:00Z"
        raise click.BadParameter(message, ctx, param) from None


def _read(text: str) -> datetime:
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return SystemClock().now() - int(ago[1]) * _UNITS[ago[2]]
    read = datetime.fromisoformat(text)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
