"""Identify and Verify: from a name typed twice to one queued request (R6, R10, R13, R14, R15)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from altcha.v2 import Challenge, Payload, solve_challenge

from idp.domain.capability import Purpose
from idp.domain.mail import Letter
from idp.domain.reset_request import ResetState
from idp.errors import (
    CaptchaRefused,
    FlowExpired,
    NamesDiffer,
    NotYourName,
    Throttled,
    UsernameIncomplete,
    UsernameMissing,
)
from tests.services.world import (
    DIGESTS,
    ELSEWHERE,
    FULL_NAME,
    HOME,
    NAME,
    OTHERS_NAME,
    SECOND_NAME,
    UNKNOWN_NAME,
)

if TYPE_CHECKING:
    from tests.services.world import NewWorld, World

UNKNOWN = f"{UNKNOWN_NAME}@u4bsw.nl"
IMPOSSIBLE = "*)(uid=*@u4bsw.nl"
TEN_MINUTES = timedelta(minutes=10)
SECOND = timedelta(seconds=1)
# What a stranger's two steps call, whatever they typed: no directory anywhere.
IDENTIFY = ["store.transaction", "limits.hit reset-address", "limits.check reset-name", "store.transaction"]
VERIFY = ["store.reading", "limits.hit reset-name", "store.transaction"]


def verify(world: World, step: str | None, typed: str = FULL_NAME) -> None:
    """Do the second step."""
    world.request_reset.verify(step, typed)


# -- without a ticket --------------------------------------------------------------------------------------------------------


@pytest.mark.row("R15", "R22")
@pytest.mark.parametrize("typed", [FULL_NAME, f"{OTHERS_NAME}@u4bb.nl", UNKNOWN, IMPOSSIBLE, "piet@elders.nl"])
def test_a_stranger_causes_the_same_whatever_they_typed(world: World, typed: str) -> None:
    """Whoever can ask "does this one exist?" gets the whole customer list."""
    step = world.identify(typed)
    verify(world, step, typed)
    assert world.calls.names == IDENTIFY + VERIFY
    (row,) = world.take_letters()
    assert (row.letter, row.with_ticket) == (Letter.RESET, False)
    assert row.created_at == world.clock.now()
    assert len(bytes.fromhex(row.id)) == 16
    (event,) = world.audit()
    assert (event.action, event.actor, event.subject) == ("reset.requested", "stranger", "")
    assert event.detail == row.facts == {"request": row.id}
    assert event.at == world.clock.now()


@pytest.mark.row("R15", "R22")
@pytest.mark.parametrize("state", ["blocked", "cooldown", "no mail", "no owner"])
def test_a_stranger_is_not_told_how_a_user_is(world: World, state: str) -> None:
    """The same, for how they are."""
    changes = {
        "blocked": lambda: world.admin.block(NAME),
        "cooldown": lambda: world.admin.set_password(NAME, "een wachtwoord"),
        "no mail": lambda: world.admin.set_mail(world.anna, None),
        "no owner": lambda: world.admin.delete_owner(world.anna),
    }
    changes[state]()
    verify(world, world.identify())
    assert world.calls.names == IDENTIFY + VERIFY


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
    assert world.reset(world.request(UNKNOWN)).bare == UNKNOWN_NAME
    assert world.reset(world.request(IMPOSSIBLE)).bare is None


@pytest.mark.row("R10")
@pytest.mark.parametrize(("typed", "error"), [("", UsernameMissing), (" ", UsernameMissing), (NAME, UsernameIncomplete)])
def test_an_incomplete_name_costs_no_captcha_and_counts_nothing(world: World, typed: str, error: type[Exception]) -> None:
    """Who forgot the suffix would have to prove once more that they are no robot."""
    solution = world.solve()
    with pytest.raises(error):
        world.request_reset.identify(typed, solution, None, HOME)
    assert world.calls.names == []
    world.request_reset.identify(FULL_NAME, solution, None, HOME)


# -- the captcha -------------------------------------------------------------------------------------------------------------


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
            world.request_reset.identify(UNKNOWN, payload, None, network)
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


# -- the two steps -----------------------------------------------------------------------------------------------------------


@pytest.mark.row("R13")
@pytest.mark.parametrize("typed", [f"{SECOND_NAME}@u4bsw.nl", UNKNOWN, IMPOSSIBLE])
def test_another_name_at_verify_is_refused_and_the_step_can_be_tried_again(world: World, typed: str) -> None:
    """A typing error in the first name would be mailed about; one in the second would cost a captcha."""
    step = world.identify()
    world.calls.names.clear()
    with pytest.raises(NamesDiffer):
        verify(world, step, typed)
    assert world.calls.names == ["store.reading"]
    verify(world, step)


@pytest.mark.row("R13")
def test_the_same_name_in_another_spelling_is_the_same(world: World) -> None:
    """Who typed the first and pasted the second would be refused."""
    verify(world, world.identify(), f"  {NAME.lower()}@u4bb.nl")
    assert len(world.take_letters()) == 1


@pytest.mark.row("R13")
@pytest.mark.parametrize(("typed", "error"), [("", UsernameMissing), (NAME, UsernameIncomplete)])
def test_an_incomplete_name_at_verify_can_be_tried_again(world: World, typed: str, error: type[Exception]) -> None:
    """Who forgot the suffix would have to begin again."""
    step = world.identify()
    with pytest.raises(error):
        verify(world, step, typed)
    verify(world, step)


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
        verify(world, step)
    assert world.take_letters() == []


@pytest.mark.row("R15")
@pytest.mark.parametrize("step", [None, "", "never made"])
def test_identify_can_not_be_skipped(world: World, step: str | None) -> None:
    """A program would need no captcha."""
    with pytest.raises(FlowExpired):
        world.request_reset.assert_step(step)
    with pytest.raises(FlowExpired):
        verify(world, step)
    assert set(world.calls.names) == {"store.reading"}


@pytest.mark.row("R15")
def test_another_secret_is_no_step(world: World) -> None:
    """A ticket's cookie would do instead of a captcha."""
    with pytest.raises(FlowExpired):
        verify(world, world.ticket())


