"""One crash after each call on the outside that a step makes.

The calls are listed by a first run that nobody kills: a call that is added is a crash that is tried. (After a call is before the
next one, and a call that is cut off on its way has either reached the other side or not.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.crash.case import Case

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tests.crash.installation import Installation
    from tests.crash.steps import Step
    from tests.crash.trace import Trace

    Lead = Callable[[Case], object]
    """What leads to the step."""


def lead(*steps: Step) -> Lead:
    """Lead to a step by others, done by one process."""
    return lambda case: case.run(*steps)


@dataclass(frozen=True)
class Crashes:
    """Tries them.

    Args:
        installation: where.
        subtests: reports each crash by itself.
    """

    installation: Installation
    subtests: pytest.Subtests

    def of(
        self,
        step: Step | Callable[[Case], Step],
        *,
        before: Lead,
        must: set[str],
        recover: Callable[[Case, Trace], None],
        ahead_s: float = 0,
    ) -> None:
        """Kill a step after each of its calls.

        Args:
            step: is killed in.
            before: what leads to it.
            must: calls that it is known to make.
            recover: what happens then, and what must be true.
            ahead_s: how far the clock is ahead in it, in seconds.
        """
        case = self._case(before)
        calls = case.run(_of(step, case), ahead_s=ahead_s).calls
        assert must <= set(calls)
        for number, call in enumerate(calls, 1):
            with self.subtests.test(f"killed after call {number}, {call}"):
                case = self._case(before)
                crash = case.run(_of(step, case), ahead_s=ahead_s, kill_after=number)
                assert crash.was_killed
                assert crash.calls == calls[:number]
                recover(case, crash)

    def _case(self, before: Lead) -> Case:
        case = Case.begin(self.installation)
        before(case)
        return case


def _of(step: Step | Callable[[Case], Step], case: Case) -> Step:
    return step(case) if callable(step) else step
