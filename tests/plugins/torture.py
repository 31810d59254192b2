"""`--torture-seconds` and `--torture-seed`: how long `tests/torture` goes on, and what it does when."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

SEEN = "seen by the torture"
"""The property in which a test notes what it saw."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    parser.addoption("--torture-seconds", type=float, default=20.0, help="how long tests/torture goes on")
    parser.addoption("--torture-seed", type=int, default=None, help="does the same things in the same order again")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what was seen, whether it was good or not."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == SEEN:
                terminalreporter.write_line(value)
