"""The whole of it: a load, one fault after another, and a look at what is left."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from random import Random
from time import monotonic
from typing import TYPE_CHECKING

from tests.system.processes import waiting
from tests.torture.application import CREDENTIALS, INTROSPECTION, PASSWORD, REFRESH, Application
from tests.torture.asking import NotNow
from tests.torture.backups import Backup
from tests.torture.court import Court
from tests.torture.faults import all_faults, last
from tests.torture.household import Household
from tests.torture.office import Office
from tests.torture.operators import Operators
from tests.torture.owner import PORTAL
from tests.torture.recovery import Recovery
from tests.torture.stocktaking import Stocktaking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.torture.faults import Fault
    from tests.torture.model import Account
    from tests.torture.place import Place

_HOUSEHOLDS = 4
_EACH = 3
_QUIET_S = 1.0
_SOMETIMES = 0.3
_LONGER = (1, 1, 4, 8)
_LETTER_S = 8.0
LETTER = "letter"


@dataclass
class Torture:
    """One run.

    Args:
        place: what is tortured.
        random: decides everything.
        court: judges.
        faults: how often each kind was done.
        at_once: how often two were.
    """

    place: Place
    random: Random
    court: Court = field(default_factory=Court)
    faults: Counter[str] = field(default_factory=Counter)
    at_once: int = 0

    def __post_init__(self) -> None:
        """Make the people."""
        self.office = Office(self.place, self.court, self.place.admin())
        self.households = [self._household(f"U4BB{letter}") for letter in "ABCDEFGH"[:_HOUSEHOLDS]]
        watched = self._household("U4BBW")
        self.recovery = self._recovery(watched)
        self.stocktaking = Stocktaking(self.place, self.court, self.households)

    def run(self, seconds: float) -> None:
        """Go on for a while, and look at what is left.

        Args:
            seconds: for the faults; what comes before and after is short.
        """
        until = monotonic() + seconds
        with self._load():
            for faults, times in self._drawn():
                if monotonic() > until:
                    break
                self._do(faults, times)
            backup = Backup.take(self.place, self.households)
        self.stocktaking.take()
        backup.judge(self.place, self.court, self.households)

    def lines(self) -> list[str]:
        """Tell what happened."""
        faults = [f"{name:40} {count}" for name, count in sorted(self.faults.items())]
        return [
            "requests, by what was answered and how soon:",
            *self.court.lines(),
            f"{self.faults.total()} faults, {self.at_once} times two at once, by kind:",
            *faults,
            "back after a fault was over, median and longest:",
            *self.recovery.lines(),
            f"letters that came twice: {self.stocktaking.doubles}",
        ]

    def _do(self, faults: Sequence[Fault], times: float) -> None:
        name = " and ".join(sorted(fault.name for fault in faults))
        self.faults.update(fault.name for fault in faults)
        self.at_once += len(faults) > 1
        with ExitStack() as stack:
            for fault in faults:
                stack.enter_context(self.court.outage(fault.name, fault.excuses))
                stack.enter_context(fault.lasting())
            last(min(times * self.random.uniform(*faults[0].seconds), *(fault.most_s for fault in faults)))
        self.recovery.watch(name, monotonic())
        last(_QUIET_S)

    def _drawn(self) -> Iterator[tuple[list[Fault], float]]:
        """Give each kind once, in any order, and then again, longer, and sometimes two at once; with how much longer."""
        for turn in itertools.count():
            faults = all_faults(self.place)
            self.random.shuffle(faults)
            while faults:
                drawn = [faults.pop()]
                others = [fault for fault in faults if fault.part != drawn[0].part]
                if turn and others and self.random.random() < _SOMETIMES:
                    drawn.append(others[0])
                    faults.remove(others[0])
                drawn.sort(
                    key=lambda fault: not fault.name.endswith("killed")
                )  # what starts again does so when the other is over
                yield drawn, self.random.choice(_LONGER) if turn else 1

    @contextmanager
    def _load(self) -> Iterator[None]:
        stop = threading.Event()
        operators = Operators(self.place, self.court, self._chance())
        threads = [threading.Thread(target=self._live, args=(people, stop)) for people in (*self.households, operators)]
        with ExitStack() as stack:
            for thread in threads:
                thread.start()
                stack.callback(thread.join)
            stack.callback(stop.set)
            yield

    def _live(self, people: Household | Operators, stop: threading.Event) -> None:
        try:
            people.live(stop)
        except BaseException as exc:
            self.court.condemn(f"the load has a fault of its own: {exc!r}")
            raise

    def _letter(self, household: Household, reader: Account) -> float:
        """Ask, and wait for the letter; one that was asked for before may come first. The captcha is a person's time."""
        began = monotonic()
        household.owners.ask(reader, with_ticket=False)
        took = monotonic() - began
        for _ in waiting(_LETTER_S):
            if reader.asked is None:
                return took
            household.owners.look_for_letter(reader)
        raise NotNow

    def _chance(self) -> Random:
        """Give what decides in another thread."""
        return Random(self.random.random())  # noqa: S311  # it guards nothing

    def _household(self, name: str) -> Household:
        household = Household(self.place, self.court, self.office, self._chance(), name)
        household.move_in(2 if name.endswith("W") else _EACH)
        return household

    def _recovery(self, watched: Household) -> Recovery:
        account, reader = watched.accounts
        application = Application(self.place, self.court)
        application.log_in(account, account.password)
        (held,) = account.held
        return Recovery(
            self.court,
            {
                PASSWORD: _at_once(lambda: application.log_in(account, account.password)),
                REFRESH: _at_once(lambda: application.refresh(account, held)),
                INTROSPECTION: _at_once(lambda: application.introspect(account, account.held[-1])),  # the first lives for an hour
                CREDENTIALS: _at_once(application.ask_for_itself),
                PORTAL: _at_once(lambda: watched.owners.look_at_portal(account, account.portal_password)),
                LETTER: lambda: self._letter(watched, reader),
            },
        )


def _at_once(way: Callable[[], object]) -> Callable[[], float]:
    """Give what is done by a program, or in no time."""

    def done() -> float:
        assert way() is not False
        return 0.0

    return done
