"""docs/access.md: every way in has its line, and sessions live as long, and as many at a time, as it says."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from connectors import base
from idp.domain.capability import LIFETIMES, Purpose
from idp.settings import LimitSettings
from idp.web import cookies
from tests.oauth.world import World

if TYPE_CHECKING:
    from tests.signing_keys import NewState

WAYS, _, SESSIONS = (Path(__file__).parents[2] / "docs" / "access.md").read_text(encoding="utf-8").partition("\n## Sessions\n")
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in WAYS.splitlines() if line.startswith("| ")][1:]
NO_WAY = {"storage", "mailbox_per_day", "mailbox_per_day_ticket"}
"""Settings of limits that count no visitor."""


def named(text: str) -> set[str]:
    """Give what stands in backticks."""
    return set(re.findall(r"`([^`]+)`", text))


def test_each_grant_has_its_line_and_no_other(new_state: NewState) -> None:
    """A way in that stands nowhere is one that nobody looks after."""
    with closing(World.build(new_state())) as world:
        grants = {grant for server in world.servers for grant in server.grant_types}
    told = {name for row in ROWS for name in named(row[0]) if "/" not in name and " " not in name}
    assert told == grants


def test_each_proof_of_an_application_is_told() -> None:
    """An application could come in by something that nobody weighed."""
    (row,) = [row for row in ROWS if row[0] == "an application"]
    assert named(row[1]) == set(base._AUTH_METHODS)  # noqa: SLF001  # a fact of the document


def test_each_limit_holds_off_who_guesses_somewhere() -> None:
    """A way with a limit that is not there is one without."""
    assert {name for row in ROWS for name in named(row[2])} == set(LimitSettings.model_fields) - NO_WAY


def test_sessions_live_as_long_as_it_says() -> None:
    """Whoever weighs the risk of a machine that is left behind goes by it."""
    told = {name: timedelta(**{f"{unit}s": int(number)}) for number, unit, name in _lifetimes()}
    assert told == {name: LIFETIMES[Purpose[name]] for name in ("PORTAL_SESSION", "RESET_STEP", "DEVICE_STEP")}


def test_as_many_are_open_at_a_time_as_it_says() -> None:
    """A fourth tab would lose what the first began, and nobody would know why."""
    assert {int(number) for number in re.findall(r"\| (\d+) in one browser", SESSIONS)} == {cookies._MOST_AT_ONCE}  # noqa: SLF001  # likewise


def _lifetimes() -> list[tuple[str, str, str]]:
    return re.findall(r"(\d+) (hour|minute)s?[^|`]*\(`([A-Z_]+)`\)", SESSIONS)
