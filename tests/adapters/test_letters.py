"""The words of our mail (R17, R19, R20, R29)."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import takewhile

import pytest

from idp.adapters.letters import TemplateLetters
from idp.brand import DARK, LIGHT
from idp.domain.mail import Letter
from idp.settings import Settings
from tests.letter_facts import LINK, WITH_LINK, facts_of

LETTERS = TemplateLetters.build(Settings())
NAME = "Anna <b>O'Brien</b> & Zn. {x}"
ALL = [(letter, language) for letter in Letter for language in ("nl", "en")]


def _facts(letter: Letter) -> dict[str, str]:
    return facts_of(letter, NAME)


class _Html(HTMLParser):
    """Keeps what a reader of the HTML sees and can click, and what a mail program makes of it."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.words = ""
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data
        if data.strip() and "body" in self.open:
            self.texts.append((self.open[-1], data.strip()))

    def all_of(self, tag: str) -> list[dict[str, str]]:
        return [facts for name, facts in self.elements if name == tag]


def _html(letter: Letter, language: str) -> _Html:
    html = _Html()
    html.feed(LETTERS.write(letter, language, _facts(letter)).html)
    return html


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
    assert content.html.count("088 –") == content.html.count('<span style="white-space:nowrap">088 –')  # noqa: RUF001  # likewise


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
    assert NAME in content.text
    assert NAME in html.words
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


@pytest.mark.parametrize("letter", Letter)
def test_a_letter_wears_the_brands_colours(letter: Letter) -> None:
    """A white-label customer's mail would look like somebody else's, and be taken for a forgery."""
    brand = {"light": {"accent": "#7a1f5c"}, "dark": {"accent": "#f0a8d8"}}
    own = TemplateLetters.build(Settings.model_validate({"brand": brand})).write(letter, "nl", _facts(letter)).html
    usual = TemplateLetters.build(Settings()).write(letter, "nl", _facts(letter)).html
    assert own.replace("#7a1f5c", LIGHT.accent).replace("#f0a8d8", DARK.accent) == usual
    assert "#f0a8d8" in own


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
    rest = content.text.replace(NAME, "")
    assert "{" not in rest
    assert "}" not in rest
    assert "\n\n\n" not in content.text
    assert content.subject


@pytest.mark.row("R19", "R20")
@pytest.mark.parametrize(("letter", "language"), ALL)
def test_the_list_of_mails_says_what_to_do(letter: Letter, language: str) -> None:
    """A telephone shows a mail's first words below its subject: *Hallo Anna* tells a baker nothing, and fraud reads so too."""
    html = _html(letter, language)
    preview = " ".join(text for _, text in takewhile(lambda piece: piece[0] != "h1", html.texts))
    assert preview
    assert not preview.startswith(("Hallo", "Hello"))
    hidden = html.all_of("div")[0]["style"]
    assert "display:none" in hidden
    assert "mso-hide:all" in hidden


@pytest.mark.row("R19", "R20")
@pytest.mark.parametrize(("letter", "language"), ALL)
def test_outlook_lays_it_out_too(letter: Letter, language: str) -> None:
    """Word, which Outlook shows mail with, knows tables and styles in place, no padding of a link and no widest width."""
    html = _html(letter, language)
    assert html.open == []
    assert {table["role"] for table in html.all_of("table")} == {"presentation"}  # else a screen reader counts rows
    assert {"style", "title", "h1"} <= html.tags
    assert not {"img", "script", "link", "form"} & html.tags
    buttons = [cell for cell in html.all_of("td") if cell.get("class") == "button"]
    assert len(buttons) == (letter in WITH_LINK)
    for button in buttons:
        assert button["bgcolor"] in button["style"]
        assert "mso-padding-alt" in button["style"]


@pytest.mark.row("R19", "R20")
@pytest.mark.parametrize(("letter", "language"), ALL)
def test_a_dark_mail_program_is_told_how(letter: Letter, language: str) -> None:
    """Otherwise it turns our colours around itself, and the button's words may lie on their own colour."""
    html = _html(letter, language)
    metas = {meta["name"]: meta["content"] for meta in html.all_of("meta") if "name" in meta}
    assert metas["color-scheme"] == metas["supported-color-schemes"] == "light dark"
    _, _, dark = html.words.partition("prefers-color-scheme: dark")
    for tag, facts in html.elements:
        if re.search(r"(^|;)(background-)?color:", facts.get("style", "")):
            named = facts.get("class") or "button"  # the only link without a class of its own is inside it
            assert f".{named} " in dark, (tag, facts)


@pytest.mark.parametrize(("letter", "language"), ALL)
def test_a_screen_reader_reads_it_in_its_language(letter: Letter, language: str) -> None:
    """Dutch read as English is noise; mail programs drop the outermost tag, so it is said twice."""
    html = _html(letter, language)
    assert html.all_of("html")[0]["lang"] == language
    assert [part["lang"] for part in html.all_of("div") if part.get("role") == "article"] == [language]
    assert LETTERS.write(letter, language, _facts(letter)).subject in html.words
