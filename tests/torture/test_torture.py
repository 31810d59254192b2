"""Parts are killed, stopped, slowed and cut off under a load: nobody gets a wrong answer, and nothing acknowledged is lost."""

from __future__ import annotations

import sys
from random import Random, SystemRandom
from typing import TYPE_CHECKING

import pytest

from tests.plugins.torture import SEEN
from tests.torture.place import running_place
from tests.torture.torture import Torture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_every_answer_is_right(
    tmp_path: Path, pytestconfig: pytest.Config, record_property: Callable[[str, object], None]
) -> None:
    """A machine fails every day somewhere: who asks then is told the truth, or to come back, and is helped soon after."""
    seed = pytestconfig.getoption("--torture-seed")
    seed = SystemRandom().randrange(10**9) if seed is None else seed
    with running_place(tmp_path) as place:
        torture = Torture(place, Random(seed))  # noqa: S311  # it guards nothing
        try:
            torture.run(pytestconfig.getoption("--torture-seconds"))
        finally:  # also where the torture itself breaks off
            report = "\n".join([*torture.court.wrong, f"seed {seed}", *torture.lines()])
            record_property(SEEN, report)
            sys.stdout.write(report)
        if torture.court.wrong:
            pytest.fail("\n".join(torture.court.wrong), pytrace=False)
        for program in (place.web, place.worker, place.mail):
            assert program.started is not None
            assert "Traceback" not in program.started.said
