"""An owner shuts an application out, by clicking."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.keys import Keys

from tests.system.tokens import is_active, password_grant, vendor_grant

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.chromium import Browser
    from tests.system.demo import Demo

NAME, MAIL = "U4BBGA0031", "carla@fietsen.example"
PASSWORD = "vier losse woorden achter elkaar"
PORTAL_PASSWORD = "carla logt in met een zin"
END = "Beëindig de koppeling met Basecone (demo)"


@pytest.fixture
def tokens(demo: Demo, tmp_path: Path) -> dict[str, str]:
    """Tokens of two applications, for a koppelgebruiker of an owner of its own."""
    admin = demo.tools(tmp_path)
    admin.add_user(NAME, admin.add_owner(MAIL, PORTAL_PASSWORD))
    admin.set_password(admin.user_dn(NAME), PASSWORD)
    answers = {
        "basecone": password_grant(demo, "basecone", NAME, PASSWORD),
        "vendor_api": vendor_grant(demo, NAME, PASSWORD),
    }
    return {application: str(answer.json["access_token"]) for application, answer in answers.items()}


@pytest.mark.row("S42", "S46")
def test_an_owner_ends_a_coupling_by_keyboard(browser: Browser, demo: Demo, tokens: dict[str, str]) -> None:
    """Who gave up Basecone would leave it in; who uses no mouse could not end it, or not notice that it is done."""
    browser.look(width=320, dark=False)
    browser.open(f"{demo.url}/login?lang=nl")
    browser.fill("mail", MAIL)
    browser.fill("password", PORTAL_PASSWORD)
    browser.press("Inloggen")
    browser.press("Bekijk je koppelingen")
    assert browser.path == "/portal/couplings"
    assert browser.driver.execute_script("return document.documentElement.scrollWidth") <= 320
    button = browser.find("button.end")
    assert (button.accessible_name, button.text) == (END, END)
    button.send_keys(Keys.ENTER)
    notice = browser.find(".notice:focus")  # the browser gives it the focus a moment after it is there
    assert notice.text == f"Je hebt deze koppeling beëindigd: Basecone (demo), {NAME}."
    assert browser.path == "/portal/couplings"
    assert END not in browser.words
    assert {name: is_active(demo, name, token) for name, token in tokens.items()} == {"basecone": False, "vendor_api": True}
    assert browser.complaints() == []
