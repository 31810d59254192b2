"""`--fuzz-seconds` and `--fuzz-seed`: how long each test of `tests/fuzz` goes on making up input, and from where."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

SEEN = "seen"
"""The property in which a test notes it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    parser.addoption("--fuzz-seconds", type=float, default=1.0, help="how long each test of tests/fuzz goes on")
    parser.addoption("--fuzz-seed", type=int, default=None, help="makes the same input again")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what each test of `tests/fuzz` has sent or read."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == SEEN:
                terminalreporter.write_line(value)
