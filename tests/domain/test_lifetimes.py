"""How long what a secret opens stays open (R6, R14, R20, S32)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from idp.domain.capability import INVITATION_LIFETIME, LIFETIMES, Capability, Purpose
from idp.domain.grant import Token

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
END = NOW + timedelta(minutes=10)
MOMENT = timedelta(microseconds=1)
STEP = Capability("digest", Purpose.RESET_STEP, {}, NOW, END)
TOKEN = Token("digest", "access", "grant", "client", "read", "https://api.example/", NOW, END)


@pytest.mark.row("R6", "R14", "R20", "S5")
def test_how_long_each_thing_lasts() -> None:
    """The pages and mails promise these."""
    assert {
        Purpose.TICKET: timedelta(minutes=10),
        Purpose.TICKET_COOKIE: timedelta(minutes=10),
        Purpose.RESET_STEP: timedelta(minutes=10),
        Purpose.NOT_ME: timedelta(days=7),
        Purpose.PORTAL_PASSWORD: timedelta(minutes=60),
        Purpose.PORTAL_SESSION: timedelta(hours=8),
        Purpose.AUTHORIZATION_REQUEST: timedelta(minutes=30),
        Purpose.AUTHORIZATION_CODE: timedelta(seconds=60),
        Purpose.AUTHORIZATION_NONCE: timedelta(days=1),
        Purpose.PUSHED_REQUEST: timedelta(minutes=9),
        Purpose.DEVICE_CODE: timedelta(minutes=10),
        Purpose.USER_CODE: timedelta(minutes=10),
        Purpose.DEVICE_STEP: timedelta(minutes=10),
        Purpose.STALE_TOLD: timedelta(days=400),
    } == LIFETIMES
    assert timedelta(days=7) == INVITATION_LIFETIME


@pytest.mark.row("R14")
def test_a_step_lives_until_its_end_and_not_at_it() -> None:
    """People would have less time than promised, or more."""
    assert STEP.live_at(NOW)
    assert STEP.live_at(END - MOMENT)
    assert not STEP.live_at(END)


@pytest.mark.row("R15")
def test_what_was_used_is_dead_even_within_its_time() -> None:
    """A step could be replayed."""
    assert not replace(STEP, used_at=NOW).live_at(NOW)


def test_a_clock_set_back_by_more_than_five_minutes_ends_it() -> None:
    """Yesterday's secrets would live again; a clock put right by a little must cost nobody their session."""
    assert STEP.live_at(NOW - timedelta(minutes=5))
    assert not STEP.live_at(NOW - timedelta(minutes=5) - MOMENT)


@pytest.mark.row("S32", "S46")
def test_a_token_lives_until_its_end_unless_it_was_revoked() -> None:
    """A refresh token would work for ever, or a revoked one still."""
    assert TOKEN.live_at(END - MOMENT)
    assert not TOKEN.live_at(END)
    assert not replace(TOKEN, revoked_at=NOW).live_at(NOW)
