"""Weeks that pass in a test: the limits' counters go by the world's clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pytest
from limits import strategies

from idp.errors import InvalidCredentials, Throttled
from idp.web import window_storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from idp.ports.outside import Clock
    from idp.web.limits import CountedLimits
    from tests.services.calls import Watched
    from tests.services.world import World

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

UNLIMITED = 200
"""So many guesses at one moment are held back by nothing."""


@dataclass(frozen=True)
class ClockTime:
    """Stands where the counters have the module `time`, of which they use two functions."""

    clock: Clock

    def time(self) -> float:
        """Seconds since the epoch."""
        return self.clock.now().timestamp()

    def monotonic(self) -> float:
        """Seconds since any moment."""
        return self.time()


def let_counters_follow(world: World, patched: pytest.MonkeyPatch) -> World:
    """Have the counters' moments, and the waits that they tell, be those of the world's clock.

    Args:
        world: whose clock it is.
        patched: undoes it.
    """
    told = ClockTime(world.clock)
    for module in (window_storage, strategies):
        patched.setattr(module, "time", told)
    watched = cast("Watched", world.limits)
    watched.target = replace(cast("CountedLimits", watched.target), wall_clock=told.time)
    return world


def each(world: World, step: timedelta, until: timedelta) -> Iterator[int]:
    """Let time pass in steps; gives the number of each.

    Args:
        world: whose clock is moved, after each.
        step: of the clock.
        until: how much passes in all.
    """
    for number in range(until // step):
        yield number
        world.clock.go(step)


def guessed_within(world: World, length: timedelta, guess: Callable[[int], object]) -> int:
    """Guess wrongly as fast as the limits let; tells how many guesses were judged.

    Args:
        world: whose clock is moved, past the end, when a guess must wait.
        length: how long it goes on.
        guess: makes one, by its number.
    """
    end, judged = world.clock.now() + length, 0
    while world.clock.now() < end:
        assert judged < UNLIMITED
        try:
            guess(judged)
        except InvalidCredentials:
            judged += 1
        except Throttled as refused:
            world.clock.go(timedelta(seconds=refused.retry_after_s) + SECOND)
        else:
            pytest.fail("the guess was right")
    return judged
