"""The buttons of portal, consent and devices, pressed without a network and then twice: what comes of it comes once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.browser.device import asked
from tests.browser.pressing import in_vain_then_twice
from tests.browser.registering import registered
from tests.system.demo import MAIL_TIMEOUT_S
from tests.system.processes import waiting
from tests.system.tokens import is_active, password_grant, vendor_grant

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.browser.chromium import Browser
    from tests.system.demo import Demo

    Press = Callable[[str, str], None]

NAME, MAIL, OTHER_MAIL = "U4BBGA0071", "hugo@slagerij.example", "ina@slagerij.example"
PORTAL_PASSWORD = "hugo kiest een andere zin"
PASSWORD = "zes losse woorden op een rij"
CHOOSE = "Kies een nieuw wachtwoord voor je portaal"


@pytest.fixture
def hugo(demo: Demo, tmp_path: Path) -> None:
    """An owner who has forgotten the portal's password, with a koppelgebruiker that has one."""
    admin = demo.tools(tmp_path)
    admin.add_user(NAME, admin.add_owner(MAIL, "hugo weet deze zin niet meer"))
    admin.set_password(admin.user_dn(NAME), PASSWORD)


@pytest.fixture
def press(browser: Browser, demo: Demo) -> Press:
    """Press a button, of which it is known where its form goes."""
    return lambda label, route: in_vain_then_twice(browser, demo, label, route, PORTAL_PASSWORD)


@pytest.mark.row("R1", "S41", "S42")
@pytest.mark.usefixtures("hugo")
def test_every_button_of_portal_and_consent_pressed_in_vain_and_then_twice(browser: Browser, demo: Demo, press: Press) -> None:
    """On a train, and nervous: two mails would come, another application would be shut out, an error would stand for success."""
    _forgotten(browser, demo, press)
    _couplings(browser, demo, press)
    _applications(browser, demo, press)
    browser.open(f"{demo.url}/oauth/end_session")
    press("Uitloggen", "/oauth/end_session/confirm")
    _log_in(browser, demo)
    browser.unfold("mijn gegevens")
    press("Uitloggen", "/logout")
    assert browser.path == "/login"
    assert [mail["subject"] for mail in demo.mails(MAIL)].count(CHOOSE) == 1


def _forgotten(browser: Browser, demo: Demo, press: Press) -> None:
    browser.open(f"{demo.url}/login/forgot?lang=nl")
    browser.fill("mail", MAIL)
    press("Verstuur", "/login/forgot")
    browser.open(demo.wait_for_link(MAIL, "/login/password/"))
    for field in ("password", "password_again"):
        browser.fill(field, PORTAL_PASSWORD)
    press("Wachtwoord opslaan", "/login/password/<secret>")
    _log_in(browser, demo)


def _log_in(browser: Browser, demo: Demo) -> None:
    browser.open(f"{demo.url}/login")
    browser.fill("mail", MAIL)
    browser.fill("password", PORTAL_PASSWORD)
    browser.press("Inloggen")


def _couplings(browser: Browser, demo: Demo, press: Press) -> None:
    answers = {name: password_grant(demo, name, NAME, PASSWORD) for name in ("basecone", "rabobank")}
    answers["vendor_api"] = vendor_grant(demo, NAME, PASSWORD)
    browser.open(f"{demo.url}/portal/couplings")
    press("Beëindig de koppeling met Basecone (demo)", "/portal/couplings/end")
    assert browser.find(".notice").text == f"Je hebt deze koppeling beëindigd: Basecone (demo), {NAME}."
    active = {name: is_active(demo, name, str(answer.json["access_token"])) for name, answer in answers.items()}
    assert active == {"basecone": False, "rabobank": True, "vendor_api": True}
    press(f"Beëindig alle koppelingen van {NAME}", "/portal/couplings/end-all")
    assert browser.find(".notice").text == f"Je hebt alle koppelingen van {NAME} beëindigd."


def _applications(browser: Browser, demo: Demo, press: Press) -> None:
    back = f"{demo.url}/callback"  # a page of nobody's: only where the browser is led matters
    wanted = {"response_type": "code", "client_id": demo.clients["vendor_api"]["client_id"], "redirect_uri": back}
    browser.open(f"{demo.url}/oauth/authorize?{urlencode(wanted)}")
    press("Toestaan", "/oauth/authorize/decision")
    arrived = browser.driver.execute_script("return performance.getEntriesByType('navigation')[0].name")
    assert arrived.startswith(f"{back}?code=")
    started = asked(demo, "/oauth/device", client_id=registered(demo))
    browser.open(f"{demo.url}/device")
    browser.fill("user_code", started["user_code"])
    press("Volgende", "/device")
    press("Toestaan", "/device/decision")
    assert browser.find(".notice").text.startswith("Kassa heeft toegang.")


@pytest.mark.row("R1")
def test_a_forgotten_password_asked_for_twice_at_once_without_javascript_is_one_mail(demo: Demo, tmp_path: Path) -> None:
    """Who has two links wonders which of them works, and whether the other was somebody else's."""
    demo.tools(tmp_path).add_owner(OTHER_MAIL, PORTAL_PASSWORD)
    before = len(_handled(demo))
    visitor = demo.visitor()
    visitor.open("/login/forgot")
    fields = visitor.page.form("/login/forgot").fields | {"mail": OTHER_MAIL}
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _number: visitor.post("/login/forgot", fields).location, range(2)))
    assert answers == ["/login/forgot/sent"] * 2
    for _ in waiting(MAIL_TIMEOUT_S):
        if len(_handled(demo)) == before + 2:
            break
    assert sorted(_handled(demo)[before:]) == ["sent", "sent-lately"]
    assert [mail["subject"] for mail in demo.mails(OTHER_MAIL)].count(CHOOSE) == 1


def _handled(demo: Demo) -> list[str]:
    """Tell what became of each mail to who has forgotten the portal's password."""
    lines = (demo.state / "worker.log").read_text("utf-8").splitlines()
    said = [json.loads(line) for line in lines if line.startswith("{")]
    return [line["outcome"] for line in said if (line["event"], line.get("letter")) == ("letter", "portal-password")]
