"""What an owner of many koppelgebruikers does in the portal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from idp.domain.searching import folded, is_found
from tests.browser.chromium import TIMEOUT_S
from tests.system.tokens import password_grant, vendor_grant

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.chromium import Browser
    from tests.system.demo import Demo

NAMES = [f"U4BBGA005{number}" for number in range(7)]
MAIL, PORTAL_PASSWORD = "dora@kantoor.example", "dora logt in met een zin"
PASSWORD = "vier losse woorden achter elkaar"
LETTERS = "Strauß STRAUẞ \u0130zmir Ç\u0131nar ΣΊΣΥΦΟΣ ﬁets किताब"
TYPED = "straus STRAUSS strauß STRAUẞ IZMIR izmir \u0131zmir cinar σίσυφος fiets कतब nl u4b @u4b @U4BSW.nl"


@pytest.fixture
def portal(browser: Browser, demo: Demo, tmp_path: Path) -> Browser:
    """The portal of an owner of seven, on a telephone; the first has a password."""
    admin = demo.tools(tmp_path)
    owner = admin.add_owner(MAIL, PORTAL_PASSWORD)
    for name in NAMES:
        admin.add_user(name, owner)
    admin.replace(admin.user_dn(NAMES[3]), administratie="Café De Vries")
    admin.replace(admin.user_dn(NAMES[4]), administratie=LETTERS)
    admin.set_password(admin.user_dn(NAMES[0]), PASSWORD)
    browser.look(width=320, dark=False)
    browser.open(f"{demo.url}/login?lang=nl")
    browser.fill("mail", MAIL)
    browser.fill("password", PORTAL_PASSWORD)
    browser.press("Inloggen")
    return browser


def shown(browser: Browser) -> list[str]:
    """Give the koppelgebruikers that can be seen."""
    rows = browser.driver.find_elements(By.CSS_SELECTOR, ".glance .name")
    return [row.text for row in rows if row.is_displayed()]


def said(browser: Browser, words: str, where: str = "#found") -> bool:
    """Tell that a screen reader is told so, in its time."""
    WebDriverWait(browser.driver, TIMEOUT_S).until(lambda _driver: browser.find(where).text == words)
    return browser.find(where).aria_role == "status"


def test_one_among_many_is_found_by_typing_and_its_coupling_is_seen_to_work(portal: Browser, demo: Demo, tmp_path: Path) -> None:
    """An accountant would scroll; who hears the page would not know that it changed; whether the bank works nobody could see."""
    assert shown(portal) == NAMES
    assert portal.driver.execute_script("return document.documentElement.scrollWidth") <= 320
    field = portal.find("#q")
    field.send_keys("CAFÉ v")
    assert shown(portal) == [NAMES[3]]
    assert said(portal, "1 koppelgebruiker gevonden.")
    field.send_keys("x")
    assert said(portal, "Geen koppelgebruiker gevonden.")
    field.send_keys(Keys.CONTROL, "a", Keys.DELETE)
    assert said(portal, "")
    assert shown(portal) == NAMES
    assert _found_by_typing(portal, TYPED.split()) == {typed: _found_by_the_server(demo, typed) for typed in TYPED.split()}
    portal.press("Werkt mijn koppeling?")
    assert portal.driver.execute_script("return document.documentElement.scrollWidth") <= 320
    assert "Rabobank nog niet ingelogd" in portal.words
    assert password_grant(demo, "rabobank", NAMES[0], PASSWORD).status == 200
    state = portal.find(".works[data-kind=rabobank]")
    assert state.text.startswith("ingelogd om ")
    assert said(portal, f"Rabobank: {state.text}", "#looking")
    assert vendor_grant(demo, NAMES[0], PASSWORD).status == 200
    portal.driver.execute_script("document.dispatchEvent(new Event('visibilitychange'))")  # back from the bank's tab
    other = portal.find("#others li").text
    assert re.fullmatch(r"Vendor API \(demo\): ingelogd om \d\d:\d\d", other)
    assert said(portal, other, "#looking")
    assert "Bij Triodos Bank vul je in:" not in portal.words
    portal.open(f"{portal.driver.current_url}#at-triodos")  # as support sends it
    assert "Bij Triodos Bank vul je in:" in portal.words
    portal.press("Kijk opnieuw")
    assert f"Rabobank {portal.find('.works[data-kind=rabobank]').text}" in portal.words
    admin = demo.tools(tmp_path)
    admin.replace(admin.user_dn(NAMES[0]), pwdEndTime="19700101000000Z")
    assert said(portal, "We kijken niet meer mee. Klik op Kijk opnieuw.", "#looking")
    assert portal.complaints() == []


def _found_by_typing(browser: Browser, many: list[str]) -> dict[str, list[str]]:
    found = {}
    for typed in [*many, ""]:
        script = "const field = document.getElementById('q'); field.value = arguments[0]; field.dispatchEvent(new Event('input'))"
        browser.driver.execute_script(script, typed)
        found[typed] = shown(browser)
    del found[""]
    return found


def _found_by_the_server(demo: Demo, typed: str) -> list[str]:
    """What a search finds without JavaScript, by the rule that the server has."""
    texts = {name: f"A-{name} {demo.full(name)}" for name in NAMES}
    texts |= {NAMES[3]: f"Café De Vries {demo.full(NAMES[3])}", NAMES[4]: f"{LETTERS} {demo.full(NAMES[4])}"}
    return [name for name, text in texts.items() if is_found(typed, folded(text))]
