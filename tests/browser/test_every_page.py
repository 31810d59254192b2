"""Every page, in every state: what axe finds, what it weighs, how it lies at each width."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.translations import load_words
from tests.browser.inspection import Inspection
from tests.browser.outlines import NOT_COMPARED, Outlines
from tests.browser.walk import Person, Walk

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.chromium import Browser
    from tests.system.demo import Demo

PERSON = Person("rita@rozen.example", "U4BBGA0041", "een nieuwe zin voor het portaal")


@pytest.fixture
def walk(browser: Browser, demo: Demo, tmp_path: Path) -> Walk:
    """A walk in Dutch, of an owner of its own; it stops nowhere yet."""
    admin = demo.tools(tmp_path)
    owner = admin.add_owner(PERSON.mail, "een zin die ze vergeten is")
    for uid in (PERSON.username, "U4BBGA0042"):
        admin.add_user(uid, owner)
    return Walk(browser, demo, PERSON, load_words("Europe/Amsterdam")["nl"], lambda _stop: None)


@pytest.mark.row("R4", "R11")
def test_no_page_has_a_fault(walk: Walk, pytestconfig: pytest.Config) -> None:
    """Who hears the page, uses the keyboard, a small telephone, large letters or a dark screen can't finish on one that has."""
    inspection = Inspection(walk.browser)
    outlines = Outlines(walk.browser, renew=pytestconfig.getoption("--renew-outlines"))

    def look(stop: str) -> None:
        inspection.look(stop)
        if stop not in NOT_COMPARED:
            outlines.look(stop)

    walk.stop = look
    walk.walk()
    faults = [*inspection.faults, *outlines.faults()]
    assert not faults, "\n".join(faults)
