"""The whole of it: a load, one fault after another, and a look at what is left."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from random import Random
from time import monotonic
from typing import TYPE_CHECKING

from tests.torture.application import CREDENTIALS, INTROSPECTION, PASSWORD, REFRESH, Application
from tests.torture.court import Court
from tests.torture.faults import all_faults, last
from tests.torture.household import Household
from tests.torture.office import Office
from tests.torture.recovery import Recovery
from tests.torture.stocktaking import take_stock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.torture.faults import Fault
    from tests.torture.place import Place

_HOUSEHOLDS = 4
_EACH = 3
_FAULT_S = (1.0, 3.0)
_QUIET_S = 1.5


@dataclass
class Torture:
    """One run.

    Args:
        place: what is tortured.
        random: decides everything.
        court: judges.
        faults: how often each kind was done.
    """

    place: Place
    random: Random
    court: Court = field(default_factory=Court)
    faults: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Make the people."""
        self.office = Office(self.place, self.place.admin())
        self.households = [self._household(f"U4BB{letter}") for letter in "ABCDEFGH"[:_HOUSEHOLDS]]
        watched = self._household("U4BBW")
        self.recovery = self._recovery(watched)

    def run(self, seconds: float) -> None:
        """Go on for a while, and look at what is left.

        Args:
            seconds: for the faults; what comes before and after is short.
        """
        until = monotonic() + seconds
        with self._load():
            for fault in self._drawn():
                if monotonic() > until:
                    break
                self._do(fault)
        take_stock(self.place, self.court, self.office, self.households)

    def lines(self) -> list[str]:
        """Tell what happened."""
        return self.court.lines() + [f"{name:40} {count}" for name, count in sorted(self.faults.items())] + self.recovery.lines()

    def _do(self, fault: Fault) -> None:
        self.faults[fault.name] += 1
        with self.court.outage(fault.name, fault.excuses) as outage, fault.lasting():
            last(self.random.uniform(*_FAULT_S))
        assert outage.ended is not None
        self.recovery.watch(fault.name, outage.ended)
        last(_QUIET_S)

    def _drawn(self) -> Iterator[Fault]:
        """Give each kind once, in any order, and then again."""
        while True:
            faults = all_faults(self.place)
            self.random.shuffle(faults)
            yield from faults

    @contextmanager
    def _load(self) -> Iterator[None]:
        stop = threading.Event()
        threads = [threading.Thread(target=self._live, args=(household, stop)) for household in self.households]
        with ExitStack() as stack:
            for thread in threads:
                thread.start()
                stack.callback(thread.join)
            stack.callback(stop.set)
            yield

    def _live(self, household: Household, stop: threading.Event) -> None:
        try:
            household.live(stop)
        except BaseException as exc:
            self.court.condemn(f"{household.name}: the load has a fault of its own: {exc!r}")
            raise

    def _household(self, name: str) -> Household:
        household = Household(self.place, self.court, self.office, Random(self.random.random()), name)  # noqa: S311  # it guards nothing
        household.move_in(1 if name.endswith("W") else _EACH)
        return household

    def _recovery(self, watched: Household) -> Recovery:
        (account,) = watched.accounts
        application = Application(self.place, self.court)
        application.log_in(account, account.password)
        (held,) = account.held
        return Recovery(
            self.court,
            {
                PASSWORD: lambda: _done(application.log_in(account, account.password)),
                REFRESH: lambda: _done(application.refresh(account, held)),
                INTROSPECTION: lambda: _done(application.introspect(account, held)),
                CREDENTIALS: application.ask_for_itself,
            },
        )


def _done(done: bool) -> None:  # noqa: FBT001  # what was answered
    assert done
