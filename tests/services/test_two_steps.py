"""From Identify to Verify: the same name, in time, once (R13, R14, R15)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.errors import FlowExpired, NamesDiffer, StepUsed, UsernameIncomplete, UsernameMissing
from tests.services.world import IMPOSSIBLE_FULL_NAME, NAME, SECOND_NAME, UNKNOWN_FULL_NAME

if TYPE_CHECKING:
    from tests.services.world import World

TEN_MINUTES = timedelta(minutes=10)
SECOND = timedelta(seconds=1)


@pytest.mark.row("R13")
@pytest.mark.parametrize("typed", [f"{SECOND_NAME}@u4bsw.nl", UNKNOWN_FULL_NAME, IMPOSSIBLE_FULL_NAME])
def test_another_name_at_verify_is_refused_and_the_step_can_be_tried_again(world: World, typed: str) -> None:
    """A typing error in the first name would be mailed about; one in the second would cost a captcha."""
    step = world.identify()
    world.calls.names.clear()
    with pytest.raises(NamesDiffer):
        world.verify(step, typed)
    assert world.calls.names == ["store.reading"]
    world.verify(step)


@pytest.mark.row("R13")
def test_the_same_name_in_another_spelling_is_the_same(world: World) -> None:
    """Who typed the first and pasted the second would be refused."""
    world.verify(world.identify(), f"  {NAME.lower()}@u4bb.nl")
    assert len(world.take_letters()) == 1


@pytest.mark.row("R13")
@pytest.mark.parametrize(("typed", "error"), [("", UsernameMissing), (NAME, UsernameIncomplete)])
def test_an_incomplete_name_at_verify_can_be_tried_again(world: World, typed: str, error: type[Exception]) -> None:
    """Who forgot the suffix would have to begin again."""
    step = world.identify()
    with pytest.raises(error):
        world.verify(step, typed)
    world.verify(step)


@pytest.mark.row("R14")
def test_there_are_ten_minutes_between_the_steps(world: World) -> None:
    """A page left open would be finished by whoever finds it."""
    step = world.identify()
    world.clock.go(TEN_MINUTES - SECOND)
    world.request_reset.assert_step(step)
    world.clock.go(SECOND)
    with pytest.raises(FlowExpired):
        world.request_reset.assert_step(step)
    with pytest.raises(FlowExpired):
        world.verify(step)
    assert world.take_letters() == []


@pytest.mark.row("R15")
@pytest.mark.parametrize("step", [None, "", "never made"])
def test_identify_can_not_be_skipped(world: World, step: str | None) -> None:
    """A program would need no captcha."""
    with pytest.raises(FlowExpired):
        world.request_reset.assert_step(step)
    with pytest.raises(FlowExpired):
        world.verify(step)
    assert world.calls.names == (["store.reading"] * 2 if step else [])


@pytest.mark.row("R15")
def test_another_secret_is_no_step(world: World) -> None:
    """A ticket's cookie would do instead of a captcha."""
    with pytest.raises(FlowExpired):
        world.verify(world.ticket())


@pytest.mark.row("R15")
def test_a_step_works_once(world: World) -> None:
    """One captcha would be worth a hundred mails."""
    step = world.identify()
    world.verify(step)
    with pytest.raises(StepUsed):
        world.request_reset.assert_step(step)
    with pytest.raises(StepUsed):
        world.verify(step)
    assert len(world.take_letters()) == 1


@pytest.mark.row("R15")
def test_of_two_submissions_of_one_step_one_wins(world: World) -> None:
    """The same, for who sends both at once: nothing of the second is kept."""
    step = world.identify()
    world.calls.after["limits.hit reset-name"] = lambda: world.verify(step)
    with pytest.raises(StepUsed):
        world.verify(step)
    assert len(world.take_letters()) == len(world.audit("reset.requested")) == 1
