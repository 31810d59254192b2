"""What holds off who guesses an owner's portal password, and not its owner (docs/threats.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.errors import InvalidCredentials, LoginWantsCaptcha, Throttled
from idp.services.login_guard import Caller
from tests.services.world import ANNA_MAIL, BOB_MAIL, ELSEWHERE, HOME, PORTAL_PASSWORD

if TYPE_CHECKING:
    from tests.services.world import NewWorld, World

pytestmark = pytest.mark.row("R2")

STRANGER = Caller(HOME)
NOBODY = "nobody@example.nl"


def known(world: World, mail: str = ANNA_MAIL, network: str = HOME) -> Caller:
    """Give a browser in which the owner of a mail address has logged in."""
    return Caller(network, (world.owner_login.token_for(mail, STRANGER),))


def solved(world: World) -> Caller:
    """Give a browser that was never let in, with a captcha that it has solved."""
    return Caller(ELSEWHERE, (), world.solve())


def guess(world: World, mail: str, caller: Caller, times: int = 1) -> None:
    """Log in with a wrong password."""
    for _ in range(times):
        with pytest.raises(InvalidCredentials):
            world.owner_login.log_in(mail, "geraden is het niet", caller)


@pytest.fixture
def guessed(new_world: NewWorld) -> World:
    """For Anna, and for an address that is nobody's, too much was guessed; of twenty failures one counter keeps two."""
    world = new_world(limits={"login_failures": "2 per day"})
    for mail in (ANNA_MAIL, NOBODY):
        guess(world, mail, STRANGER, 2)
    world.calls.names.clear()
    return world


@pytest.mark.row("S29")
@pytest.mark.parametrize("mail", [ANNA_MAIL, NOBODY])
def test_a_strangers_browser_is_asked_for_a_captcha_before_anything_is_looked_up(guessed: World, mail: str) -> None:
    """Guessing from ten thousand addresses costs nothing; or who is asked, and who isn't, tells which people are customers."""
    with pytest.raises(LoginWantsCaptcha):
        guessed.owner_login.log_in(mail, PORTAL_PASSWORD, STRANGER)
    assert guessed.calls.names == ["limits.hit login-address", "limits.hit login-mail", "limits.check login-failures"]
    assert guessed.owner_login.wants_captcha(mail, STRANGER)


def test_whoever_solves_it_is_judged_as_ever(guessed: World) -> None:
    """An owner at a new machine would be shut out for as long as somebody guesses."""
    assert guessed.owner_login.log_in(ANNA_MAIL, PORTAL_PASSWORD, solved(guessed))
    guess(guessed, ANNA_MAIL, solved(guessed))


def test_one_captcha_is_worth_one_guess(guessed: World) -> None:
    """One would pay for ten million of them."""
    caller = solved(guessed)
    guess(guessed, ANNA_MAIL, caller)
    with pytest.raises(LoginWantsCaptcha):
        guessed.owner_login.log_in(ANNA_MAIL, PORTAL_PASSWORD, caller)


def test_the_owners_own_browser_is_asked_for_none(guessed: World) -> None:
    """Who guesses from elsewhere would cost each owner a captcha a day, for ever."""
    assert guessed.owner_login.log_in(ANNA_MAIL, PORTAL_PASSWORD, known(guessed))
    assert not guessed.owner_login.wants_captcha(ANNA_MAIL, known(guessed))


def test_other_owners_are_asked_for_none(guessed: World) -> None:
    """One victim would be everybody's captcha."""
    guess(guessed, BOB_MAIL, STRANGER)
    assert not guessed.owner_login.wants_captcha(BOB_MAIL, STRANGER)


@pytest.mark.parametrize("token", ["", "~", "~~", "x~" + "0" * 64, "é~ë", "x"])
def test_a_token_that_was_not_made_here_is_none(guessed: World, token: str) -> None:
    """Whoever guesses would write one."""
    with pytest.raises(LoginWantsCaptcha):
        guessed.owner_login.log_in(ANNA_MAIL, PORTAL_PASSWORD, Caller(HOME, (token,)))


def test_a_browser_that_is_known_for_one_owner_is_a_strangers_to_all_others(guessed: World) -> None:
    """Any customer would guess at all others without a captcha."""
    with pytest.raises(LoginWantsCaptcha):
        guessed.owner_login.log_in(ANNA_MAIL, PORTAL_PASSWORD, known(guessed, BOB_MAIL))


def test_those_behind_the_same_address_use_up_nothing_of_a_known_browsers(new_world: NewWorld) -> None:
    """One guesser in an office, or on a telephone network, and nobody there logs in for an hour."""
    world = new_world(limits={"login_address": "3 per hour", "login_mail": "2 per hour"})
    guess(world, ANNA_MAIL, STRANGER, 2)
    guess(world, BOB_MAIL, STRANGER)
    with pytest.raises(Throttled):
        world.owner_login.log_in(ANNA_MAIL, PORTAL_PASSWORD, STRANGER)
    assert world.owner_login.log_in(ANNA_MAIL, PORTAL_PASSWORD, known(world))


def test_a_known_browser_guesses_no_faster_than_others_wherever_it_is(new_world: NewWorld) -> None:
    """Whoever sits down at it, or has stolen its cookie, would try without end."""
    world = new_world(limits={"login_mail": "3 per hour"})
    caller = known(world)
    guess(world, ANNA_MAIL, caller)
    guess(world, ANNA_MAIL, Caller(ELSEWHERE, caller.tokens), 2)
    with pytest.raises(Throttled):
        world.owner_login.log_in(ANNA_MAIL, PORTAL_PASSWORD, caller)
    assert world.owner_login.log_in(ANNA_MAIL, PORTAL_PASSWORD, known(world))


def test_what_is_mistyped_in_the_owners_browser_costs_no_other_one_a_captcha(new_world: NewWorld) -> None:
    """An owner who errs in one browser would be taken for a guesser in the next."""
    world = new_world(limits={"login_failures": "1 per day"})
    guess(world, ANNA_MAIL, known(world), 2)
    assert world.owner_login.log_in(ANNA_MAIL, PORTAL_PASSWORD, STRANGER)


def test_a_browser_keeps_its_token_and_holds_one_for_each_owner(world: World) -> None:
    """Three log-ins of one owner would push the other's out of a browser that they share."""
    anna = known(world)
    assert world.owner_login.token_for(ANNA_MAIL, anna) == anna.tokens[0]
    assert world.owner_login.token_for(BOB_MAIL, anna) != anna.tokens[0]
    assert world.owner_login.token_for(f" {ANNA_MAIL.upper()}", anna) == anna.tokens[0]
