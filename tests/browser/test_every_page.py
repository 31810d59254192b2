"""Every page, in every state: what axe finds, what it weighs, how it lies at each width."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.translations import load_words
from tests.browser.boxes import Boxes
from tests.browser.inspection import Inspection
from tests.browser.outlines import NOT_COMPARED, Outlines
from tests.browser.walk import walk, walked_demo
from tests.browser.walker import Walker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.browser.chromium import Browser


@pytest.fixture
def walker(browser: Browser, tmp_path: Path) -> Iterator[Walker]:
    """Who walks in Dutch past a demo of its own; there is nothing done at the stops yet."""
    with walked_demo(tmp_path / "state") as demo:
        yield Walker.through(demo, browser, load_words("Europe/Amsterdam")["nl"])


@pytest.mark.row("R4", "R11", "R15")
def test_no_page_has_a_fault(walker: Walker, pytestconfig: pytest.Config) -> None:
    """Who hears the page, uses the keyboard, a small telephone, large letters or a dark screen can't finish on one that has."""
    renew = pytestconfig.getoption("--renew-outlines")
    inspection = Inspection(walker.browser)
    outlines, boxes = Outlines.of(walker.browser, renew=renew), Boxes.of(walker.browser, renew=renew)

    def look(stop: str) -> None:
        inspection.look(stop)
        if stop not in NOT_COMPARED:
            outlines.look(stop)
            boxes.look(stop)

    walker.stop = look
    walk(walker)
    faults = [*inspection.faults, *outlines.faults(), *boxes.faults()]
    assert not faults, "\n".join(faults)
