"""A browser that keeps no cookies (S45, R29)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web.page import Visitor
from tests.web.world import FULL_NAME, OWNER_MAIL, PASSWORD

if TYPE_CHECKING:
    from tests.web.world import NewWorld, World

PHONE = "088 – 247 247 2"  # noqa: RUF001  # the manual writes it with an en dash
FORMS = [
    ("/login", "/login", {"mail": OWNER_MAIL, "password": "x"}),
    ("/login/forgot", "/login/forgot", {"mail": OWNER_MAIL}),
    ("/reset", "/reset", {"username": FULL_NAME, "altcha": "x"}),
]
WORDS = {
    "nl": "Deze pagina werkt alleen als cookies aanstaan. Zet ze aan in je browser en verstuur de pagina nog een keer. "
    f"Lukt dat niet? Bel {PHONE} .",
    "en": "This page only works with cookies on. Switch them on in your browser, and send the page again. "
    f"Does that not work? Call {PHONE} .",
}


@pytest.fixture
def forgetful(world: World) -> Visitor:
    """A browser whose owner has switched cookies off."""
    return Visitor(world.app.test_client(use_cookies=False))


@pytest.mark.row("S45", "R29")
@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(("page", "action", "fields"), FORMS)
def test_who_keeps_no_cookies_is_told_so_and_whom_to_call(
    forgetful: Visitor, language: str, page: str, action: str, fields: dict[str, str]
) -> None:
    """Told that the page was stale, they would send it again for ever."""
    forgetful.open(f"{page}?lang={language}")
    answer = forgetful.submit(action, fields, at=f"{action}?lang={language}")
    assert answer.status_code == 400
    assert forgetful.page.alert == WORDS[language]


@pytest.mark.row("S45")
def test_behind_tls_the_cookie_is_known_by_its_other_name(new_world: NewWorld) -> None:
    """Everybody whose page is stale would be told to switch on what is on."""
    visitor = new_world(service={"origin": "https://koppel.example.nl"}).another_visitor()
    visitor.base_url = "https://koppel.example.nl"
    visitor.open("/login")
    visitor.submit("/login", {"mail": OWNER_MAIL, "csrf_token": "rubbish"})
    assert visitor.page.alert == "Deze pagina was verouderd. Verstuur hem nog een keer."


@pytest.mark.row("R19")
def test_a_mailed_link_needs_no_cookie(world: World, forgetful: Visitor) -> None:
    """The form of a link is authorised by its address; the mail may open in a browser that keeps nothing."""
    link = world.reset_link(world.another_visitor())
    forgetful.open(link)
    assert forgetful.submit("", {"password": PASSWORD, "password_again": PASSWORD}, at=link).status_code == 303
