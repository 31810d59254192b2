"""What is left in the end, held against what was acknowledged."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.worker import Worker
from tests.crash.mailbox import RESET
from tests.crash.tellings import BLOCKED, INVITATION, PASSWORD_CHANGED
from tests.opened_ports import opened_ports
from tests.system.service import StandingClock
from tests.torture.asking import NotNow
from tests.torture.court import RECOVERY_S, Excuse
from tests.torture.facts import Forbidden, Life

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.torture.court import Court
    from tests.torture.household import Household
    from tests.torture.model import Account
    from tests.torture.place import Place

_LATER_S = 70 * 60.0
"""Whatever waits is due by then, and claims of the dead are settled."""

_STEPS = 5


@dataclass
class Stocktaking:
    """Looks at everything, when all parts are back and nobody does anything any more.

    Args:
        place: where.
        court: hears what is wrong.
        households: whose people there are.
        doubles: letters that came twice.
    """

    place: Place
    court: Court
    households: Sequence[Household]
    doubles: int = 0

    def take(self) -> None:
        """Look at passwords, blocks, tokens, links and letters, and hear what the service says of itself."""
        self._hear("doctor")
        self._hear("audit", "verify")
        self._of_each(self._look_at_state)
        self._wait_for_letters()
        self._of_each(self._look_at_tokens)
        self._of_each(self._look_at_links)
        self._look_at_letters()

    def _hear(self, *command: str) -> None:
        words = [sys.executable, "-m", "idp.cli", "--config", str(self.place.config), *command]
        said = subprocess.run(words, check=False, capture_output=True, text=True)  # noqa: S603  # our own words
        if said.returncode != 0:
            self.court.condemn(f"idp {' '.join(command)} says in the end: {said.stdout} {said.stderr}")

    def _of_each(self, look: Callable[[Household, Account], None]) -> None:
        for household in self.households:
            for account in (*household.accounts, *household.gone):
                with self._judged():
                    look(household, account)

    def _look_at_state(self, household: Household, account: Account) -> None:
        household.office.look(account)

    def _look_at_tokens(self, household: Household, account: Account) -> None:
        for held in list(account.held):
            works = household.application.introspect(account, held)
            if works and held.must_end:
                message = f"{account.uid}: a token lives again after a block"
                raise Forbidden(message)
            if works or account.life(held) is Life.DEAD:
                household.application.refresh(account, held)

    def _look_at_links(self, household: Household, account: Account) -> None:
        for link in account.used:
            household.owners.submit_again(account, link, household.new_password())

    def _wait_for_letters(self) -> None:
        """Have another worker do what is left, when all of it is due."""
        self.place.worker.end()
        with opened_ports(self.place.settings, StandingClock(_LATER_S)) as ports:
            worker = Worker.build(self.place.settings, ports, threading.Event())
            for _ in range(_STEPS):
                worker.step()
            with ports.store.reading() as work:
                left = work.outbox.waiting()[0]
                claimed = work.resets.claimed()
        if left or claimed:
            self.court.condemn(f"in the end {left} letters wait, and {len(claimed)} links are in use")

    def _look_at_letters(self) -> None:
        for household in self.households:
            for account in household.accounts:
                self._count(account, RESET, account.resets)
                self._count(account, PASSWORD_CHANGED, account.changes)
                self._count(account, BLOCKED, account.blocks)
                if account.invited:
                    self._count(account, INVITATION, [1, 0])
        letters = self.place.post.all()
        if len({(letter.message_id, letter.link) for letter in letters}) > len({letter.message_id for letter in letters}):
            self.court.condemn("two letters have one Message-ID")
        for first, *others in self.place.post.arrivals():
            self.doubles += len(others)
            if others and not self._may_be_unheard(first):
                self.court.condemn(f"a letter came twice, and nothing was wrong when it came first: {first}, {others}")

    def _may_be_unheard(self, at: float) -> bool:
        """Tell whether the worker may not have come to know, or to note, that the mail server had taken a letter."""
        return any(outage.touches(at, at + RECOVERY_S) for outage in self.court.outages if Excuse.MAIL in outage.excuses)

    def _count(self, account: Account, kind: str, expected: list[int]) -> None:
        certain, doubted = expected
        letters = self.place.post.letters(account.mail)
        came = len({letter.message_id for letter in letters if kind in (letter.subject, letter.link[: len(kind)])})
        if not certain <= came <= certain + doubted:
            self.court.condemn(f"{account.uid}: {came} letters {kind!r} came, and not {certain} (or {doubted} more): {account}")

    @contextmanager
    def _judged(self) -> Iterator[None]:
        try:
            yield
        except Forbidden as exc:
            self.court.condemn(str(exc))
        except NotNow as exc:
            self.court.condemn(f"in the end something is still away: {exc.__cause__!r}")
