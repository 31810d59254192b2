"""How often a reset can be asked for, by name and by address, whether the name exists or not (R15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Purpose
from idp.errors import Throttled
from tests.services.calls import IDENTIFY_CALLS, VERIFY_CALLS
from tests.services.composition import DIGESTS
from tests.services.world import ELSEWHERE, FULL_NAME, IMPOSSIBLE_FULL_NAME, NAME, SECOND_NAME, UNKNOWN_FULL_NAME

if TYPE_CHECKING:
    from tests.services.world import NewWorld, World


@pytest.mark.row("R15")
@pytest.mark.parametrize("typed", [FULL_NAME, UNKNOWN_FULL_NAME, IMPOSSIBLE_FULL_NAME])
def test_a_name_is_asked_for_three_times_an_hour_by_all_together(world: World, typed: str) -> None:
    """Strangers could fill an owner's mailbox; and a name without a limit would be one that does not exist."""
    steps = [world.identify(typed, network=f"192.0.2.{number}") for number in range(4)]
    for step in steps[:3]:
        world.verify(step, typed)
    world.calls.names.clear()
    with pytest.raises(Throttled):
        world.verify(steps[3], typed)
    assert world.calls.names == VERIFY_CALLS[:2]
    with pytest.raises(Throttled):
        world.identify(typed, network=ELSEWHERE)
    world.request(f"{SECOND_NAME}@u4bsw.nl")


@pytest.mark.row("R15")
def test_a_throttled_step_is_not_used_up(new_world: NewWorld) -> None:
    """Who was told to wait would have to begin again."""
    world = new_world(limits={"reset_name": "1 per hour"})
    first, second = world.identify(), world.identify()
    world.verify(first)
    with pytest.raises(Throttled):
        world.verify(second)
    world.request_reset.assert_step(second)


@pytest.mark.row("R15")
def test_identify_alone_uses_up_nothing_of_a_name(world: World) -> None:
    """A stranger's first steps would shut the owner out."""
    for number in range(10):
        world.identify(network=f"192.0.2.{number}")
    world.request()


@pytest.mark.row("R15")
def test_an_address_asks_thirty_times_an_hour(world: World) -> None:
    """One machine could ask for every customer."""
    for number in range(30):
        world.identify(f"A{number}@u4bsw.nl")
    world.calls.names.clear()
    with pytest.raises(Throttled) as raised:
        world.identify()
    assert world.calls.names == IDENTIFY_CALLS[:2]
    assert 1 <= raised.value.retry_after_s <= 3600
    world.identify(network=ELSEWHERE)


@pytest.mark.row("R15")
def test_names_are_counted_as_digests(world: World) -> None:
    """Whoever reads the counters would have a list of customers."""
    for _ in range(3):
        world.limits.hit("reset-name", DIGESTS.digest(Purpose.LIMIT, NAME, ""))
    with pytest.raises(Throttled):
        world.identify()
