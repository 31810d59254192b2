"""Processes, as the kernel knows them, and those that a test starts."""

from __future__ import annotations

import ipaddress
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_STEP_S = 0.05
_END_TIMEOUT_S = 30
_WHOLE_START_S = 60
_LISTEN = "0A"

AS_ANYBODY = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
"""Root, bound by permissions like anybody."""


def waiting(timeout_s: float) -> Iterator[None]:
    """Give a turn again and again until the time is over, for what another process does without telling us.

    Args:
        timeout_s: seconds until the turns end.
    """
    end = time.monotonic() + timeout_s
    never = threading.Event()
    while time.monotonic() < end:
        yield
        never.wait(_STEP_S)


@dataclass(frozen=True, slots=True)
class Process:
    """One process (proc(5)).

    Args:
        pid: its number.
        parent: its parent's.
        session: the session that it belongs to.
        command: what it runs.
    """

    pid: int
    parent: int
    session: int
    command: str


def all_processes() -> list[Process]:
    """Give all that live; one that has ended, and that nobody has asked about yet, lives no more."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):  # it ended just now
                found += _read(folder)
    return found


def below(pid: int) -> list[Process]:
    """Give the descendants of a process."""
    processes = all_processes()
    known, found = {pid}, []
    for process in sorted(processes, key=lambda process: process.pid):  # parents have the smaller number, but for wraps
        if process.parent in known:
            known.add(process.pid)
            found.append(process)
    return found


def in_sessions(sessions: set[int]) -> list[Process]:
    """Give those that belong to these sessions: whoever is orphaned changes parents, but no session."""
    return [process for process in all_processes() if process.session in sessions]


def listening(pids: set[int]) -> list[str]:
    """Give the addresses at which any of these processes listens (TCP)."""
    theirs = {link for pid in pids for link in _links(pid)}
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
            columns = line.split()
            if columns[3] == _LISTEN and f"socket:[{columns[9]}]" in theirs:
                found.append(_address(columns[1].partition(":")[0]))
    return found


def gone(sessions: set[int], timeout_s: float) -> bool:
    """Wait until nothing of these sessions lives; tells whether it came so far. What is left is killed."""
    if any(not in_sessions(sessions) for _ in waiting(timeout_s)):
        return True
    for process in in_sessions(sessions):
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
    return False


def _read(folder: Path) -> list[Process]:
    status = (folder / "stat").read_text(encoding="utf-8", errors="replace")
    # The name, in brackets, may hold anything.
    state, parent, _group, session = status.rpartition(")")[2].split()[:4]
    command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return [] if state in "ZX" else [Process(int(folder.name), int(parent), int(session), command)]


def _links(pid: int) -> Iterator[str]:
    with suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                yield str(link.readlink())


def _address(text: str) -> str:
    # Words of four bytes, each in the order of this machine.
    words = [int(text[start : start + 8], 16).to_bytes(4, sys.byteorder) for start in range(0, len(text), 8)]
    packed = b"".join(words)
    return str(ipaddress.ip_address(packed))


@dataclass
class Started:
    """A program of ours that runs, with what it says.

    Args:
        process: it.
        output: file with its stdout and stderr.
    """

    process: subprocess.Popen[bytes]
    output: Path

    @classmethod
    def idp(
        cls, output: Path, *arguments: str, environment: Mapping[str, str] | None = None, before: Sequence[str] = ()
    ) -> Started:
        """Start `idp`.

        Args:
            output: file for what it says.
            arguments: of `idp`.
            environment: variables besides our own.
            before: a program that starts it, such as `unshare`.
        """
        return cls.python(output, "idp.cli", *arguments, environment=environment, before=before)

    @classmethod
    def python(
        cls,
        output: Path,
        module: str,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        before: Sequence[str] = (),
    ) -> Started:
        """Start a module; as `idp`."""
        command = [*before, sys.executable, "-m", module, *arguments]
        with output.open("ab") as file:
            process = subprocess.Popen(  # noqa: S603  # our own words
                command,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )
        return cls(process, output)

    @property
    def said(self) -> str:
        """What it said so far."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def code(self, timeout_s: float = _END_TIMEOUT_S) -> int:
        """Wait until it has ended by itself; gives its exit code. What does not end is killed, and is an error."""
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it with a signal; gives its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.code()

    def wait_for(self, text: str, timeout_s: float = _WHOLE_START_S) -> None:
        """Wait until it has said something.

        Raises:
            RuntimeError: it ended first, or did not say it in time.
        """
        for _ in waiting(timeout_s):
            ended = self.process.poll() is not None
            if text in self.said:
                return
            if ended:
                break
        raise RuntimeError(self.said[-2000:])
