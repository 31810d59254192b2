"""An owner types the code of a device, with nothing but the keyboard (RFC 8628 section 3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.keys import Keys

from connectors.base import DEVICE_CODE
from tests.browser.device import asked
from tests.browser.registering import registered

if TYPE_CHECKING:
    from tests.browser.chromium import Browser
    from tests.system.demo import Demo


@pytest.mark.row("S45")
def test_an_owner_lets_a_device_in_by_keyboard(browser: Browser, demo: Demo) -> None:
    """Who uses no mouse, or a phone's small screen, could not couple a device; or would press the wrong button."""
    client_id = registered(demo)
    started = asked(demo, "/oauth/device", client_id=client_id)
    browser.look(width=320, dark=False)
    browser.open(f"{demo.url}/device?lang=nl")
    if browser.driver.title.startswith("Inloggen"):
        browser.fill("mail", demo.owner["mail"])
        browser.fill("password", demo.owner["password"])
        browser.press("Inloggen")
    assert browser.path == "/device"
    browser.find("#user_code").send_keys(started["user_code"].lower().replace("-", " "), Keys.ENTER)
    assert browser.driver.execute_script("return document.documentElement.scrollWidth") <= 320
    browser.find("input[value=U4BBGA0012]").send_keys(Keys.SPACE)
    browser.find("button[value=allow]").send_keys(Keys.ENTER)
    assert browser.find("[role=status]").text.startswith("Kassa heeft toegang.")
    assert browser.path == "/device"
    told = asked(demo, "/oauth/token", grant_type=DEVICE_CODE, device_code=started["device_code"], client_id=client_id)
    assert told["scope"] == "administratie:read administratie:write"
    assert browser.complaints() == []
