"""Where the parts of each page lie on a telephone and on a desk, one file a page, compared within what a font may move.

Rules of geometry (`programs/page-rules.js`) find what is wrong on any page; this finds what is no longer as it was meant to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.inspection import NARROW, WIDE
from tests.browser.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.browser.chromium import Browser

FOLDER = Path(__file__).parent / "boxes"
_PROGRAM = (Path(__file__).parent / "programs" / "boxes.js").read_text(encoding="utf-8")
_SLACK = 12
"""CSS pixels, by which the words on a button may be wider in another machine's font."""


@dataclass(frozen=True, slots=True)
class Boxes:
    """The boxes of one walk.

    Args:
        browser: of the walk.
        kept: those of former walks.
    """

    browser: Browser
    kept: Kept

    @classmethod
    def of(cls, browser: Browser, *, renew: bool) -> Boxes:
        """Begin. With `renew`, what is seen is written, and no fault is found."""
        return cls(browser, Kept(FOLDER, renew))

    def look(self, stop: str) -> None:
        """Note where everything lies."""
        lines = []
        for width in (NARROW, WIDE):
            self.browser.look(width=width, dark=False)
            boxes = self.browser.driver.execute_script(_PROGRAM)
            lines += [f"{width}: {name} {left}+{wide}\n" for name, left, wide in boxes]
        self.kept.note(stop, "".join(lines))

    def faults(self) -> list[str]:
        """Give what does not lie where its file says, and the files of pages that are gone."""
        return [fault for stop, was, now in self.kept.pairs() for fault in _moved(stop, was.splitlines(), now.splitlines())]


def _moved(stop: str, kept: Sequence[str], seen: Sequence[str]) -> Iterator[str]:
    if len(kept) != len(seen):
        yield f"{stop}: {len(seen)} boxes, and {len(kept)} in boxes/{stop}.txt"
        return
    yield from (f"{stop}: {now}, was {was}" for was, now in zip(kept, seen, strict=True) if not _same(was, now))


def _same(was: str, now: str) -> bool:
    (kept, kept_place), (name, place) = (line.rsplit(" ", 1) for line in (was, now))
    pairs = zip(kept_place.split("+"), place.split("+"), strict=True)
    return kept == name and all(abs(int(one) - int(other)) <= _SLACK for one, other in pairs)
