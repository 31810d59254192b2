"""Keeps the demo's processes running: one that dies is started again, with growing pauses, and a line says so."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from idp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from threading import Event

_PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_STEADY_S = 60.0
"""Whoever ran this long begins again with the shortest pause."""

_START_ATTEMPTS = 2
"""Before everything answers, more would only keep people waiting for what the log says already."""

_STEP_S = 0.1
_LINE_CHARACTERS = 500
_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
_STOP_TIMEOUT_S = 15.0


@dataclass(slots=True)
class Part:
    """One process.

    Args:
        name: in lines and in the log's name.
        command: no secret is in it.
        log: what the process says goes there.
    """

    name: str
    command: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    began_at: float = 0.0
    failures: int = 0
    again_at: float | None = None


@dataclass(slots=True)
class Supervisor:
    """Starts, watches and ends.

    Args:
        stop: set by a signal.
        terminal: for one line at a time.
        environment: of the processes.
    """

    stop: Event
    terminal: TextIO
    environment: Mapping[str, str]
    parts: list[Part] = field(default_factory=list)

    def start(self, part: Part) -> None:
        """Start a process and watch it from now on.

        Raises:
            ConfigurationError: it can't be started at all.
        """
        self.parts.append(part)
        self._run(part)

    def wait_until(self, ready: Callable[[], bool], what: str, timeout_s: float) -> None:
        """Watch until something is ready, or until a signal comes.

        Raises:
            ConfigurationError: it took too long, or a part ends again as soon as it is started.
        """
        end = time.monotonic() + timeout_s
        while not self.stop.is_set() and not ready():
            self._assert_starting()
            if time.monotonic() > end:
                logs = ", ".join(str(part.log) for part in self.parts)
                message = f"{what} gave no answer within {timeout_s:g} s; the logs may say why: {logs}"
                raise ConfigurationError(message)
            self._watch()

    def watch(self) -> None:
        """Watch until a signal comes."""
        while not self.stop.is_set():
            self._watch()

    def end(self) -> None:
        """End all processes in order, the latest first; who does not end in time is killed."""
        for part in reversed(self.parts):
            if part.process is not None and part.process.poll() is None:
                _end(part.process)

    def say(self, line: str) -> None:
        """Write one line."""
        self.terminal.write(line + "\n")
        self.terminal.flush()

    def _watch(self) -> None:
        now = time.monotonic()
        for part in self.parts:
            if part.again_at is not None:
                if now >= part.again_at:
                    self._run(part)
            elif part.process is not None and part.process.poll() is not None:
                self._put_off(part, now)
        self.stop.wait(_STEP_S)

    def _assert_starting(self) -> None:
        for part in self.parts:
            if part.failures >= _START_ATTEMPTS:
                message = f"{part.name} does not start: {_last_line(part.log)}"
                raise ConfigurationError(message)

    def _put_off(self, part: Part, now: float) -> None:
        if now - part.began_at >= _STEADY_S:
            part.failures = 0
        pause_s = _PAUSES_S[min(part.failures, len(_PAUSES_S) - 1)]
        part.failures += 1
        part.again_at = now + pause_s
        how = _how_it_ended(part.process.returncode if part.process else 0)
        self.say(f"{part.name} {how}; it is started again in {pause_s:g} s (see {part.log})")

    def _run(self, part: Part) -> None:
        part.again_at = None
        part.began_at = time.monotonic()
        try:
            with os.fdopen(os.open(part.log, _APPEND, 0o600), "ab") as log:
                # A session of its own: Ctrl-C reaches only the supervisor, which ends the parts in order.
                part.process = subprocess.Popen(  # noqa: S603  # our own words
                    [*_dies_with_us(), *part.command],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=dict(self.environment),
                    start_new_session=True,
                )
        except OSError as exc:
            message = f"{part.name} can't be started: {exc.strerror or type(exc).__name__}"
            raise ConfigurationError(message) from exc


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _dies_with_us() -> list[str]:
    """A kill -9 of the supervisor must not leave its processes behind (prctl(2), PR_SET_PDEATHSIG)."""
    found = shutil.which("setpriv")
    return [found, "--pdeathsig", "TERM", "--"] if found else []


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    said = next((line.strip() for line in reversed(lines) if line.strip()), "it says nothing")
    return said.removeprefix("idp: ")[:_LINE_CHARACTERS]


def _how_it_ended(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
