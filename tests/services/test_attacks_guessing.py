"""Passwords guessed: stuffed, sprayed, slowly, from everywhere, and what the guesser gets for it (docs/threats.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.client import UserSubject
from idp.errors import InvalidCredentials, LoginWantsCaptcha, Throttled
from idp.services.login_guard import Caller
from tests.services.logins import ready_client
from tests.services.simulated import DAY, HOUR, SECOND, guessed_within, let_counters_follow
from tests.services.world import ANNA_MAIL, HOME, NAME, PASSWORD, PORTAL_PASSWORD

if TYPE_CHECKING:
    from idp.domain.client import Client
    from tests.services.world import NewWorld, World

pytestmark = pytest.mark.row("S29")

HALF_AN_HOUR = HOUR / 2


@pytest.fixture
def world(new_world: NewWorld, monkeypatch: pytest.MonkeyPatch) -> World:
    """Whose limits go by its clock."""
    return let_counters_follow(new_world(), monkeypatch)


def test_whoever_guesses_for_weeks_gets_ten_a_quarter_in_the_last_as_in_the_first(world: World, client: Client) -> None:
    """A limit that wears off, or forgets, is none to somebody with time; one that hoards would shut the owner out in the end."""
    weeks = []
    for week in range(4):

        def guess(number: int, week: int = week) -> None:
            world.login.koppelgebruiker(client, NAME, f"guess {week} {number}")

        weeks.append(guessed_within(world, HALF_AN_HOUR, guess))
        world.clock.go(7 * DAY)
        assert world.login.koppelgebruiker(client, NAME, PASSWORD).uid == NAME
    assert weeks == [20] * 4


def test_a_sprayed_password_shuts_out_none_of_those_it_was_tried_on(world: World) -> None:
    """One word tried on every customer, once or a few times, would keep them all from their banks for a quarter of an hour."""
    client = ready_client(world)
    names = [f"SPRAYED{number}" for number in range(8)]
    for name in names:
        world.admin.add_user(name, world.bob)
        world.admin.set_password(name, PASSWORD)
    for word in ("een woord van iedereen", "nog een", "en nog een"):
        for name in names:
            with pytest.raises(InvalidCredentials):
                world.login.koppelgebruiker(client, name, word)
    assert [world.login.koppelgebruiker(client, name, PASSWORD).uid for name in names] == names


def test_pairs_that_leaked_elsewhere_are_tried_sixty_an_hour_from_one_address(world: World) -> None:
    """A list of a million addresses with their passwords would be tried overnight; each pair is another one's first."""

    def one_pair(number: int) -> None:
        world.owner_login.log_in(f"owner{number}@example.nl", "a leaked password", Caller(HOME))

    assert guessed_within(world, HOUR, one_pair) == 60


def test_one_owners_portal_is_guessed_ten_times_a_quarter_from_one_address_and_never_shut(world: World) -> None:
    """From one machine a password would be found out; or whoever guesses would keep its owner out, who is elsewhere."""

    def one_guess(number: int) -> None:
        world.owner_login.log_in(ANNA_MAIL, f"guess {number}", Caller(HOME))

    assert guessed_within(world, HALF_AN_HOUR, one_guess) == 20
    assert world.owner_login.log_in(ANNA_MAIL, PORTAL_PASSWORD, Caller("203.0.113.1"))


def test_from_everywhere_each_guess_at_an_owner_costs_a_captcha_and_their_own_browser_none(world: World) -> None:
    """Ten thousand addresses, or one line's 65,536 networks, would guess ten million times a day, and none of them stand out."""
    own = Caller(HOME, (world.owner_login.token_for(ANNA_MAIL, Caller(HOME)),))
    judged, wanted = 0, 0
    for number in range(20 * 24):
        caller = Caller(f"198.51.{number // 256}.{number % 256}")
        for nth in range(2):
            try:
                world.owner_login.log_in(ANNA_MAIL, f"guess {number} {nth}", caller)
            except InvalidCredentials:
                judged += 1
            except LoginWantsCaptcha:
                wanted += 1
        if number % 20 == 19:
            assert world.owner_login.log_in(ANNA_MAIL, PORTAL_PASSWORD, own)
            world.clock.go(HOUR)
    assert (judged, wanted) == (30, 930)
    solved = Caller("203.0.113.1", (), world.solve())
    assert world.owner_login.log_in(ANNA_MAIL, PORTAL_PASSWORD, solved)


def test_a_victim_is_kept_out_at_one_application_a_quarter_of_an_hour_and_loses_nothing_else(
    world: World, client: Client
) -> None:
    """Whoever can type into one bank's form would cut a customer off everywhere, or for good."""
    other = world.client("ing")
    user = world.login.koppelgebruiker(client, NAME, PASSWORD)
    for number in range(10):
        with pytest.raises(InvalidCredentials):
            world.login.koppelgebruiker(client, NAME, f"guess {number}")
    with pytest.raises(Throttled) as refused:
        world.login.koppelgebruiker(client, NAME, PASSWORD)
    assert refused.value.retry_after_s <= 15 * 60
    assert world.login.koppelgebruiker(other, NAME, PASSWORD).uid == NAME
    assert world.gate.assert_usable(UserSubject(user.entry_uuid), client, user.seen) == user
    world.clock.go(timedelta(seconds=refused.value.retry_after_s) + SECOND)
    assert world.login.koppelgebruiker(client, NAME, PASSWORD).uid == NAME
