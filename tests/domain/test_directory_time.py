"""Moments as a directory writes them (RFC 4517 section 3.3.13)."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.directory_time import LOCKED_FOR_EVER, format_generalized_time, parse_generalized_time

if TYPE_CHECKING:
    from collections.abc import Iterator

MOMENT = datetime(2026, 11, 24, 22, 53, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("20261124225307Z", MOMENT),
        ("20261124225307.25Z", MOMENT.replace(microsecond=250_000)),
        ("20261124225307.123456Z", MOMENT.replace(microsecond=123_456)),
        ("202611242253Z", MOMENT.replace(second=0)),
        ("2026112422Z", MOMENT.replace(minute=0, second=0)),
        ("20261124235307+0100", MOMENT),
        ("20261124172307-0530", MOMENT),
        ("20261124235307+01", MOMENT),
        ("20261125095307+1100", MOMENT),
        ("20261124225307,25Z", MOMENT.replace(microsecond=250_000)),
        ("20261124225307.1234567891Z", MOMENT.replace(microsecond=123_457)),
        ("202611242253.5Z", MOMENT.replace(second=30)),
        ("2026112422.5+0000", MOMENT.replace(minute=30, second=0)),
        ("20261124225260Z", MOMENT.replace(second=0)),
        ("19700101000000Z", datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_every_spelling_that_slapd_takes_is_read(value: str, moment: datetime) -> None:
    """A block that an admin wrote with another tool would not be understood."""
    assert parse_generalized_time(value) == moment


@pytest.mark.parametrize(
    "value",
    [
        LOCKED_FOR_EVER,
        "",
        "Z",
        "20261124225307",
        "20261324225307Z",
        "2026112425Z",
        "20261124225361Z",
        "99991231235959-0100",
        "never",
    ],
)
def test_what_is_no_moment_is_none(value: str) -> None:
    """A lock for ever, or a spelling that we don't know, must not be taken for some moment."""
    assert parse_generalized_time(value) is None


@pytest.fixture
def machine_in_amsterdam() -> Iterator[None]:
    """Let the machine's own zone be another one than UTC."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "Europe/Amsterdam")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("machine_in_amsterdam")
def test_a_moment_is_written_in_utc_and_whole_seconds() -> None:
    """An hour's difference would be a block that begins in an hour."""
    for moment in (MOMENT, MOMENT.astimezone(timezone(timedelta(hours=-5)))):
        assert format_generalized_time(moment.replace(microsecond=999_999)) == "20261124225307Z"


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  # hypothesis wants it bare
def test_what_was_written_is_read_back(moment: datetime) -> None:
    """A moment would be another one after a trip through the directory."""
    assert parse_generalized_time(format_generalized_time(moment)) == moment.replace(microsecond=0)
