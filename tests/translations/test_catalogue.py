"""One catalogue, complete, and nothing in it that nobody says."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import idp
from idp.translations import LANGUAGES, SOURCE_LANGUAGE, load_words

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

IDP = Path(idp.__file__).parent
_TEMPLATES = ("jinja2.ext:babel_extract", ("web/templates/**.html", "letters/**.html", "letters/**.txt"))
_CODE = ("python", ("web/**.py", "adapters/letters.py", "translations/**.py"))
_KEYWORDS = {**dict.fromkeys(("_", "message", "plain", "markup")), "counted": (1, 2)}
OTHER_LANGUAGES = [language for language in LANGUAGES if language != SOURCE_LANGUAGE]


@pytest.fixture(scope="module")
def said() -> set[str | tuple[str, ...]]:
    """Every message that code and templates say; one about a number is its two forms."""
    methods = [(pattern, method) for method, patterns in (_TEMPLATES, _CODE) for pattern in patterns]
    options = {pattern: {"silent": "false"} for pattern in _TEMPLATES[1]}
    found = extract_from_dir(str(IDP), methods, options_map=options, keywords=_KEYWORDS)
    return {message for _file, _line, message, _comments, _context in found}


@pytest.fixture(scope="module", params=OTHER_LANGUAGES)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    """A language's catalogue, as its file has it."""
    with (IDP / "translations" / request.param / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=request.param, abort_invalid=True)


@pytest.mark.row("R12")
def test_every_message_is_translated_and_no_other_stands_there(said: set[str | tuple[str, ...]], catalogue: Catalog) -> None:
    """Without it a page falls back to Dutch in the middle of a sentence."""
    assert {message.id for message in catalogue if message.id} == said
    assert [message.id for message in catalogue if message.id and (not all(_forms(message.string)) or message.fuzzy)] == []


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_no_message_is_translated_twice(language: str) -> None:
    """Whoever mends the wording of one of the two sees no change on the page."""
    text = (IDP / "translations" / language / "LC_MESSAGES" / "messages.po").read_text("utf-8")
    messages = re.findall(r'^msgid (".*"(?:\n".*")*)', text, re.MULTILINE)
    assert [message for message, times in Counter(messages).items() if times > 1] == []


@pytest.mark.row("R12")
def test_a_translation_names_the_same_values_and_tags(catalogue: Catalog) -> None:
    """A lost {phone} leaves someone without a way on; an invented one is a page that breaks in that language only."""
    different = [
        message.id
        for message in catalogue
        for written, translated in zip(_forms(message.id), _forms(message.string), strict=True)
        if _values(written) != _values(translated) or _tags(written) != _tags(translated)
    ]
    assert different == []


def _forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def _values(text: str) -> set[str | None]:
    return {name for _literal, name, _form, _conversion in Formatter().parse(text)} - {None}


def _tags(text: str) -> list[str]:
    return sorted(re.findall(r"</?\w+>", text))


@pytest.mark.row("R12")
def test_words_escape_what_they_are_given() -> None:
    """Without it a name writes its own HTML into a page."""
    words = load_words("Europe/Amsterdam")["nl"]
    assert words.markup("Welkom, {name}", name="<script>") == "Welkom, &lt;script&gt;"
    assert words.plain("Hallo {name},", name="O'Brien & Zn.") == "Hallo O'Brien & Zn.,"


@pytest.mark.row("R8")
def test_the_products_read_as_a_sentence() -> None:
    """The manual's sentence names the three products as people name them."""
    words = load_words("Europe/Amsterdam")
    products = ("Boekhoud Gemak", "MultiVers", "Accounting")
    assert words["nl"].series(products) == "Boekhoud Gemak, MultiVers en Accounting"
    assert words["en"].series(products) == "Boekhoud Gemak, MultiVers and Accounting"
    assert words["nl"].series(products[:1]) == "Boekhoud Gemak"


@pytest.mark.parametrize(
    ("count", "dutch", "english"),
    [(0, "0 b", "0 link users found."), (1, "1 a", "1 link user found."), (2, "2 b", "2 link users found.")],
)
def test_one_thing_is_not_told_as_several(count: int, dutch: str, english: str) -> None:
    """One koppelgebruiker told as koppelgebruikers reads as if nobody had looked at the page."""
    words = load_words("Europe/Amsterdam")
    assert words["nl"].counted("{count} a", "{count} b", count) == dutch
    found = "{count} koppelgebruiker gevonden.", "{count} koppelgebruikers gevonden."
    assert words["en"].counted(*found, count) == english
    assert words["en"].counted(*found, 2, "{count}") == "{count} link users found."


@pytest.mark.parametrize(
    ("moment", "date", "time"),
    [
        (datetime(2026, 10, 24, 23, 59, tzinfo=UTC), "25 oktober 2026", "01:59"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "25 oktober 2026", "02:30 (zomertijd)"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "25 oktober 2026", "02:30 (wintertijd)"),
        (datetime(2026, 10, 25, 2, 0, tzinfo=UTC), "25 oktober 2026", "03:00"),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "29 maart 2026", "01:59"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "29 maart 2026", "03:00"),
        (datetime(2026, 7, 1, 22, 30, tzinfo=UTC), "2 juli 2026", "00:30"),
    ],
)
def test_the_nights_in_which_the_clock_is_changed(moment: datetime, date: str, time: str) -> None:
    """A link that works until 02:30 would be dead, or alive, an hour from what its reader believes."""
    words = load_words("Europe/Amsterdam")["nl"]
    assert (words.date(moment), words.time(moment)) == (date, time)
    assert load_words("Europe/Amsterdam")["en"].time(moment) == time.replace("zomertijd", "summer time").replace(
        "wintertijd", "winter time"
    )
