"""What a service takes does not grow while people live with it; what expires goes."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from limits import strategies

from idp.adapters.sql.store import KEPT_AUDIT
from idp.logs import configure_logging
from idp.web import window_storage
from tests.life.crowd import Crowd
from tests.life.day import Day
from tests.life.service import living_service
from tests.life.taken import Taken, growing
from tests.logging_state import logging_put_back
from tests.plugins.life import SEEN
from tests.services.simulated import ClockTime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.signing_keys import NewState

_SEED = 20261201
_BEFORE = 26
"""Hours until tokens of the first of them are gone: they live for one, and are told from unknown ones for a day more."""
_KEPT_FOREVER = ("alembic_version", "clients", "client_secrets", "pulse")
_SEALS = ("audit", "audit_heads", "audit_segments")
"""Each day is sealed, whether or not anything happened; that it was is kept for good."""
_STEP = timedelta(hours=6)
_LONGEST = timedelta(days=KEPT_AUDIT.days + 400)
"""After it nothing of that day is left: a coupling that nobody uses goes after its refresh token and a year."""


@pytest.fixture
def day(new_state: NewState, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    """A day that has not begun; the limits' counters go by its clock."""
    with logging_put_back(), Path(os.devnull).open("w", encoding="utf-8") as nowhere, living_service(new_state()) as service:
        configure_logging("INFO", nowhere)  # what pytest keeps of it would be all that grows
        for module in (window_storage, strategies):
            monkeypatch.setattr(module, "time", ClockTime(service.clock))
        drawn = Random(_SEED)  # noqa: S311  # it guards nothing
        users: int = request.config.getoption("--life-users")
        yield Day(service, Crowd.settle(service, users, drawn), drawn)


def test_a_day_takes_no_more_at_its_end_than_before(
    day: Day, request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> None:
    """A service that takes a little more each day stops in the night of its hundredth, and with it every bank coupling."""
    hours: int = request.config.getoption("--life-hours")
    before = Taken.now(0, day.service)
    day.live(_BEFORE * 60)
    taken = []
    for hour in range(hours):
        day.live(60)
        taken.append(Taken.now(hour + 1, day.service))
    for line in (taken[0], taken[hours // 2], taken[-1]):
        record_property(SEEN, line.told())
    record_property(SEEN, ", ".join(f"{what} {count}" for what, count in sorted(day.done.items())))
    assert growing(taken, _kept(day)) == []
    day.rest(_LONGEST // _STEP, _STEP)
    left = Taken.now(hours, day.service)
    record_property(SEEN, f"{_LONGEST.days} days later: {left.told()}")
    most = dict.fromkeys(_KEPT_FOREVER, before.rows["clients"]) | dict.fromkeys(_SEALS, _LONGEST.days + 5)
    assert {table: count for table, count in left.rows.items() if count > most.get(table, 0)} == {}


def _kept(day: Day) -> dict[str, int]:
    """Give the tables that keep what happened for longer than a day, and how much did."""
    happened = sum(day.done.values())
    return {"audit": happened, "capabilities": happened, "outbox": happened, "resets": day.done["verify"], "audit_segments": 9}
