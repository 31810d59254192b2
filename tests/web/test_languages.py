"""Dutch and English, never both on one page (R12, texts.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from babel.messages.pofile import read_po

import idp.translations
from tests.web.page import Page
from tests.web.world import FULL_NAME, NAME, PASSWORD, SECOND_NAME

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.web.page import Visitor
    from tests.web.world import NewWorld, World


@pytest.mark.row("R12")
@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("nl", "nl"),
        ("en", "en"),
        ("en-GB,en;q=0.8,nl;q=0.5", "en"),
        ("nl-BE", "nl"),
        ("de,fr;q=0.7", "nl"),
        ("", "nl"),
        ("*;q=x", "nl"),
    ],
)
def test_the_browsers_language_is_taken(visitor: Visitor, accepted: str, language: str) -> None:
    """Dutch first, for whoever has neither."""
    answer = visitor.open("/login", Accept_Language=accepted)
    assert answer.headers["Content-Language"] == visitor.page.language == language
    assert "Accept-Language" in answer.headers["Vary"]


@pytest.mark.row("R12")
def test_the_switch_is_remembered(visitor: Visitor) -> None:
    """A choice is made once, and holds on every page after it."""
    visitor.open("/login", Accept_Language="nl")
    assert visitor.open("/login" + visitor.page.links["English"], Accept_Language="nl").headers["Content-Language"] == "en"
    assert visitor.open("/reset", Accept_Language="nl").headers["Content-Language"] == "en"
    assert visitor.open("/reset?lang=nl", Accept_Language="en").headers["Content-Language"] == "nl"
    assert visitor.open("/login", Accept_Language="en").headers["Content-Language"] == "nl"


@pytest.mark.row("R12", "S47")
@pytest.mark.parametrize("asked", ["de", "", "../../etc/passwd", "%00", "%ff"])
def test_a_language_that_we_do_not_have_changes_nothing(visitor: Visitor, asked: str) -> None:
    """Whatever stands in the address, the page comes, in Dutch, and nothing is remembered."""
    answer = visitor.open(f"/login?lang={asked}")
    assert (answer.status_code, answer.headers["Content-Language"]) == (200, "nl")
    assert "language=" not in str(answer.headers.getlist("Set-Cookie"))


@pytest.mark.row("R12")
def test_no_page_mixes_languages(new_world: NewWorld) -> None:
    """Half a page in another language reads as fraud. Every page of a whole reset, and every error, in both."""
    sentences = _catalogue()
    del sentences["Wachtwoord wijzigen"]  # the mail's subject, in whatever language it is announced
    for language, foreign in (("nl", set(sentences.values())), ("en", set(sentences))):
        world = new_world()
        for answer in _walk(world, world.another_visitor(), language):
            page = Page(answer.text)
            assert page.language == language, answer.request.path
            words = {" ".join(piece.split()) for piece in page.pieces}
            assert not words & (foreign - (set(sentences) & set(sentences.values()))), answer.request.path


@pytest.mark.row("R29")
def test_every_page_names_the_phone_number(new_world: NewWorld) -> None:
    """Whoever is stuck, on whatever page, has somewhere to turn; the number is the configuration's."""
    world = new_world(brand={"phone": "+31 88 000 00 00"})
    for answer in _walk(world, world.another_visitor(), "nl"):
        page = Page(answer.text)
        assert page.links["+31 88 000 00 00"] == "tel:+31880000000", answer.request.path
        assert "247 247" not in page.words


def _catalogue() -> dict[str, str]:
    path = idp.translations.FOLDER / "en" / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id and message.id != message.string}


def _walk(world: World, visitor: Visitor, language: str) -> list[TestResponse]:
    seen = [visitor.open(f"/login?lang={language}")]
    seen += [visitor.submit("/login", {"mail": "x"}), visitor.open("/login/forgot"), visitor.open("/login/forgot/sent")]
    seen += [world.log_in(visitor), visitor.open("/reset"), visitor.submit("/reset", {"username": ""})]
    world.identify(visitor, FULL_NAME)
    seen += [visitor.open("/reset/verify"), visitor.submit("/reset/verify", {"username": "x"})]
    seen += [visitor.open("/reset/sent"), visitor.open("/reset/password/never-was"), visitor.open("/not-me/never-was")]
    seen += _walk_links(world, visitor)
    seen += [visitor.open("/no-such-page"), visitor.open("/logout")]
    world.directory.away = True
    seen.append(visitor.open("/"))
    world.directory.away = False
    return seen


def _walk_portal(world: World, visitor: Visitor) -> list[TestResponse]:
    world.directory.set_password(SECOND_NAME, PASSWORD)
    world.couple(world.application("Basecone"), SECOND_NAME)
    world.couple(world.application("Pakket", "vendor_api"), SECOND_NAME)
    addresses = [f"/portal/{page}/{world.user(name).entry_uuid}" for page in ("history", "check") for name in (NAME, SECOND_NAME)]
    world.log_in(visitor)
    return [visitor.open(address) for address in ("/?q=0009", "/?q=x", "/portal/couplings", *addresses)]


def _walk_links(world: World, visitor: Visitor) -> list[TestResponse]:
    link = world.reset_link(visitor)
    seen = [visitor.open(link), visitor.submit("", {"password": "kort", "password_again": "kort"}, at=link)]
    seen += [_choose_password(visitor, link), visitor.open(link)]
    link = world.mails()[-1].path("/not-me/")
    seen.append(visitor.open(link))
    visitor.submit("", at=link)
    seen.append(visitor.follow())
    seen += _walk_portal(world, visitor)
    link = world.forgotten_password_link(visitor)
    return [*seen, visitor.open(link), _choose_password(visitor, link)]


def _choose_password(visitor: Visitor, link: str) -> TestResponse:
    visitor.open(link)
    visitor.submit("", {"password": PASSWORD, "password_again": PASSWORD}, at=link)
    return visitor.follow()
