"""`./dev screenshots`: a picture of every page and letter, in both languages, at two widths, light and dark; none has a fault.

It walks a demo as a person does, once for each language, so that what is seen is what people see.
"""

from __future__ import annotations

import argparse
import itertools
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from idp.adapters.letters import TemplateLetters
from idp.domain.mail import Letter
from idp.settings import Settings
from idp.translations import load_words
from tests.browser import phone
from tests.browser.chromium import Browser, running_browser
from tests.browser.inspection import NARROW, WIDE, ZOOMED, Inspection
from tests.browser.walk import walk, walked_demo
from tests.browser.walk_applications import question
from tests.browser.walker import Walker
from tests.letter_facts import facts_of
from tests.system.flows import ask_for_reset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from idp.translations import Words
    from tests.system.demo import Demo

_LOWEST_PICTURE = 600
_ANOTHER = "U4BBGA0012"
"""The other one of the demo's owner: its link is opened on a telephone, and its reset is not walked past."""


@dataclass(slots=True)
class Photographer:
    """Takes four pictures at each stop of one walk, and looks at what is on them.

    Args:
        browser: of the walk.
        language: of the walk.
        folder: where the pictures go.
        inspection: of what is on them.
        taken: how many there are.
    """

    browser: Browser
    language: str
    folder: Path
    inspection: Inspection
    taken: int = 0

    def stop(self, name: str) -> None:
        """Take a page's pictures."""
        self.inspection.weigh(f"{name} ({self.language})")
        self._take(name, (NARROW, WIDE), self.inspection.look_closely)
        self.browser.look(width=WIDE, dark=False)

    def read(self, letter: Letter, html: Path) -> None:
        """Take a letter's pictures.

        Args:
            letter: which one.
            html: a file that holds its words.
        """
        self.browser.open(html.as_uri())
        self._take(f"letter-{letter}", (NARROW, ZOOMED), self.inspection.read_letter)

    def _take(self, name: str, widths: Sequence[int], look: Callable[..., None]) -> None:
        for width, dark in itertools.product(widths, (False, True)):
            self.browser.look(width=width, dark=dark)
            self.browser.look(width=width, dark=dark, height=max(_LOWEST_PICTURE, self.browser.height))
            picture = f"{name}-{self.language}-{width}-{'dark' if dark else 'light'}"
            self.browser.driver.save_screenshot(str(self.folder / f"{picture}.png"))
            look(picture, dark=dark)
            self.taken += 1


def take_all(folder: Path) -> tuple[int, list[str]]:
    """Take all pictures; tells how many, and what is wrong with what is on them.

    Args:
        folder: emptied first.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    taken, faults = 0, []
    for words in load_words("Europe/Amsterdam").values():
        with tempfile.TemporaryDirectory() as scratch, walked_demo(Path(scratch) / "state") as demo:
            faults += _slow_pages(demo)
            photographer = _take_walk(demo, words, folder)
            taken += photographer.taken
            faults += photographer.inspection.faults
    return taken, faults


def _slow_pages(demo: Demo) -> list[str]:
    """Open pages on a telephone, as a stranger and as their owner; tells which ones keep people waiting."""
    faults: list[str] = []
    with running_browser() as browser:
        phone.hold(browser)
        for path in _ways_in(demo):
            faults += _slow(browser, demo, path)
        browser.open(f"{demo.url}/login?lang=nl")
        browser.fill("mail", demo.owner["mail"])
        browser.fill("password", demo.owner["password"])
        browser.press("Inloggen")
        for path in (
            "/",
            "/portal/couplings",
            str(browser.find("a[href^='/portal/history/']").get_attribute("href")).removeprefix(demo.url),
            f"{question(demo)}&lang=nl",
        ):
            faults += _slow(browser, demo, path)
    return faults


def _ways_in(demo: Demo) -> Iterator[str]:
    yield from ("/login", "/login/forgot", "/reset", "/reset/sent", "/device")
    ask_for_reset(demo.visitor(), demo.full(_ANOTHER))
    yield demo.wait_for_link(demo.owner["mail"], "/reset/password/").removeprefix(demo.url)


def _slow(browser: Browser, demo: Demo, path: str) -> Iterator[str]:
    ms = phone.usable_after_ms(browser, f"{demo.url}{path}")
    page = re.sub(r"(?<=[/=])[\w-]{20,}", "…", path.partition("?")[0])
    sys.stdout.write(f"{page} can be used after {ms:.0f} ms on a telephone\n")
    if ms > phone.LONGEST_MS:
        yield f"{page} can't be used within {phone.LONGEST_MS} ms"


def _take_walk(demo: Demo, words: Words, folder: Path) -> Photographer:
    with running_browser() as browser:
        photographer = Photographer(browser, words.language, folder, Inspection(browser))
        walker = Walker.through(demo, browser, words)
        walker.stop = photographer.stop
        walk(walker)
        _read_letters(photographer, demo.state)
    return photographer


def _read_letters(photographer: Photographer, scratch: Path) -> None:
    letters = TemplateLetters.build(Settings())
    for letter in Letter:
        html = scratch / f"{letter}.html"
        content = letters.write(letter, photographer.language, facts_of(letter, "Anna de Vries"))
        html.write_text(content.html, encoding="utf-8")
        photographer.read(letter, html)


def main() -> int:
    """Read the command line; 1 if a page has a fault."""
    parser = argparse.ArgumentParser(prog="dev screenshots", description="Takes a picture of every page.")
    parser.add_argument("--folder", type=Path, default=Path("screenshots"), help="where to (emptied first)")
    folder = parser.parse_args().folder
    taken, faults = take_all(folder)
    sys.stdout.writelines(f"{fault}\n" for fault in faults)
    sys.stdout.write(f"{taken} pictures in {folder}, {len(faults)} faults\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
