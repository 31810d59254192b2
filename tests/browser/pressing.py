"""Pressing a button as people do on a train: in vain, and then twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from selenium.webdriver.common.by import By

from tests.system.demo import START_TIMEOUT_S
from tests.system.processes import waiting

if TYPE_CHECKING:
    from tests.browser.chromium import Browser
    from tests.system.demo import Demo

NOT_SENT = "Er is nu geen verbinding. Er is niets verstuurd. Wat je hebt ingevuld, staat er nog. Probeer het zo nog een keer."


def sent(demo: Demo, route: str) -> int:
    """Tell how often the form of a route came in."""
    lines = (demo.state / "web.log").read_text("utf-8").splitlines()
    said = [json.loads(line) for line in lines if line.startswith("{")]
    return len([line for line in said if (line.get("method"), line.get("route")) == ("POST", route)])


def sent_since(demo: Demo, route: str, before: int) -> int:
    """Tell how often it came in since there were so many; waits for the first."""
    for _ in waiting(START_TIMEOUT_S):  # the line comes when the answer has gone out
        if sent(demo, route) > before:
            break
    return sent(demo, route) - before


def in_vain_then_twice(browser: Browser, demo: Demo, label: str, route: str, *secrets: str) -> None:
    """Press a button without a network, and twice with one: it is told, nothing is lost, one form comes in.

    Args:
        browser: on its page.
        demo: whose page it is.
        label: of the button.
        route: that its form goes to.
        secrets: what the browser must not keep.
    """
    before, typed = sent(demo, route), _typed(browser)
    browser.connect(connected=False)
    complaint = browser.press_in_vain(label)
    assert (complaint.text, complaint.aria_role) == (NOT_SENT, "alert")
    assert _typed(browser) == typed
    browser.connect(connected=True)
    browser.press_twice(label)
    assert sent_since(demo, route, before) == 1
    kept = browser.driver.execute_script("return JSON.stringify(sessionStorage)")
    assert not [secret for secret in secrets if secret in kept]


def _typed(browser: Browser) -> list[str]:
    return [str(field.get_attribute("value")) for field in browser.driver.find_elements(By.CSS_SELECTOR, "main input")]
