"""What a screen reader makes of a page: roles and names as an outline, one file a page, compared in whole.

Not the pixels, which every font moves, and not the words of running text, which the catalogue's tests hold.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.browser.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.browser.chromium import Browser

FOLDER = Path(__file__).parent / "outlines"
NOT_COMPARED = {"demo-mail"}
"""Stops where what other tests left stands on the page."""

RENEW = "./dev test tests/browser/test_every_page.py --renew-outlines"

_LEFT_OUT = {
    "generic",
    "none",
    "paragraph",
    "StaticText",
    "InlineTextBox",
    "LineBreak",
    "ListMarker",
    "LabelText",
    "Legend",
    "strong",
    "emphasis",
}
_SPOKEN = {"alert", "status", "listitem", "definition", "term"}
"""Those whose words are all that there is to hear, if nothing else is in them."""

_STATES = ("level", "required", "invalid", "checked", "expanded", "pressed", "current", "disabled")
_OFF = (False, "false", "none")
# What is another one at each walk.
_MOMENTS = (
    (re.compile(r"\b\d{1,2} [a-z]+ \d{4}\b"), "DATE"),
    (re.compile(r"\b\d{1,2}:\d{2}\b"), "TIME"),
    (re.compile("op DATE om TIME"), "om TIME"),  # within a day only the hour is told
    (re.compile(r"127\.0\.0\.1:\d+"), "HOST"),
)


@dataclass(frozen=True, slots=True)
class Outlines:
    """The outlines of one walk.

    Args:
        browser: of the walk.
        kept: those of former walks.
    """

    browser: Browser
    kept: Kept

    @classmethod
    def of(cls, browser: Browser, *, renew: bool) -> Outlines:
        """Begin. With `renew`, what is seen is written, and no fault is found."""
        return cls(browser, Kept(FOLDER, renew))

    def look(self, stop: str) -> None:
        """Note what a screen reader makes of the page."""
        self.kept.note(stop, outline(self.browser))

    def faults(self) -> list[str]:
        """Give what is not as its file says, and the files of pages that are gone."""
        found = ["\n".join(_difference(stop, was, now)) for stop, was, now in self.kept.pairs() if was != now]
        return [*found, f"If that is meant: {RENEW}; then read what git shows."] if found else []


def _difference(stop: str, was: str, now: str) -> Iterator[str]:
    return unified_diff(was.splitlines(), now.splitlines(), f"outlines/{stop}.txt", "as seen", lineterm="")


def outline(browser: Browser) -> str:
    """Give roles and names, a line each, what is inside another one further to the right."""
    nodes = browser.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    inside: dict[str, list[dict[str, Any]]] = defaultdict(list)
    by_id = {node["nodeId"]: node for node in nodes}
    for node in nodes:
        inside[node["nodeId"]] = [by_id[child] for child in node.get("childIds", ()) if child in by_id]
    return "".join(f"{line}\n" for line in _lines(nodes[0], inside, 0))


def _lines(node: Mapping[str, Any], inside: Mapping[str, list[dict[str, Any]]], depth: int) -> Iterator[str]:
    role = node["role"]["value"]
    is_told = not node["ignored"] and role not in _LEFT_OUT
    below = [line for child in inside[node["nodeId"]] for line in _lines(child, inside, depth + is_told)]
    if is_told:
        spoken = _text(node, inside) if role in _SPOKEN and not below else ""
        yield "  " * depth + " ".join(_words(node, spoken))
    yield from below


def _words(node: Mapping[str, Any], spoken: str) -> Iterator[str]:
    role = node["role"]["value"]
    yield role
    if name := _value(node, "name") or spoken:
        yield f'"{name}"'
    states = {each["name"]: each["value"].get("value") for each in node.get("properties", ())}
    if role != "heading":
        states.pop("level", None)
    for state in _STATES:
        if states.get(state, False) not in _OFF:
            yield state if states[state] is True else f"{state}={states[state]}"
    if description := _value(node, "description"):
        yield f'("{description}")'


def _text(node: Mapping[str, Any], inside: Mapping[str, list[dict[str, Any]]]) -> str:
    if node["role"]["value"] == "StaticText":
        return _value(node, "name")
    return " ".join(filter(None, (_text(child, inside) for child in inside[node["nodeId"]])))


def _value(node: Mapping[str, Any], which: str) -> str:
    words = " ".join(str(node.get(which, {}).get("value", "")).split())
    for moment, word in _MOMENTS:
        words = moment.sub(word, words)
    return words
