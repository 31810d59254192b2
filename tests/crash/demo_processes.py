"""The processes of a running demo, found by whose children they are and where they write; never by a name."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_PARENT = 1  # of what follows the name in /proc/PID/stat: proc(5)


@dataclass(frozen=True)
class DemoProcesses:
    """Those of one state folder.

    Args:
        state: the folder; the demo itself writes beside it.
    """

    state: Path

    def kill(self, part: str) -> None:
        """End a part as a lack of memory would: slapd, mail, worker, web, or the one that answers for web."""
        os.kill(self._find(part), signal.SIGKILL)

    def left(self) -> list[int]:
        """Give those that write into the folder."""
        return [process for process in _all() if _output(process).is_relative_to(self.state)]

    def _find(self, part: str) -> int:
        if part == "answering":
            return _the_one(_children(self._find("web")))
        demo = _the_one([child for child in _children(os.getpid()) if _output(child) == self.state.with_suffix(".out")])
        return _the_one([child for child in _children(demo) if _output(child) == self.state / f"{part}.log"])


def _the_one(processes: list[int]) -> int:
    (process,) = processes
    return process


def _all() -> list[int]:
    return [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]


def _children(parent: int) -> list[int]:
    return [process for process in _all() if _parent(process) == parent]


def _parent(process: int) -> int:
    try:
        facts = (_PROC / str(process) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:  # it has just ended
        return 0
    return int(facts.rpartition(")")[2].split()[_PARENT])


def _output(process: int) -> Path:
    try:
        return (_PROC / str(process) / "fd" / "1").readlink()
    except OSError:  # it has just ended, or is somebody else's
        return Path()
