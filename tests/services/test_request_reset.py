"""A stranger's request for a new password: the same whatever they typed, and worth a captcha (R7, R10, R15, R22)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from altcha.v2 import Challenge, Payload, solve_challenge

from idp.domain.capability import Purpose
from idp.domain.directory_time import LONG_PAST
from idp.domain.mail import Letter
from idp.domain.people import Locks
from idp.domain.reset_request import ResetState
from idp.errors import CaptchaRefused, Throttled, UsernameIncomplete, UsernameMissing
from tests.services.calls import IDENTIFY_CALLS, VERIFY_CALLS
from tests.services.composition import DIGESTS
from tests.services.world import (
    ELSEWHERE,
    FULL_NAME,
    HOME,
    IMPOSSIBLE_FULL_NAME,
    NAME,
    OTHERS_NAME,
    UNKNOWN_FULL_NAME,
    UNKNOWN_NAME,
)

if TYPE_CHECKING:
    from tests.services.world import NewWorld, World


@pytest.mark.row("R15", "R22")
@pytest.mark.parametrize(
    "typed", [FULL_NAME, f"{OTHERS_NAME}@u4bb.nl", UNKNOWN_FULL_NAME, IMPOSSIBLE_FULL_NAME, "piet@elders.nl"]
)
def test_a_stranger_causes_the_same_whatever_they_typed(world: World, typed: str) -> None:
    """Whoever can ask "does this one exist?" gets the whole customer list."""
    step = world.identify(typed)
    world.verify(step, typed)
    assert world.calls.names == IDENTIFY_CALLS + VERIFY_CALLS
    (row,) = world.take_letters()
    assert (row.letter, row.with_ticket) == (Letter.RESET, False)
    assert row.created_at == world.clock.now()
    assert len(bytes.fromhex(row.id)) == 16
    (event,) = world.audit()
    assert (event.action, event.actor, event.subject) == ("reset.requested", "stranger", "")
    assert event.detail == row.facts == {"request": row.id}
    assert event.at == world.clock.now()


@pytest.mark.row("R15", "R22")
@pytest.mark.parametrize("state", ["blocked", "owner blocked", "cooldown", "no mail", "no owner"])
def test_a_stranger_is_not_told_how_a_user_is(world: World, state: str) -> None:
    """The same, for how they are."""
    changes = {
        "blocked": lambda: world.admin.block(NAME),
        "owner blocked": lambda: world.admin.set_owner_locks(world.anna, Locks(end=LONG_PAST)),
        "cooldown": lambda: world.admin.set_password(NAME, "een wachtwoord"),
        "no mail": lambda: world.admin.set_mail(world.anna, None),
        "no owner": lambda: world.admin.delete_owner(world.anna),
    }
    changes[state]()
    world.verify(world.identify())
    assert world.calls.names == IDENTIFY_CALLS + VERIFY_CALLS


@pytest.mark.row("R26")
def test_the_pages_work_while_the_directory_is_down(world: World) -> None:
    """A directory that is restarted at night would cost requests; the mail waits for it."""
    world.admin.away = True
    request = world.reset(world.request())
    assert (request.bare, request.state) == (NAME, ResetState.QUEUED)


@pytest.mark.row("R10", "R15")
def test_a_request_keeps_the_normalised_name_and_the_digest_of_its_link(world: World) -> None:
    """S34: whoever reads the database would have the links; or the mail would look for another name."""
    request_id = world.request(f" {NAME.lower()}@U4BB.nl ")
    request = world.reset(request_id)
    assert (request.bare, request.with_ticket, request.created_at) == (NAME, False, world.clock.now())
    assert request.digest == DIGESTS.digest(Purpose.RESET_LINK, world.link(request_id))
    assert world.reset(world.request(UNKNOWN_FULL_NAME)).bare == UNKNOWN_NAME
    assert world.reset(world.request(IMPOSSIBLE_FULL_NAME)).bare is None


@pytest.mark.row("R10")
@pytest.mark.parametrize(("typed", "error"), [("", UsernameMissing), (" ", UsernameMissing), (NAME, UsernameIncomplete)])
def test_an_incomplete_name_costs_no_captcha_and_counts_nothing(world: World, typed: str, error: type[Exception]) -> None:
    """Who forgot the suffix would have to prove once more that they are no robot."""
    solution = world.solve()
    with pytest.raises(error):
        world.request_reset.identify(typed, solution, None, HOME)
    assert world.calls.names == []
    world.request_reset.identify(FULL_NAME, solution, None, HOME)


@pytest.mark.row("R7", "R15")
def test_an_honest_captcha_is_worth_one_request(world: World) -> None:
    """One solution would do for a program's ten thousand requests."""
    challenge = Challenge.from_dict(dict(world.captcha.challenge(world.clock.now())))
    solution = solve_challenge(challenge)
    assert solution is not None
    payload = Payload(challenge, solution).to_base64()
    world.request_reset.identify(FULL_NAME, payload, None, HOME)
    world.calls.names.clear()
    for network in (HOME, ELSEWHERE):
        with pytest.raises(CaptchaRefused):
            world.request_reset.identify(UNKNOWN_FULL_NAME, payload, None, network)
    assert world.calls.names == ["store.transaction"] * 2


@pytest.mark.row("R7")
@pytest.mark.parametrize("solution", ["", "no solution"])
def test_without_a_captcha_nothing_is_counted_or_kept(world: World, solution: str) -> None:
    """A program would use up everybody's limits without any work."""
    with pytest.raises(CaptchaRefused):
        world.request_reset.identify(FULL_NAME, solution, None, HOME)
    assert world.calls.names == []


@pytest.mark.row("R15")
def test_a_solution_is_used_up_even_when_the_limit_refuses(new_world: NewWorld) -> None:
    """The same work could be tried from one address after another."""
    world = new_world(limits={"reset_address": "1 per hour"})
    world.identify()
    solution = world.solve()
    with pytest.raises(Throttled):
        world.request_reset.identify(FULL_NAME, solution, None, HOME)
    with pytest.raises(CaptchaRefused):
        world.request_reset.identify(FULL_NAME, solution, None, ELSEWHERE)