@pytest.mark.row("R15")
def test_a_step_works_once(world: World) -> None:
    """One captcha would be worth a hundred mails."""
    step = world.identify()
    verify(world, step)
    with pytest.raises(FlowExpired):
        world.request_reset.assert_step(step)
    with pytest.raises(FlowExpired):
        verify(world, step)
    assert len(world.take_letters()) == 1


@pytest.mark.row("R15")
def test_of_two_submissions_of_one_step_one_wins(world: World) -> None:
    """The same, for who sends both at once: nothing of the second is kept."""
    step = world.identify()
    world.calls.after["limits.hit reset-name"] = lambda: verify(world, step)
    with pytest.raises(FlowExpired):
        verify(world, step)
    assert len(world.take_letters()) == len(world.audit("reset.requested")) == 1


# -- limits ------------------------------------------------------------------------------------------------------------------


@pytest.mark.row("R15")
@pytest.mark.parametrize("typed", [FULL_NAME, UNKNOWN, IMPOSSIBLE])
def test_a_name_is_asked_for_three_times_an_hour_by_all_together(world: World, typed: str) -> None:
    """Strangers could fill an owner's mailbox; and a name without a limit would be one that does not exist."""
    steps = [world.identify(typed, network=f"192.0.2.{number}") for number in range(4)]
    for step in steps[:3]:
        verify(world, step, typed)
    world.calls.names.clear()
    with pytest.raises(Throttled):
        verify(world, steps[3], typed)
    assert world.calls.names == VERIFY[:2]
    with pytest.raises(Throttled):
        world.identify(typed, network=ELSEWHERE)
    world.request(f"{SECOND_NAME}@u4bsw.nl")


@pytest.mark.row("R15")
def test_a_throttled_step_is_not_used_up(new_world: NewWorld) -> None:
    """Who was told to wait would have to begin again."""
    world = new_world(limits={"reset_name": "1 per hour"})
    first, second = world.identify(), world.identify()
    verify(world, first)
    with pytest.raises(Throttled):
        verify(world, second)
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
    assert world.calls.names == IDENTIFY[:2]
    assert 1 <= raised.value.retry_after_s <= 3600
    world.identify(network=ELSEWHERE)


