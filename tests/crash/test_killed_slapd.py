"""kill -9 of slapd, at each answer that it gives in a reset: once the answer still arrives, once it is lost.

In between lies what is worst: slapd has done what was asked, and nobody knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pytest

from idp.errors import DirectoryUnavailable
from tests.crash.case import NEW, OLD, Case
from tests.crash.mailbox import RESET
from tests.crash.recoveries import (
    CHOOSE,
    CONNECT,
    WORK,
    ask,
    recover_asking,
    recover_choosing_by_owner,
    recover_choosing_by_worker,
    recover_confirming,
    recover_sending,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.crash.installation import Installation
    from tests.crash.steps import Step
    from tests.crash.trace import Trace

LATER = (503, str(DirectoryUnavailable.retry_after_s))


@dataclass(frozen=True)
class Deaths:
    """Two deaths of slapd for each answer that it gives in a step.

    Args:
        installation: where.
        subtests: reports each death by itself.
    """

    installation: Installation
    subtests: pytest.Subtests

    def during(self, step: Step, *, before: Sequence[Step], recover: Callable[[Case, Trace], None]) -> None:
        """Kill slapd at each of its answers, look how things are without it, and start it again.

        Args:
            step: goes on without it.
            before: the steps that lead to it.
            recover: what happens then, and what must be true.
        """
        case = self._case(before)
        self.installation.relay.count()
        case.run(step)
        answers = self.installation.relay.answers
        assert answers
        for number in range(1, answers + 1):
            for lose in (False, True):
                with self.subtests.test(f"killed at answer {number}, {'lost' if lose else 'passed on'}"):
                    case = self._case(before)
                    self.installation.relay.count(kill_at=number, lose=lose)
                    trace = case.run(step)
                    self._look_around(case, trace, _link_status([*before, step], trace))
                    recover(case, trace)

    def _look_around(self, case: Case, trace: Trace, link_status: int) -> None:
        """Whoever needed the directory was told so, and when to come back; so is everybody else until it is there again."""
        slapd = self.installation.slapd
        try:
            assert slapd.process.poll() is not None
            assert trace.turned_away <= {LATER}
            look = case.run(("look", {}), WORK)
            assert all(later for status, later in look.turned_away if status == 503)
            assert dict(look.pages)["readyz"] == 503
            assert dict(look.pages).get(RESET, link_status) == link_status
        finally:
            self.installation.relay.count()
            slapd.start()

    def _case(self, before: Sequence[Step]) -> Case:
        case = Case.begin(self.installation)
        case.run(*before)
        return case


def _link_status(steps: Sequence[Step], trace: Trace) -> int:
    """Tell what the mailed link answers without a directory, which only one that is in use, or was used, does not need."""
    if CHOOSE not in steps:
        return 503
    if steps[-1] is not CHOOSE or trace.has_committed("grants.revoke_all"):
        return 410
    return 409 if trace.has_committed("resets.advance") else 503


@pytest.fixture
def deaths(installation: Installation, subtests: pytest.Subtests) -> Deaths:
    """Deaths in the installation."""
    return Deaths(installation, subtests)


def test_while_a_reset_is_asked_for(deaths: Deaths) -> None:
    """Whose portal lost the directory asks again where the browser stood."""
    deaths.during(ask(with_ticket=True), before=[CONNECT], recover=partial(recover_asking, with_ticket=True))


def test_while_the_mail_goes_out(deaths: Deaths) -> None:
    """A mail that can't be addressed now waits; it isn't dropped."""
    deaths.during(WORK, before=[CONNECT, ask(with_ticket=False)], recover=recover_sending)


@pytest.mark.row("R19")
@pytest.mark.parametrize("recover", [recover_choosing_by_worker, recover_choosing_by_owner])
def test_while_the_password_is_set(deaths: Deaths, recover: Callable[[Case, Trace], None]) -> None:
    """An unanswered write may have been done: what slapd says later counts, and is completed."""
    seen = set()

    def look_and_recover(case: Case, trace: Trace) -> None:
        seen.add((case.password(), ("password", 303) in trace.pages))
        recover(case, trace)

    deaths.during(CHOOSE, before=[CONNECT, ask(with_ticket=False), WORK], recover=look_and_recover)
    assert seen == {(OLD, False), (NEW, False), (NEW, True)}


@pytest.mark.row("R20")
def test_while_the_confirmation_goes_out(deaths: Deaths) -> None:
    """The confirmation waits as well."""
    before = [CONNECT, ask(with_ticket=False), WORK, CHOOSE]
    deaths.during(WORK, before=before, recover=recover_confirming)
