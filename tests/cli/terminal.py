"""A terminal, and what is seen on it."""

from __future__ import annotations

import os
import pty
import subprocess
import termios
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def seen_on_a_terminal(command: Sequence[str], columns: int = 120, *, of: str = "stdout") -> tuple[int, str]:
    """Run a command with a terminal for one of its outputs.

    Args:
        command: with its arguments.
        columns: of the terminal.
        of: the output.

    Returns:
        the exit code, and all that was written.
    """
    outer, inner = pty.openpty()
    termios.tcsetwinsize(inner, (24, columns))
    surroundings = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    out, err = (inner if of == name else subprocess.DEVNULL for name in ("stdout", "stderr"))
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=surroundings)  # noqa: S603  # our own words
    os.close(inner)
    seen = b""
    try:
        while piece := os.read(outer, 65536):
            seen += piece
    except OSError:  # Linux says so when the last writer has gone
        pass
    finally:
        os.close(outer)
    return process.wait(), seen.decode()
