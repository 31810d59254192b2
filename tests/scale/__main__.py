"""`python -m tests.scale`: one directory of few beside one of many, and what the difference costs.

Both run at the same time and are asked in turn, so that what else the machine does befalls both. For 1,000,000 users it takes
minutes and some GiB of room; `nice` it. Look at ratios: the figures themselves are this machine's.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from tests.scale.crowd import Crowd
from tests.scale.measures import LOOK_UPS, commands, look_up_s, token_s

if TYPE_CHECKING:
    from collections.abc import Sequence

LOOKS = 2000
TOKENS = 200


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.scale", description=__doc__)
    parser.add_argument("--few", type=int, default=1_000, metavar="USERS")
    parser.add_argument("--many", type=int, default=1_000_000, metavar="USERS")
    parser.add_argument("--folder", type=Path, help="where there is room")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder, ExitStack() as stack:
        crowds = [stack.enter_context(Crowd.gather(Path(folder) / str(users), users)) for users in (chosen.few, chosen.many)]
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        say("machine", f"{os.cpu_count()} cores", f"{memory / 2**30:.0f} GiB")
        for name in ("entries", "load_s", "database_mib", "start_s"):
            say(name, *(f"{getattr(crowd, name):,.2f}" for crowd in crowds))
        for kind in LOOK_UPS:
            compare(f"look-up by {kind}", *look_up_s(crowds, kind, LOOKS))
        compare("token request", *token_s(crowds, TOKENS))
        for command in commands():
            costs = [crowd.run(command) for crowd in crowds]
            say(" ".join(command), *(f"{cost.seconds:,.1f} s {cost.peak_mib:,.0f} MiB exit {cost.code}" for cost in costs))
        say("slapd resident", *(f"{crowd.resident_mib:,.0f} MiB" for crowd in crowds))
    return 0


def compare(what: str, few: Sequence[float], many: Sequence[float]) -> None:
    """Print the middle and the hundredth worst of both, and their ratios."""
    ranks = [(sorted(times)[len(times) // 2], sorted(times)[len(times) * 99 // 100]) for times in (few, many)]
    shown = [f"{middle * 1000:.2f} ms (p99 {late * 1000:.2f})" for middle, late in ranks]
    say(what, *shown, f"x {ranks[1][0] / ranks[0][0]:.2f} (p99 x {ranks[1][1] / ranks[0][1]:.2f})")


def say(*words: str) -> None:
    """Print a line."""
    sys.stdout.write("  ".join(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
