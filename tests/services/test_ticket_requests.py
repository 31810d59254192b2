"""A request with a ticket is the owner's: for their own user, with a budget of its own (R6, R15)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Purpose
from idp.errors import NotYourName, Throttled
from tests.services.composition import DIGESTS
from tests.services.world import ELSEWHERE, IMPOSSIBLE_FULL_NAME, NAME, OTHERS_NAME, SECOND_NAME, UNKNOWN_FULL_NAME

if TYPE_CHECKING:
    from tests.services.world import NewWorld, World

TEN_MINUTES = timedelta(minutes=10)
SECOND = timedelta(seconds=1)


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
@pytest.mark.parametrize("typed", [f"{SECOND_NAME}@u4bsw.nl", f"{OTHERS_NAME}@u4bsw.nl", UNKNOWN_FULL_NAME, IMPOSSIBLE_FULL_NAME])
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
    """A neighbour behind the same address could keep an owner out, with a ticket of their own or without."""
    world = new_world(limits={"reset_address": "1 per hour", "reset_address_ticket": "1 per hour"})
    cookie = world.ticket()
    world.identify()
    world.identify(cookie=cookie)
    with pytest.raises(Throttled):
        world.identify(cookie=cookie)
    with pytest.raises(Throttled):
        world.identify()
    world.identify(f"{OTHERS_NAME}@u4bsw.nl", world.ticket(OTHERS_NAME, world.bob))
    world.identify(cookie=cookie, network=ELSEWHERE)


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
    world.verify(step)
    (row,) = world.take_letters()
    assert row.with_ticket
