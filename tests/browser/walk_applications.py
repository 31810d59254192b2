"""The part of the walk where applications ask to be let in."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from idp.demo.people import CALLBACK
from tests.browser.device import asked
from tests.browser.registering import registered, registers_itself

if TYPE_CHECKING:
    from tests.browser.walker import Walker
    from tests.system.demo import Demo


def authorize(walker: Walker) -> None:
    """See how an application asks to be let in, and what is told of one that we don't know."""
    wanted = question(walker.demo)
    walker.see(f"{wanted}&prompt=login", "authorize-login")
    walker.see(wanted, "authorize")
    walker.browser.driver.execute_script("document.querySelector('main form').noValidate = true")
    walker.press("Toestaan", "authorize-error")
    walker.see(f"{wanted}0", "authorize-untrusted")
    walker.browser.allow_scripts(allowed=False)
    walker.open(f"{wanted}&prompt=none&response_mode=form_post")
    walker.browser.allow_scripts(allowed=True)
    walker.stop("authorize-form-post")


def registered_itself(walker: Walker) -> None:
    """See how one asks that nobody here has checked, and where it leads who refuses."""
    wanted = _question(registers_itself(walker.demo))
    walker.see(wanted, "authorize-registered-itself")
    walker.press("Weigeren", "leaving")
    walker.see(f"{wanted}&prompt=none&response_mode=form_post", "leaving-form-post")


def device(walker: Walker) -> None:
    """See where the code of a device is typed, what is told of a wrong one, and how one is let in."""
    walker.see("/device", "device")
    walker.browser.fill("user_code", "BCDF-GHJK")
    walker.press("Volgende", "device-error")
    client_id = registered(walker.demo)
    _type_code(walker, client_id)
    walker.stop("device-question")
    walker.browser.find(f"input[value={walker.demo.username}]").click()
    walker.press("Toestaan", "device-allowed")
    _type_code(walker, client_id)
    walker.press("Weigeren", "device-refused")


def _type_code(walker: Walker, client_id: str) -> None:
    walker.browser.fill("user_code", asked(walker.demo, "/oauth/device", client_id=client_id)["user_code"])
    walker.browser.press(walker.words.plain("Volgende"))


def end_session(walker: Walker) -> None:
    """See how an application has its owner log out."""
    walker.see("/oauth/end_session", "end-session")
    walker.press("Uitloggen", "logged-out")


def question(demo: Demo) -> str:
    """Give the address at which the vendor's API asks to be let in."""
    return _question(demo.clients["vendor_api"]["client_id"])


def _question(client_id: str) -> str:
    return "/oauth/authorize?" + urlencode({"response_type": "code", "client_id": client_id, "redirect_uri": CALLBACK})
