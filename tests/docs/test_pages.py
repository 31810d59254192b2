"""docs/pages.md judges every state of every page, and every letter: none is left out, none is judged that is gone."""

from __future__ import annotations

import re
from pathlib import Path

from idp.domain.mail import Letter
from tests.browser.outlines import FOLDER, NOT_COMPARED

TESTS = Path(__file__).parent.parent
PAGES = TESTS.parent / "docs" / "pages.md"


def test_every_state_of_every_page_has_its_line() -> None:
    """A state that nobody has looked at is one that the baker sees first."""
    judged = re.findall(r"^\| `([\w-]+)` \|", PAGES.read_text(encoding="utf-8"), re.MULTILINE)
    letters = [f"letter-{letter}" for letter in Letter]
    assert sorted(judged) == sorted([*letters, *NOT_COMPARED, *(path.stem for path in FOLDER.glob("*.txt"))])
