"""What a process was told to do, and what it had done when it ended."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.crash.steps import Step

Page = tuple[str, int]
"""Which one, and its status."""


@dataclass(frozen=True)
class Order:
    """Steps to be done by one process.

    Args:
        account: whose reset it is, as a dictionary.
        steps: one after the other.
        journal: path of the file to write to.
        ahead_s: how far the process's clock is ahead, in seconds.
        kill_after: number of the call on the outside after which it dies; None: it lives.
        warm_up: not by a new process, but by the one that they are forked from.
    """

    account: dict[str, str]
    steps: Sequence[Step]
    journal: str
    ahead_s: float = 0
    kill_after: int | None = None
    warm_up: bool = False


@dataclass(frozen=True)
class Trace:
    """What one process did.

    Args:
        status: as `waitpid` gives it.
        lines: of its journal.
    """

    status: int
    lines: list[tuple[str, Any]]

    @classmethod
    def read(cls, status: int, journal: Path) -> Trace:
        """Read the journal."""
        return cls(status, [tuple(json.loads(line)) for line in journal.read_text(encoding="utf-8").splitlines()])

    @property
    def was_killed(self) -> bool:
        """Tell whether it died of SIGKILL."""
        return os.WIFSIGNALED(self.status) and os.WTERMSIG(self.status) == signal.SIGKILL

    @property
    def faults(self) -> list[str]:
        """What it did not expect itself."""
        return self._all("fault")

    @property
    def calls(self) -> list[str]:
        """The calls on the outside that returned."""
        return self._all("call")

    def has_committed(self, call: str) -> bool:
        """Tell whether the unit of work in which this was called first came to its commit."""
        return call in self.calls and "store.commit" in self.calls[self.calls.index(call) :]

    @property
    def pages(self) -> list[Page]:
        """The pages that were answered."""
        return [(what, status) for what, status, _ in self._all("answer")]

    @property
    def turned_away(self) -> set[tuple[int, str | None]]:
        """The statuses of those that did not lead on, each with its Retry-After."""
        return {(status, later) for _, status, later in self._all("answer") if status >= HTTPStatus.BAD_REQUEST}

    @property
    def cookies(self) -> dict[str, str] | None:
        """What the browser kept, if it came that far."""
        found = self._all("cookies")
        return found[-1] if found else None

    @property
    def stock(self) -> dict[str, object]:
        """What was found in the store."""
        return dict(self._all("stock")[0])

    @property
    def history(self) -> dict[str, int]:
        """How often each thing stands in the audit."""
        return dict(self._all("history")[0])

    def _all(self, kind: str) -> list[Any]:
        return [what for written, what in self.lines if written == kind]
