"""`idp` by a clock that somebody sets: `python -m tests.torture.by_clock FILE ARGUMENTS`; FILE holds by how many seconds."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from idp.cli import main, running
from tests.system.served_at import WrongClock

if __name__ == "__main__":
    file, *arguments = sys.argv[1:]
    setattr(running, "SystemClock", partial(WrongClock, Path(file)))  # noqa: B010  # it is a class otherwise
    sys.argv[1:] = arguments
    main()
