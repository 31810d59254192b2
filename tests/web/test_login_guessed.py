"""The portal's door while somebody guesses: a captcha for strangers' browsers, none for an owner's own (docs/threats.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web.world import OWNER_MAIL, OWNER_PASSWORD

if TYPE_CHECKING:
    from tests.web.page import Visitor
    from tests.web.world import NewWorld, World

pytestmark = pytest.mark.row("R2")

ASKED = "Er is vaak een verkeerd wachtwoord ingevuld. Vul het jouwe opnieuw in, en vink ‘Ik ben geen robot’ aan."  # noqa: RUF001
WRONG = "Het mailadres of het wachtwoord klopt niet."
RIGHT = {"mail": OWNER_MAIL, "password": OWNER_PASSWORD}
WIDGET = ("altcha-widget", "challenge", "/captcha/challenge?v=1")


@pytest.fixture
def world(new_world: NewWorld) -> World:
    """The owner's browser was let in, and whoever guesses since has done so once too often."""
    return new_world(limits={"login_failures": "1 per day"})


@pytest.fixture
def own(world: World) -> Visitor:
    """The owner's browser, logged out."""
    visitor = world.another_visitor()
    world.log_in(visitor)
    visitor.submit("/logout")
    return visitor


def has_captcha(visitor: Visitor) -> bool:
    """Tell whether there is a box to tick, and all that it needs."""
    widget, named = WIDGET[0], {tag: facts.get(WIDGET[1]) for tag, facts in visitor.page.tags}
    scripts = any("captcha.js" in facts.get("src", "") for tag, facts in visitor.page.tags if tag == "script")
    styles = any("altcha" in facts.get("href", "") for tag, facts in visitor.page.tags if tag == "link")
    assert (named.get(widget) == WIDGET[2]) == scripts == styles
    return scripts


def guess(visitor: Visitor, **fields: str) -> int:
    """Log in with a wrong password; gives the answer's status."""
    visitor.open("/login")
    return visitor.submit("/login", {"mail": OWNER_MAIL, "password": "geraden is het niet", **fields}).status_code


@pytest.mark.parametrize("mail", [OWNER_MAIL, "nobody@example.nl"])
def test_a_strangers_browser_is_given_a_captcha_and_logs_in_with_it(world: World, mail: str) -> None:
    """An owner at a new machine would stand before a refusal without a way on; and who is asked tells not who is a customer."""
    visitor = world.another_visitor()
    assert guess(visitor, mail=mail) == 400
    assert (visitor.page.alert, has_captcha(visitor)) == (WRONG, True)
    assert visitor.submit("/login", {"mail": mail, "password": OWNER_PASSWORD}).status_code == 400
    assert (visitor.page.alert, has_captcha(visitor)) == (ASKED, True)
    assert visitor.page.links[ASKED] == "#altcha-checkbox-captcha"
    assert (visitor.page.form("/login").fields["mail"], visitor.page.form("/login").fields["password"]) == (mail, "")
    answer = visitor.submit("/login", {"mail": mail, "password": OWNER_PASSWORD, "altcha": visitor.solve_captcha()})
    assert answer.location == ("/" if mail == OWNER_MAIL else None)
    assert (answer.status_code == 303) is (mail == OWNER_MAIL)


@pytest.mark.parametrize("solution", ["", "no solution"])
def test_a_captcha_that_is_not_solved_lets_nobody_in(world: World, solution: str) -> None:
    """A box that everybody may leave empty is none."""
    visitor = world.another_visitor()
    guess(visitor)
    assert visitor.submit("/login", {**RIGHT, "altcha": solution}).status_code == 400
    assert visitor.page.alert == ASKED
    assert not world.cookie("portal")


def test_the_owners_own_browser_logs_in_as_ever(world: World, own: Visitor) -> None:
    """Somebody who guesses all day would cost each owner a captcha each day; logging out would make a stranger of them."""
    guess(world.another_visitor())
    own.open("/login")
    assert not has_captcha(own)
    assert own.submit("/login", RIGHT).location == "/"


def test_what_the_browser_keeps_is_read_by_nobody_but_us_and_for_long(world: World) -> None:
    """A script, or a page elsewhere, would carry it off; or the next week the owner is a stranger again."""
    visitor = world.another_visitor()
    visitor.open("/login")
    visitor.submit("/login", RIGHT)
    (cookie,) = [cookie for cookie in visitor.last_cookies if cookie.startswith("browser=")]
    assert {"HttpOnly", "SameSite=Strict", "Path=/", f"Max-Age={400 * 86400}"} <= set(cookie.split("; "))
