"""`idp` by a clock that somebody sets: `python -m tests.torture.by_clock FILE ARGUMENTS`; FILE holds by how many seconds."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from idp.cli import main, running
from tests.system.served_at import WrongClock


def run(file: str, *arguments: str) -> int:
    """Run a command by that clock."""
    setattr(running, "SystemClock", partial(WrongClock, Path(file)))  # noqa: B010  # it is a class otherwise
    return main(list(arguments))


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
