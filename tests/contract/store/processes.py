"""Starts and leads the second processes of these tests."""

from __future__ import annotations

import select
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


class Process:
    """A second process at the same store, led line by line."""

    def __init__(self, command: str, url: str) -> None:
        """Start it.

        Args:
            command: one of those in `another_process`.
            url: the store's.
        """
        self.running = subprocess.Popen(  # noqa: S603  # our own script
            [sys.executable, "-m", "tests.contract.store.another_process", command, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def hear(self) -> str:
        """Give the next line it says."""
        assert self.running.stdout is not None
        return self.running.stdout.readline().rstrip("\n")

    def is_silent(self, for_s: float) -> bool:
        """Tell whether it has nothing to say for so many seconds."""
        assert self.running.stdout is not None
        readable, _, _ = select.select([self.running.stdout], [], [], for_s)
        return not readable

    def go_on(self) -> None:
        """Let it go on."""
        assert self.running.stdin is not None
        self.running.stdin.write("\n")
        self.running.stdin.flush()
