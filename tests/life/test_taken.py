"""What a simulated day is judged by finds what grows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.life.taken import Taken, growing

if TYPE_CHECKING:
    from collections.abc import Callable

STILL = Taken(0, 140.0, 20, 1, 9000, {"tokens": 3000, "audit": 100})

LEAKS: dict[str, Callable[[Taken, int], Taken]] = {
    "memory_mib": lambda taken, hour: replace(taken, memory_mib=taken.memory_mib + 0.5 * hour),
    "files": lambda taken, hour: replace(taken, files=taken.files + hour // 4),
    "threads": lambda taken, hour: replace(taken, threads=taken.threads + hour // 4),
    "counters": lambda taken, hour: replace(taken, counters=taken.counters + 90 * hour),
    "tokens": lambda taken, hour: replace(taken, rows={**taken.rows, "tokens": 3000 + 30 * hour}),
    "audit": lambda taken, hour: replace(taken, rows={**taken.rows, "audit": 100 + 30 * hour}),
}


def a_day(leak: Callable[[Taken, int], Taken]) -> list[Taken]:
    """Give 24 hours with a leak."""
    return [leak(replace(STILL, hour=hour), hour) for hour in range(24)]


@pytest.mark.parametrize("what", LEAKS)
def test_each_kind_of_leak_is_found(what: str) -> None:
    """The longest day would show nothing."""
    (found,) = growing(a_day(LEAKS[what]), {"audit": 700})
    assert found.startswith(f"{what}: ")


def test_what_keeps_happening_may_be_kept() -> None:
    """Each day of the audit would be called a leak."""
    assert growing(a_day(LEAKS["audit"]), {"audit": 800}) == []