@pytest.mark.row("R15")
def test_names_are_counted_as_digests(world: World) -> None:
    """Whoever reads the counters would have a list of customers."""
    for _ in range(3):
        world.limits.hit("reset-name", DIGESTS.digest(Purpose.LIMIT, NAME, ""))
    with pytest.raises(Throttled):
        world.identify()


# -- with a ticket -----------------------------------------------------------------------------------------------------------


@pytest.mark.row("R6")
def test_a_ticket_makes_a_request_of_the_owners(world: World) -> None:
    """The owner's mails would count as a stranger's."""
    cookie = world.ticket()
    request_id = world.request(cookie=cookie)
    assert world.reset(request_id).with_ticket
    (row,) = world.take_letters()
    assert row.with_ticket
    (event,) = world.audit("reset.requested")
    assert (event.actor, event.subject, event.detail) == ("owner", "", {"request": request_id})


@pytest.mark.row("R6")
@pytest.mark.parametrize("typed", [f"{SECOND_NAME}@u4bsw.nl", f"{OTHERS_NAME}@u4bsw.nl", UNKNOWN, IMPOSSIBLE])
def test_another_name_under_a_ticket_is_told_without_a_look_up(world: World, typed: str) -> None:
    """Whoever has one account could ask about all customers."""
    cookie = world.ticket()
    world.calls.names.clear()
    with pytest.raises(NotYourName):
        world.identify(typed, cookie)
    assert world.calls.names == ["store.reading", "store.transaction", "limits.hit reset-address-ticket"]


@pytest.mark.row("R15")
def test_a_stranger_can_not_use_an_owners_budget_up(world: World) -> None:
    """Anybody could keep an owner from their password for as long as they like."""
    for _ in range(3):
        world.request()
    with pytest.raises(Throttled):
        world.request()
    cookie = world.ticket()
    for _ in range(3):
        world.request(cookie=cookie)
    with pytest.raises(Throttled):
        world.request(cookie=cookie)


@pytest.mark.row("R15")
def test_an_address_with_a_ticket_has_a_budget_of_its_own(new_world: NewWorld) -> None:
    """A neighbour behind the same address could keep an owner out."""
    world = new_world(limits={"reset_address": "1 per hour", "reset_address_ticket": "1 per hour"})
    cookie = world.ticket()
    world.identify()
    world.identify(cookie=cookie)
    with pytest.raises(Throttled):
        world.identify(cookie=cookie)
    with pytest.raises(Throttled):
        world.identify()


@pytest.mark.row("R15")
def test_a_budget_with_a_ticket_is_one_owners(world: World) -> None:
    """A former owner of the user could use up the present one's."""
    cookie = world.ticket()
    for _ in range(3):
        world.request(cookie=cookie)
    world.admin.give_to(NAME, world.bob)
    world.request(cookie=world.ticket(owner=world.bob))
    for _ in range(2):
        world.limits.hit("reset-name-ticket", DIGESTS.digest(Purpose.LIMIT, NAME, world.bob.entry_uuid))
    with pytest.raises(Throttled):
        world.identify(cookie=world.ticket(owner=world.bob))


@pytest.mark.row("R6", "R26")
def test_a_ticket_that_ran_out_is_none(world: World) -> None:
    """Who was slow would get nowhere; they go on as anybody does."""
    cookie = world.ticket()
    world.clock.go(TEN_MINUTES)
    assert not world.reset(world.request(cookie=cookie)).with_ticket


@pytest.mark.row("R6")
def test_the_ticket_counts_at_identify(world: World) -> None:
    """An owner whose ticket runs out between the steps would be asked to begin again."""
    step = world.identify(cookie=world.ticket())
    world.clock.go(TEN_MINUTES - SECOND)
    verify(world, step)
    (row,) = world.take_letters()
    assert row.with_ticket
