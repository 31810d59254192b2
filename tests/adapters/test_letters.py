"""The words of our mail (R17, R19, R20, R29)."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from idp.adapters.letters import TemplateLetters
from idp.domain.mail import Letter
from idp.settings import Settings

LETTERS = TemplateLetters.build(Settings())
LINK = "https://koppel.example.nl/reset/password/Sw0rdf1sh-_x"
FACTS = {
    "name": "Anna <b>O'Brien</b> & Zn. {x}",
    "bare": "U4BBGA0008",
    "user": "U4BBGA0008@u4bsw.nl",
    "at": "2026-07-01T22:30:00+00:00",
}
WITH_LINK = {
    Letter.RESET,
    Letter.PASSWORD_CHANGED,
    Letter.INVITATION,
    Letter.PORTAL_PASSWORD,
    Letter.PORTAL_PASSWORD_CHANGED,
}
ALL = [(letter, language) for letter in Letter for language in ("nl", "en")]


def _facts(letter: Letter) -> dict[str, str]:
    return FACTS | ({"link": LINK} if letter in WITH_LINK else {})


class _Html(HTMLParser):
    """Keeps what a reader of the HTML sees and can click."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.row("R17")
@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_reset_mail_has_the_manuals_subject(language: str) -> None:
    """The manual, and our own page, tell people to look for exactly this subject, in whatever language."""
    assert LETTERS.write(Letter.RESET, language, _facts(Letter.RESET)).subject == "Wachtwoord wijzigen"


@pytest.mark.row("R17")
def test_the_subject_can_be_configured() -> None:
    """Another brand has another subject."""
    letters = TemplateLetters.build(Settings.model_validate({"mail": {"subject": "Nieuw wachtwoord"}}))
    assert letters.write(Letter.RESET, "nl", _facts(Letter.RESET)).subject == "Nieuw wachtwoord"


@pytest.mark.row("R29")
@pytest.mark.parametrize(("letter", "language"), ALL)
def test_every_letter_names_the_phone_number(letter: Letter, language: str) -> None:
    """Without it who is stuck has nowhere to turn."""
    content = LETTERS.write(letter, language, _facts(letter))
    for part in (content.text, content.html):
        assert "088 – 247 247 2" in part  # noqa: RUF001  # the manual writes it with an en dash


@pytest.mark.row("R19", "R20")
@pytest.mark.parametrize(("letter", "language"), ALL)
def test_the_link_is_a_button_and_stands_bare_below_it(letter: Letter, language: str) -> None:
    """Without the bare link, who reads mail as text can't go on; and nothing else is a link."""
    content = LETTERS.write(letter, language, _facts(letter))
    html = _Html()
    html.feed(content.html)
    expected = [LINK] if letter in WITH_LINK else []
    assert re.findall(r"https?://\S+", content.text) == expected
    assert html.links == expected * 2
    assert html.words.count(LINK) == len(expected)
    assert "img" not in html.tags


@pytest.mark.row("S47")
@pytest.mark.parametrize(("letter", "language"), ALL)
def test_a_name_is_text_in_both_parts(letter: Letter, language: str) -> None:
    """Without it a name in the directory writes its own HTML into our mail, or breaks it."""
    content = LETTERS.write(letter, language, _facts(letter))
    html = _Html()
    html.feed(content.html)
    assert FACTS["name"] in content.text
    assert FACTS["name"] in html.words
    assert "b" not in html.tags


@pytest.mark.row("R17")
def test_a_brand_is_text_too() -> None:
    """A sender named A & B <i> must read so, in both parts."""
    letters = TemplateLetters.build(Settings.model_validate({"brand": {"name": "A & B <i>"}}))
    content = letters.write(Letter.RESET, "nl", _facts(Letter.RESET) | {"link": LINK + "?a=1&lt=2"})
    html = _Html()
    html.feed(content.html)
    assert "A & B <i>" in content.text
    assert "A & B <i>" in html.words
    assert html.links == [LINK + "?a=1&lt=2"] * 2


@pytest.mark.row("R20")
@pytest.mark.parametrize(("language", "when"), [("nl", "op 2 juli 2026 om 00:30"), ("en", "on 2 July 2026 at 00:30")])
def test_the_confirmation_tells_the_moment_on_the_readers_clock(language: str, when: str) -> None:
    """In UTC it would be the day before: an owner could not tell whether it was they."""
    assert when in LETTERS.write(Letter.PASSWORD_CHANGED, language, _facts(Letter.PASSWORD_CHANGED)).text


@pytest.mark.row("R1")
def test_an_owners_language_that_we_do_not_have_is_written_in_dutch() -> None:
    """A `preferredLanguage` that tooling wrote must not stop a mail."""
    assert LETTERS.write(Letter.RESET, "fr", _facts(Letter.RESET)).text.startswith("Hallo")


@pytest.mark.row("R20")
@pytest.mark.parametrize(("letter", "language"), ALL)
def test_no_letter_is_left_half_written(letter: Letter, language: str) -> None:
    """A brace or an empty paragraph in a mail looks like fraud."""
    content = LETTERS.write(letter, language, _facts(letter))
    rest = content.text.replace(FACTS["name"], "")
    assert "{" not in rest
    assert "}" not in rest
    assert "\n\n\n" not in content.text
    assert content.subject
