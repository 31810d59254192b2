"""The parts of the service as processes, which can be killed, stopped for a while, and started again."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from tests.system.processes import Started, below, waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.slapd import RunningSlapd

_READY_S = 30


class Part(Protocol):
    """What can be hit."""

    def kill(self) -> None:
        """End it as a power cut does, with all its children."""

    def pause(self) -> None:
        """Let it do nothing, as a frozen machine does."""

    def resume(self) -> None:
        """Let it go on."""

    def start(self) -> None:
        """Start it again, as a service manager does, and wait until it says that it is ready."""


@dataclass
class Program:
    """One program of ours.

    Args:
        module: Python's name for it.
        arguments: of the module.
        output: file for what it says.
        is_ready: tells whether it answers.
        environment: variables besides our own.
    """

    module: str
    arguments: tuple[str, ...]
    output: Path
    is_ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    started: Started | None = None

    @property
    def pid(self) -> int:
        """Of its main process."""
        assert self.started is not None
        return self.started.process.pid

    def start(self) -> None:
        """Start it, and again if it ends, as a service manager does, until it answers. Raises `RuntimeError`: it does not."""
        self._begin()
        for _ in waiting(_READY_S):
            if self.is_ready():
                return
            if self.started is None or self.started.process.poll() is not None:
                self._begin()
        raise RuntimeError(self.output.read_text(encoding="utf-8")[-2000:])

    def kill(self) -> None:
        """End it with all its children."""
        assert self.started is not None
        self._signal(signal.SIGKILL)
        self.started.code()

    def kill_children(self) -> None:
        """End its children alone; it notices by itself."""
        for child in below(self.pid):
            with suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGKILL)

    def pause(self) -> None:
        """Stop it, with all its children."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def end(self) -> None:
        """End it in order, if it runs."""
        if self.started is not None and self.started.process.poll() is None:
            self.resume()
            self.started.end()

    def _begin(self) -> None:
        self.started = Started.python(self.output, self.module, *self.arguments, environment=self.environment)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)


@dataclass
class Directory:
    """slapd, likewise."""

    slapd: RunningSlapd

    def kill(self) -> None:
        """End it."""
        self.slapd.process.kill()
        self.slapd.process.wait()

    def pause(self) -> None:
        """Stop it."""
        self.slapd.pause()

    def resume(self) -> None:
        """Let it go on, if it is there."""
        with suppress(ProcessLookupError):
            self.slapd.resume()

    def start(self) -> None:
        """Start it again, with the same data."""
        self.slapd.start()


def listens(port: int) -> bool:
    """Tell whether somebody on loopback takes connections at a port."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
