"""How long it takes, when a part is back, until each thing can be done again."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import median
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING

from tests.torture.asking import NotNow
from tests.torture.court import RECOVERY_S
from tests.torture.facts import Forbidden

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.torture.court import Court

_STEP_S = 0.1
_GIVE_UP_S = 4 * RECOVERY_S


@dataclass
class Recovery:
    """A watch.

    Args:
        court: hears what took too long.
        ways: by name, does one thing, and gives how long people themselves took for it, in seconds; it raises `NotNow` as long
            as it can't be done.
        took: how long each took to come back, in seconds.
    """

    court: Court
    ways: dict[str, Callable[[], float]]
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def watch(self, fault: str, back: float) -> None:
        """Try all of them until each was done.

        Args:
            fault: its name.
            back: when the part was back, on the monotonic clock.
        """
        with ThreadPoolExecutor(len(self.ways)) as pool:
            for name, seconds in zip(
                self.ways, pool.map(lambda way: self._until_done(way, back), self.ways.values()), strict=True
            ):
                self.took[name].append(seconds)
                if seconds > RECOVERY_S:
                    self.court.condemn(f"{name} came back {seconds:.1f} s after {fault} was over")

    def lines(self) -> list[str]:
        """Give the median and the longest, by what was done."""
        return [f"{name:20} {median(took):6.2f} s {max(took):6.2f} s" for name, took in sorted(self.took.items())]

    def _until_done(self, way: Callable[[], float], back: float) -> float:
        peoples = 0.0
        while monotonic() - back < _GIVE_UP_S:
            try:
                peoples = way()
            except NotNow:
                Event().wait(_STEP_S)
            except Forbidden as exc:
                self.court.condemn(str(exc))
                Event().wait(_STEP_S)
            else:
                break
        return monotonic() - back - peoples
