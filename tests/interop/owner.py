"""The owner in a browser: logs in where they are asked to, and decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.browser.chromium import TIMEOUT_S as PAGE_TIMEOUT_S
from tests.system.processes import waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.chromium import Browser
    from tests.system.demo import Demo
    from tests.system.visitor import Visitor

    Arrives = Callable[[str], str]
    """Goes to an application's question, and gives the address that the browser comes back to."""

USERNAME = "U4BBGA0012"
"""Of two koppelgebruikers, the one that is chosen."""

_DECISION = "/authorize/decision"


class Owner(Protocol):
    """Who is asked."""

    def allow(self, address: str) -> str:
        """Go to an application's question, say yes, and give the address that leads back."""

    def refuse(self, address: str) -> str:
        """As `allow`, but say no."""


class OwnerByHand:
    """Pages read and forms sent in by a program, as a browser without scripts would."""

    def __init__(self, demo: Demo, visitor: Visitor) -> None:
        """Be nobody yet.

        Args:
            demo: whose owner it is.
            visitor: who has never been there.
        """
        self._demo, self._visitor = demo, visitor

    def allow(self, address: str) -> str:
        """Say *Toestaan*."""
        return self._decide(address, "allow")

    def refuse(self, address: str) -> str:
        """Say *Weigeren*."""
        return self._decide(address, "refuse")

    def _decide(self, address: str, decision: str) -> str:
        visitor = self._visitor
        answer = visitor.open(address)
        assert answer.status == 200, (answer.status, answer.headers["Location"])
        if any(form.action == "/login" for form in answer.page.forms):
            known = self._demo.owner
            visitor.submit("/login", {"mail": known["mail"], "password": known["password"]})
            visitor.follow()
        action = next(form.action for form in visitor.page.forms if form.action.endswith(_DECISION))
        answer = visitor.submit(action, {"user": USERNAME, "decision": decision})
        assert answer.status == 303, answer.text
        return answer.location


class OwnerInChromium:
    """A real browser, clicked."""

    def __init__(self, demo: Demo, browser: Browser) -> None:
        """Be nobody yet.

        Args:
            demo: whose owner it is.
            browser: that has never been there.
        """
        self._demo, self.browser = demo, browser

    def allow(self, address: str) -> str:
        """Press *Toestaan*."""
        return self._decide(address, "allow")

    def refuse(self, address: str) -> str:
        """Press *Weigeren*."""
        return self._decide(address, "refuse")

    def _decide(self, address: str, decision: str) -> str:
        browser, ours = self.browser, self._demo.url
        browser.open(address)
        asked = f"form[action='/login'], input[value={USERNAME}]"
        if browser.find(asked).tag_name == "form":
            browser.fill("mail", self._demo.owner["mail"])
            browser.fill("password", self._demo.owner["password"])
            browser.press_inside("form[action='/login'] button[type=submit]")
        browser.find(f"input[value={USERNAME}]").click()
        browser.find(f"button[value={decision}]").click()
        for _ in waiting(PAGE_TIMEOUT_S):
            if not browser.driver.current_url.startswith(ours):
                return browser.driver.current_url
        raise TimeoutError(browser.words)


def changed(arrives: Arrives, **parameters: str) -> Arrives:
    """Give a way back on which somebody has put other parameters into the address.

    Args:
        arrives: the way that it would be.
        parameters: what they read then.
    """

    def on_the_way(address: str) -> str:
        arrived = urlsplit(arrives(address))
        return arrived._replace(query=urlencode({**dict(parse_qsl(arrived.query)), **parameters})).geturl()

    return on_the_way
