"""What every page must be, at every stop of a walk; faults are collected, so that one walk tells them all."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from tests.browser import axe

if TYPE_CHECKING:
    from tests.browser.chromium import Browser

NARROW, ZOOMED, WIDE = 320, 640, 1100
"""Widths in CSS pixels: a small telephone, 1280 at a zoom of 200 %, a desk."""

_PROGRAMS = Path(__file__).parent / "programs"
_SET_STYLE = """
const sheet = new CSSStyleSheet();
sheet.replaceSync(arguments[0]);
document.adoptedStyleSheets = [sheet];
"""
_TWICE_AS_LARGE = "html { font-size: 200% !important }"
"""WCAG 1.4.4, by letters alone."""

_SPACED = """
* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-bottom: 2em !important }
"""
"""WCAG 1.4.12."""


@dataclass(slots=True)
class Inspection:
    """Looks at the pages of one walk.

    Args:
        browser: of the walk.
        faults: a sentence for each, which begins with where it was seen.
    """

    browser: Browser
    faults: list[str] = field(default_factory=list)

    def look(self, stop: str) -> None:
        """Look at a page at every width, and have axe read it where it is narrow, in both schemes."""
        self.weigh(stop)
        for width in (WIDE, ZOOMED, NARROW):
            self.browser.look(width=width, dark=False)
            self._measure(f"{stop}, {width} px")
        self._measure_styled(f"{stop}, {NARROW} px, letters apart", _SPACED)
        self._note(f"{stop}, {NARROW} px", axe.faults(self.browser))
        self.browser.look(width=NARROW, dark=True)
        self._note(f"{stop}, {NARROW} px, dark", axe.faults_of_colour(self.browser))
        self.browser.look(width=WIDE, dark=False)
        self._measure_styled(f"{stop}, {WIDE} px, text twice as large", _TWICE_AS_LARGE)
        self.browser.driver.execute_script("performance.mark('leave')")

    def look_closely(self, where: str, *, dark: bool) -> None:
        """Look at a page as it stands: this width, this scheme."""
        self._measure(where)
        self._note(where, axe.faults_of_colour(self.browser) if dark else axe.faults(self.browser))

    def read_letter(self, where: str, *, dark: bool) -> None:
        """Look at a letter as it stands: like a page, but the landmarks around it are the mail program's."""
        self._measure(where)
        self._note(where, axe.faults_of_colour(self.browser) if dark else axe.faults(self.browser, axe.WCAG))

    def weigh(self, stop: str) -> None:
        """Look at what it took to get the page; before anything else is done with it."""
        self._note(stop, cast("list[str]", self.browser.driver.execute_async_script(_program("page-cost.js"))))

    def _measure_styled(self, where: str, style: str) -> None:
        self.browser.driver.execute_script(_SET_STYLE, style)
        self._measure(where)
        self.browser.driver.execute_script(_SET_STYLE, "")

    def _measure(self, where: str) -> None:
        self._note(where, cast("list[str]", self.browser.driver.execute_script(_program("page-rules.js"))))

    def _note(self, where: str, faults: list[str]) -> None:
        self.faults += [f"{where}: {fault}" for fault in faults]


@cache
def _program(name: str) -> str:
    return (_PROGRAMS / name).read_text(encoding="utf-8")
