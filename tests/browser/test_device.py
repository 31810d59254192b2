"""An owner types the code of a device, with nothing but the keyboard (RFC 8628 section 3.3)."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from selenium.webdriver.common.keys import Keys

from connectors.base import DEVICE_CODE

if TYPE_CHECKING:
    from tests.browser.chromium import Browser
    from tests.system.demo import Demo

TIMEOUT_S = 10


def registered(demo: Demo) -> str:
    """Register a program that has no browser; gives its client_id."""
    command = [sys.executable, "-m", "idp.cli", "--config", str(demo.state / "idp.toml")]
    wanted = ["client", "add", "vendor_app", "--name", "Kassa", "--json"]
    added = subprocess.run([*command, *wanted], capture_output=True, text=True, check=True)  # noqa: S603  # our own words
    return str(json.loads(added.stdout)["client_id"])


def asked(demo: Demo, path: str, **form: str) -> dict[str, Any]:
    """Ask, as that program."""
    request = urllib.request.Request(demo.url + path, urlencode(form).encode())  # noqa: S310  # the demo's address
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310  # likewise
        return dict(json.load(answer))


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
