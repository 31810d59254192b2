"""What an owner sees of their koppelgebruikers, and the ticket that *Vraag aan* makes (R3-R6)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Purpose
from idp.errors import DirectoryUnavailable, FlowExpired, UnknownUser
from idp.services.portal import Ticket
from tests.services.composition import COOLDOWN
from tests.services.world import FULL_NAME, NAME, OTHERS_NAME, PASSWORD, SECOND_NAME, UNKNOWN_NAME

if TYPE_CHECKING:
    from tests.services.world import World

SECOND = timedelta(seconds=1)
TEN_MINUTES = timedelta(minutes=10)


@pytest.mark.row("R3", "R4", "R5")
def test_an_owner_sees_their_own_users_with_both_forms_of_the_name(world: World) -> None:
    """People would copy the form that the bank refuses, or see a stranger's users."""
    lines = world.portal.lines(world.anna)
    assert [(line.user.uid, line.full_name) for line in lines] == [(NAME, FULL_NAME), (SECOND_NAME, f"{SECOND_NAME}@u4bsw.nl")]
    assert [line.user.uid for line in world.portal.lines(world.bob)] == [OTHERS_NAME]


@pytest.mark.row("R27", "R28")
def test_an_owner_sees_when_a_next_reset_is_possible(world: World) -> None:
    """People would go through the captcha to be told to come back tomorrow."""
    assert [line.next_reset_at for line in world.portal.lines(world.anna)] == [None, None]
    world.admin.set_password(NAME, PASSWORD)
    changed = world.clock.now()
    assert [line.next_reset_at for line in world.portal.lines(world.anna)] == [changed + COOLDOWN, None]
    world.clock.go(COOLDOWN - SECOND)
    assert world.portal.lines(world.anna)[0].next_reset_at == changed + COOLDOWN
    world.clock.go(SECOND)
    assert world.portal.lines(world.anna)[0].next_reset_at is None


@pytest.mark.row("R24")
def test_a_release_shows_at_once(world: World) -> None:
    """Support says *try again*, and the portal still says tomorrow."""
    world.admin.set_password(NAME, PASSWORD)
    world.admin.release(world.user())
    assert world.portal.lines(world.anna)[0].next_reset_at is None


def test_an_owner_sees_which_user_is_blocked(world: World) -> None:
    """People would wait for a mail that never comes."""
    world.admin.block(SECOND_NAME)
    assert [line.blocked for line in world.portal.lines(world.anna)] == [False, True]


@pytest.mark.row("R6")
def test_a_ticket_is_for_this_owner_and_this_user(world: World) -> None:
    """A ticket would tell whoever holds it about other users."""
    holder = world.portal.holder(world.ticket())
    assert holder == Ticket(world.anna.entry_uuid, world.user().entry_uuid, NAME)


@pytest.mark.row("R6")
@pytest.mark.parametrize("name", [OTHERS_NAME, UNKNOWN_NAME, FULL_NAME, ""])
def test_there_is_no_ticket_for_somebody_elses_user(world: World, name: str) -> None:
    """Whoever has any account could ask about every customer; and *not yours* is *unknown*, or names could be listed."""
    with pytest.raises(UnknownUser):
        world.portal.ticket(world.anna, name)


@pytest.mark.row("R6")
def test_a_ticket_is_exchanged_once(world: World) -> None:
    """The address in the browser's history would be a ticket for whoever sits there next."""
    ticket = world.portal.ticket(world.anna, NAME)
    assert world.portal.holder(ticket) is None
    cookie = world.portal.exchange(ticket)
    assert cookie != ticket
    assert world.portal.holder(cookie) is not None
    with pytest.raises(FlowExpired):
        world.portal.exchange(ticket)


@pytest.mark.row("R6")
def test_of_two_exchanges_at_once_one_wins(world: World) -> None:
    """Whoever reads along could be as quick as the owner, and neither would notice."""
    ticket = world.portal.ticket(world.anna, NAME)
    cookies: list[str] = []
    world.calls.after["store.reading"] = lambda: cookies.append(world.portal.exchange(ticket))
    with pytest.raises(FlowExpired):
        world.portal.exchange(ticket)
    assert len(cookies) == 1


@pytest.mark.row("R6")
def test_the_ten_minutes_count_from_the_click(world: World) -> None:
    """The exchange would give ten minutes more, for ever."""
    ticket = world.portal.ticket(world.anna, NAME)
    world.clock.go(TEN_MINUTES - SECOND)
    cookie = world.portal.exchange(ticket)
    assert world.portal.holder(cookie) is not None
    world.clock.go(SECOND)
    assert world.portal.holder(cookie) is None


@pytest.mark.row("R6")
def test_a_ticket_that_is_too_old_is_not_exchanged(world: World) -> None:
    """Yesterday's address would open today."""
    ticket = world.portal.ticket(world.anna, NAME)
    world.clock.go(TEN_MINUTES)
    with pytest.raises(FlowExpired):
        world.portal.exchange(ticket)
    with pytest.raises(FlowExpired):
        world.portal.exchange("never made")


@pytest.mark.row("R6", "R26")
@pytest.mark.parametrize("cookie", [None, "", "never made"])
def test_without_a_cookie_there_is_no_ticket(world: World, cookie: str | None) -> None:
    """The pages must work for who comes without a portal session."""
    world.calls.names.clear()
    assert world.portal.holder(cookie) is None
    assert ("store.reading" in world.calls.names) == bool(cookie)


def test_a_portal_session_is_no_ticket(world: World) -> None:
    """One secret would do for the other."""
    session = world.kept.make(Purpose.PORTAL_SESSION, {"owner": "o", "user": "u", "bare": NAME})
    assert world.portal.holder(session) is None


def test_a_directory_that_is_down_is_no_empty_portal(world: World) -> None:
    """People would believe that their users are gone."""
    world.admin.away = True
    with pytest.raises(DirectoryUnavailable):
        world.portal.lines(world.anna)
    with pytest.raises(DirectoryUnavailable):
        world.portal.ticket(world.anna, NAME)
