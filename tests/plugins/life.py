"""`--life-users` and `--life-hours`: how many people live in `tests/life`, and how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

SEEN = "lived"
"""The property in which the test tells what it saw."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    parser.addoption("--life-users", type=int, default=60, help="koppelgebruikers of tests/life, an even number")
    parser.addoption("--life-hours", type=int, default=24, help="hours that they live, by their clock")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what a day of ordinary life took."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == SEEN:
                terminalreporter.write_line(value)
