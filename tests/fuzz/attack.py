"""Sends requests for a while, and stops at the first that was not taken as it should be."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

from tests.fuzz.live import live
from tests.fuzz.rounds import EACH, least
from tests.fuzz.sent import Grammar
from tests.web.authorizing import Application
from tests.web.pushing import STRICT, Pusher

if TYPE_CHECKING:
    from tests.fuzz.rounds import Rounds
    from tests.fuzz.sent import Sent
    from tests.fuzz.target import Target
    from tests.web.world import World

MOST_GROWTH_KB = 40_000
"""Of a service that has warmed up: what a table that only grows would pass in a long run."""


class FaultFound(AssertionError):
    """What was wrong, with the least input that has it, and the seed that makes it again."""


def attack(target: Target, rounds: Rounds) -> str:
    """Send; gives what was seen.

    Raises:
        FaultFound: a request was answered wrongly, or memory grew.
    """
    world, addresses = target.world, target.addresses()
    application, bank = Application.register(world), Pusher.register(world, STRICT)
    device = world.clients.add_public("vendor_app", "Kassa", "operator:test").client_id
    memory = []
    for seed, random in rounds.each():
        _forget(world)
        good = live(world, application, bank, device)
        memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)

        def judge(sent: Sent) -> list[str]:
            return target.faults(sent, good)  # noqa: B023  # it is called in this round alone

        grammar = Grammar(addresses, good, random)
        for _ in range(EACH):
            sent = grammar.request()
            found = judge(sent)
            if found:
                message = f"{found} with --fuzz-seed {seed}: {least(sent, judge)}"
                raise FaultFound(message)
    half = memory[len(memory) // 2]
    if memory[-1] - half > MOST_GROWTH_KB:
        message = f"memory grew from {half} kB half way to {memory[-1]} kB"
        raise FaultFound(message)
    return f"{target.told()}; {half} kB of memory half way, {memory[-1]} kB at the end"


def _forget(world: World) -> None:
    """Leave what tests keep of the service: only its own memory counts."""
    world.forget_mails()
    world.calls.names.clear()
    world.visitors.clear()
