"""A run that holds a test which docs/asvs.md names, and has not passed it, has not passed.

The document says of what it lists that a test shows it. One that is deselected, or is not collected any more, shows nothing, and
fails nothing either. Whoever runs a part by their own choice (`-k`, `--row`, one test by its name) is not told so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.asvs import named_tests

if TYPE_CHECKING:
    from pathlib import Path

_CHOICES = (
    "keyword",
    "markexpr",
    "deselect",
    "lf",
    "collectonly",
    "showfixtures",
    "show_fixtures_per_test",
    "ignore_glob",
    "row",
)


class _Named:
    """Counts what passed, wherever it ran: workers send their reports here."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._passed: set[str] = set()
        self.missing: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test that passed."""
        if report.when == "call" and report.passed and not hasattr(report, "wasxfail"):
            self._passed.add(report.nodeid.partition("[")[0])

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Turn success into failure."""
        if session.exitstatus == pytest.ExitCode.OK:
            self.missing = sorted(self._held() - self._passed)
            if self.missing:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say why the run failed."""
        if self.missing:
            terminalreporter.section("named in docs/asvs.md, and not passed", red=True)
            for name in self.missing:
                terminalreporter.line(name)

    def _held(self) -> set[str]:
        """Give the named tests of the files and folders that this run was asked for as a whole."""
        if any(self._config.getoption(choice, None) for choice in _CHOICES):
            return set()
        root, start = self._config.rootpath, self._config.invocation_params.dir
        asked = [(start / argument).resolve() for argument in self._config.args if "::" not in argument]
        left_out = [(start / ignored).resolve() for ignored in self._config.getoption("ignore", None) or ()]
        interop = root / "tests" / "interop"  # pyproject.toml: nobody comes there who does not name it
        if not any(path.is_relative_to(interop) for path in asked):
            left_out.append(interop)
        return {name for name in named_tests() if _is_below(root / name.partition("::")[0], asked, left_out)}


def _is_below(file: Path, asked: list[Path], left_out: list[Path]) -> bool:
    return any(file.is_relative_to(path) for path in asked) and not any(file.is_relative_to(path) for path in left_out)


def pytest_configure(config: pytest.Config) -> None:
    """Watch this run; its workers only report."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Named(config), "named-tests")
