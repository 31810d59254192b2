"""Makes up input for a while, in rounds; a fault is told with the least input that has it, and with how to make it again."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from random import Random, SystemRandom
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.fuzz.sent import Sent

EACH = 500
"""Inputs of a round, before what was good is made anew."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """How long, and from where.

    Args:
        seconds: new input is made up so long.
        seed: the same one makes the same input again; None for another one each time.
        at_least: so many rounds, however long they take.
    """

    seconds: float
    seed: int | None = None
    at_least: int = 1

    def share(self, parts: int) -> Iterator[tuple[int, Random]]:
        """Go on for a part of the time, as `each`."""
        return replace(self, seconds=self.seconds / parts).each()

    def each(self) -> Iterator[tuple[int, Random]]:
        """Give the seed of each round, and what decides in it."""
        seed = SystemRandom().randrange(10**9) if self.seed is None else self.seed
        until, number = time.monotonic() + self.seconds, 0
        while number < self.at_least or time.monotonic() < until:
            yield seed + number, Random(seed + number)  # noqa: S311  # it guards nothing
            number += 1


def least(sent: Sent, judge: Callable[[Sent], list[str]]) -> Sent:
    """Leave out what a fault does not need.

    Args:
        sent: has a fault.
        judge: gives its faults.
    """
    for smaller in _smaller(sent):
        if judge(smaller):
            return least(smaller, judge)
    return sent


def _smaller(sent: Sent) -> Iterator[Sent]:
    for name in sent.headers:
        yield replace(sent, headers={other: value for other, value in sent.headers.items() if other != name})
    for name in sent.cookies:
        yield replace(sent, cookies={other: value for other, value in sent.cookies.items() if other != name})
    query, body = sent.query.split("&"), sent.body.split(b"&")
    if sent.query:
        yield from (replace(sent, query="&".join(query[:at] + query[at + 1 :])) for at in range(len(query)))
    if sent.body:
        yield from (replace(sent, body=b"&".join(body[:at] + body[at + 1 :])) for at in range(len(body)))
