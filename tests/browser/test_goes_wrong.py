"""When it goes wrong, each fault has a page, a sentence and a way on; nothing that was typed is lost but passwords."""

from __future__ import annotations

import os
import signal
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.by import By

from tests.again_at import TOO_OFTEN
from tests.browser.chromium import Browser, running_browser
from tests.browser.pressing import NOT_SENT, in_vain_then_twice, sent, sent_since
from tests.system.demo import START_TIMEOUT_S
from tests.system.processes import waiting
from tests.system.tokens import password_grant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.system.demo import Demo

NAME, MAIL = "U4BBGA0061", "gerda@bakkerij.example"
OTHER_NAME, OTHER_MAIL = "U4BBGA0066", "frits@bakkerij.example"
PORTAL_PASSWORD = "gerda logt in met een zin"
END = "Beëindig de koppeling met Basecone (demo)"
PASSWORD = "vijf losse woorden achter elkaar"
SECRETS = (PASSWORD, PORTAL_PASSWORD)
UNKNOWN = "U4BBGA9999@u4bsw.nl"
PHONE = "088 – 247 247 2"  # noqa: RUF001  # the manual writes it with an en dash


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    """One browser for all of these: to start it takes longer than most of them."""
    with running_browser() as running:
        yield running


@pytest.fixture
def browser(window: Browser) -> Browser:
    """That browser, as if it had never been anywhere."""
    window.start_anew()
    return window


def _log_in(browser: Browser, mail: str) -> None:
    browser.fill("mail", mail)
    browser.fill("password", PORTAL_PASSWORD)
    browser.press("Inloggen")


def _focused(browser: Browser) -> str:
    return str(browser.driver.execute_script("return document.activeElement.id"))


def _value(browser: Browser, name: str) -> str:
    return str(browser.find(f"main [name={name}]").get_attribute("value"))


@pytest.mark.row("R10", "S45")
def test_an_error_is_told_in_the_title_in_a_summary_and_at_the_field(browser: Browser, demo: Demo) -> None:
    """Who hears the page would not learn that it came back; who sees a part of it would look for what is wrong."""
    browser.open(f"{demo.url}/reset?lang=nl")
    browser.fill("username", UNKNOWN)
    browser.press("Volgende")
    assert browser.driver.title == "Fout: Wachtwoord aanpassen – Mijn Support Gemak"  # noqa: RUF001  # an en dash
    browser.find("#altcha-checkbox-captcha:focus")
    sentence = "Vink ‘Ik ben geen robot’ aan. Je gebruikersnaam is bewaard."  # noqa: RUF001  # Dutch quotes
    assert browser.find("#altcha-error").text == sentence
    browser.find("#username").click()
    browser.find("#problem a").click()
    assert _focused(browser) == "altcha-checkbox-captcha"
    browser.tick_captcha()
    assert browser.find("#captcha-status").get_attribute("textContent") == "Gecontroleerd"
    browser.fill("username", "U4BBGA9999")
    browser.press("Volgende")
    assert _focused(browser) == "username"
    assert browser.find("#username").get_attribute("aria-invalid") == "true"
    assert browser.find("#username-error").text == browser.find("#problem a").text
    assert browser.complaints() == []


@pytest.mark.row("R11")
def test_what_the_captcha_is_at_is_told_in_words(browser: Browser, demo: Demo) -> None:
    """On a slow telephone nobody would know whether anything happens; a screen reader would say nothing at all."""
    browser.open(f"{demo.url}/reset?lang=nl")
    record = """
      const status = document.getElementById("captcha-status");
      globalThis.heard = [];
      new MutationObserver(() => globalThis.heard.push(status.textContent)).observe(status, { childList: true });
      return status.getAttribute("role");
    """
    assert browser.driver.execute_script(record) == "status"
    browser.tick_captcha()
    heard = browser.driver.execute_script("return globalThis.heard")
    assert [heard[0], heard[-1]] == ["Bezig met controleren. Dit duurt een paar tellen.", "Gecontroleerd"]


@pytest.mark.row("R11", "R15")
def test_who_asks_for_a_captcha_too_often_is_told_how_long_to_wait(browser: Browser, demo: Demo) -> None:
    """All of an office comes from one address: they would press the box again and again, which only makes it longer."""
    browser.open(f"{demo.url}/reset?lang=nl")
    answer = "new Response('{}', { status: 429, headers: { 'Retry-After': '61', 'Content-Type': 'application/json' } })"
    browser.driver.execute_script(f"globalThis.known = globalThis.fetch; globalThis.fetch = async () => {answer}")
    browser.find("#altcha-checkbox-captcha").click()
    sentence = "Je vroeg dit te vaak. Het kan over 2 minuten weer."
    assert browser.find(".altcha[data-state=error] .altcha-error").text == sentence
    browser.driver.execute_script("globalThis.fetch = globalThis.known")
    browser.tick_captcha()
    assert sentence not in browser.words


@pytest.mark.row("R7", "R29")
def test_without_javascript_there_is_a_way_on(browser: Browser, demo: Demo) -> None:
    """They would press *Volgende* for ever. All other pages work, and lead the eye to the fault all the same."""
    browser.allow_scripts(allowed=False)
    browser.open(f"{demo.url}/reset?lang=nl")
    assert "In je browser staat JavaScript uit." in browser.words
    assert f"Lukt dat niet? Bel {PHONE}." in browser.words
    assert not browser.find("form").is_displayed()
    browser.open(f"{demo.url}/login?lang=nl")
    assert not browser.find("button.reveal").is_displayed()
    browser.fill("mail", MAIL)
    browser.press("Inloggen")
    assert browser.driver.title.startswith("Fout: Inloggen")
    assert _value(browser, "mail") == MAIL
    assert browser.find("#mail:focus").get_attribute("aria-invalid") == "true"


@pytest.mark.row("S45", "R29")
def test_without_cookies_there_is_a_way_on(demo: Demo) -> None:
    """They would send the page again for ever."""
    with running_browser(cookies=False) as browser:
        browser.open(f"{demo.url}/login/forgot")  # in the browser's own language: a choice would be a cookie too
        browser.fill("mail", MAIL)
        browser.press("Send")
        assert "This page only works with cookies on." in browser.words
        assert f"Does that not work? Call {PHONE}." in browser.words
        assert _value(browser, "mail") == MAIL
        assert browser.complaints() == []


@pytest.mark.row("R14", "S41")
def test_a_step_or_a_form_that_ended_meanwhile_loses_no_name(browser: Browser, demo: Demo) -> None:
    """Who was called away comes back to an empty page, or to one that says nothing of what to do."""
    browser.open(f"{demo.url}/reset?lang=nl")
    browser.fill("username", UNKNOWN)
    browser.tick_captcha()
    browser.press("Volgende")
    browser.driver.delete_cookie("step")  # which is what browsers do when its ten minutes are over
    browser.fill("username", UNKNOWN)
    browser.press("Volgende")
    assert "Het duurde te lang. Begin opnieuw." in browser.words
    assert _value(browser, "username") == UNKNOWN
    assert browser.path == "/reset/verify"
    browser.driver.delete_cookie("form")
    browser.open(f"{demo.url}/login?lang=nl")
    browser.driver.delete_cookie("form")
    browser.fill("mail", MAIL)
    browser.fill("password", PORTAL_PASSWORD)
    browser.press("Inloggen")
    assert (_value(browser, "mail"), _value(browser, "password")) == (MAIL, "")


@pytest.mark.row("R6", "S42")
def test_a_portal_session_that_ended_meanwhile_is_told_and_leads_back(browser: Browser, demo: Demo, tmp_path: Path) -> None:
    """They would believe that the bank is shut out, or that a mail is on its way; and look for the page once more."""
    admin = demo.tools(tmp_path)
    admin.add_user(OTHER_NAME, admin.add_owner(OTHER_MAIL, PORTAL_PASSWORD))
    admin.set_password(admin.user_dn(OTHER_NAME), PASSWORD)
    password_grant(demo, "basecone", OTHER_NAME, PASSWORD)
    browser.open(f"{demo.url}/login?lang=nl")
    _log_in(browser, OTHER_MAIL)
    browser.press("Bekijk je koppelingen")
    browser.driver.delete_cookie("portal")  # which is what browsers do when its eight hours are over
    browser.press(END)
    told = browser.find("#problem:focus")
    assert (told.text, told.aria_role) == ("Je was uitgelogd. Er is niets gewijzigd. Log opnieuw in.", "alert")
    _log_in(browser, OTHER_MAIL)
    assert browser.path == "/portal/couplings"
    browser.press(END)
    assert "Je hebt deze koppeling beëindigd" in browser.words
    assert browser.complaints() == []


@pytest.mark.row("R12")
def test_in_the_other_language_a_name_that_was_typed_is_still_there(browser: Browser, demo: Demo) -> None:
    """Who finds out late that there is another language would type it again; a password would be kept where others read it."""
    browser.open(f"{demo.url}/login?lang=nl")
    browser.fill("mail", MAIL)
    browser.fill("password", PORTAL_PASSWORD)
    browser.press("English")
    assert browser.find("h1").text == "Log in"
    assert (_value(browser, "mail"), _value(browser, "password")) == (MAIL, "")
    assert PORTAL_PASSWORD not in browser.driver.execute_script("return JSON.stringify(sessionStorage)")


@pytest.mark.row("R15")
def test_who_has_tried_too_often_is_told_when_to_come_back(browser: Browser, demo: Demo) -> None:
    """Without the time they would go on trying, and wait the longer; without the name, type it again when the time has come."""
    mail, visitor = "hanneke@nergens.example", demo.visitor()
    visitor.open("/login")
    for _ in range(10):
        visitor.post("/login", visitor.page.form("/login").fields | {"mail": mail, "password": "een gok"})
    browser.open(f"{demo.url}/login?lang=nl")
    browser.fill("mail", mail)
    browser.fill("password", "nog een gok")
    browser.press("Inloggen")
    assert TOO_OFTEN.fullmatch(browser.find("#problem:focus").text)
    assert browser.driver.title.startswith("Fout: ")
    assert (_value(browser, "mail"), _value(browser, "password")) == (mail, "")


@pytest.mark.row("R13")
def test_back_and_forth_never_breaks(browser: Browser, demo: Demo) -> None:
    """The browser would ask whether to send a form again, or show a page of its own; or the name would have to be typed again."""
    browser.open(f"{demo.url}/reset?lang=nl")
    browser.fill("username", UNKNOWN)
    browser.press("Volgende")  # an error first
    browser.tick_captcha()
    browser.press("Volgende")
    assert browser.path == "/reset/verify"
    browser.driver.back()
    browser.find("form[action='/reset']")
    assert _value(browser, "username") == UNKNOWN
    assert "Vink" not in browser.words
    browser.driver.forward()
    browser.find("form[action='/reset/verify']")
    assert _value(browser, "username") == ""
    browser.fill("username", "U4BBGA9998@u4bsw.nl")
    browser.press("Volgende")
    browser.driver.refresh()
    browser.find("form[action='/reset/verify']")
    assert "Dit is een andere gebruikersnaam" not in browser.words
    browser.fill("username", UNKNOWN)
    browser.press("Volgende")
    assert browser.path == "/reset/sent"
    browser.open(f"{demo.url}/reset?lang=nl")
    assert _value(browser, "username") == ""  # whoever uses the computer next finds no name


@pytest.mark.row("R19")
def test_passwords_can_be_shown_and_are_hidden_when_they_are_sent(browser: Browser, demo: Demo) -> None:
    """On a telephone fifteen letters are typed blindly, twice; a browser would keep what was a text as one that was typed."""
    browser.open(f"{demo.url}/login?lang=nl")
    browser.fill("mail", MAIL)
    browser.fill("password", "een gok")
    button = browser.find("button.reveal")
    assert (button.accessible_name, button.get_attribute("aria-pressed")) == ("Toon het wachtwoord", "false")
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    assert browser.find("#password").get_attribute("type") == "text"
    record = "document.addEventListener('submit', () => { globalThis.name = document.getElementById('password').type })"
    browser.driver.execute_script(record)
    browser.press("Inloggen")
    assert browser.driver.execute_script("return globalThis.name") == "password"


@pytest.mark.parametrize("status", [502, 503, 504])
def test_behind_a_proxy_with_nobody_behind_it_nothing_is_sent(browser: Browser, demo: Demo, status: int) -> None:
    """While we are restarted a proxy answers for us, with a page of its own: what was typed would be gone."""
    browser.open(f"{demo.url}/login?lang=nl")
    browser.driver.execute_script(f"globalThis.fetch = async () => new Response('', {{ status: {status} }})")
    browser.fill("mail", MAIL)
    assert browser.press_in_vain("Inloggen").text == NOT_SENT


@pytest.mark.parametrize("missing", ["AbortSignal.timeout", "HTMLFormElement.prototype.requestSubmit"])
def test_an_older_telephone_sends_its_forms_all_the_same(browser: Browser, demo: Demo, missing: str) -> None:
    """On one that gets no newer browser every button would do nothing, or tell of a connection that is there."""
    browser.be_older(missing)
    browser.open(f"{demo.url}/login?lang=nl")
    browser.fill("mail", MAIL)
    before = sent(demo, "/login")
    browser.press_twice("Inloggen")
    assert browser.driver.title.startswith("Fout: Inloggen")
    assert _value(browser, "mail") == MAIL
    assert sent_since(demo, "/login", before) == 1
    assert browser.complaints() == []


@pytest.fixture
def gerda(demo: Demo, tmp_path: Path) -> None:
    """An owner who has logged in nowhere yet, with a koppelgebruiker."""
    admin = demo.tools(tmp_path)
    admin.add_user(NAME, admin.add_owner(MAIL, PORTAL_PASSWORD))


@pytest.mark.row("R6", "R13", "R19", "R22")
@pytest.mark.usefixtures("gerda")
def test_a_whole_reset_with_every_button_pressed_in_vain_and_then_twice(browser: Browser, demo: Demo) -> None:
    """On a train, and nervous: what was typed would be gone, a second mail would come, a second press would undo the first."""
    browser.open(f"{demo.url}/login?lang=nl")
    browser.fill("mail", MAIL)
    browser.fill("password", PORTAL_PASSWORD)
    before = {route: sent(demo, route) for route in ("/login", "/portal/ticket", "/reset", "/reset/verify")}
    in_vain_then_twice(browser, demo, "Inloggen", "/login", *SECRETS)
    _in_vain_at_a_glance(browser)
    browser.unfold("mijn gegevens")
    in_vain_then_twice(browser, demo, "Vraag aan", "/portal/ticket", *SECRETS)
    browser.fill("username", demo.full(NAME))
    browser.tick_captcha()
    in_vain_then_twice(browser, demo, "Volgende", "/reset", *SECRETS)
    browser.fill("username", demo.full(NAME))
    os.kill(demo.part("gunicorn: master"), signal.SIGTERM)  # the demo starts it again
    _wait_until(demo, answers=False)
    assert browser.press_in_vain("Volgende").text == NOT_SENT
    _wait_until(demo, answers=True)
    assert _value(browser, "username") == demo.full(NAME)
    in_vain_then_twice(browser, demo, "Volgende", "/reset/verify", *SECRETS)
    assert "Hij gaat naar g•••@bakkerij.example" in browser.words
    link = demo.wait_for_link(MAIL, "/reset/password/")
    for _ in range(2):
        assert demo.visitor().open(link).status == HTTPStatus.OK  # a mail scanner, which opens everything
    browser.start_anew()  # on another device
    browser.open(f"{link}?lang=nl")
    for name in ("password", "password_again"):
        browser.fill(name, PASSWORD)
    in_vain_then_twice(browser, demo, "Wachtwoord opslaan", "/reset/password/<secret>", *SECRETS)
    assert browser.path == "/reset/done"
    browser.open(f"{demo.wait_for_link(MAIL, '/not-me/')}?lang=nl")
    in_vain_then_twice(browser, demo, "Blokkeer deze gebruiker", "/not-me/<secret>", *SECRETS)
    assert browser.path == "/not-me/done"
    assert [mail["subject"] for mail in demo.mails(MAIL)].count("Wachtwoord wijzigen") == 1
    assert {route: sent(demo, route) - count for route, count in before.items()} == dict.fromkeys(before, 1)


def _in_vain_at_a_glance(browser: Browser) -> None:
    """*Vraag aan* stands outside its form there, which is the same for all koppelgebruikers."""
    browser.connect(connected=False)
    for _ in range(2):
        assert browser.press_inside_in_vain("main button[form=ask]").text == NOT_SENT
    assert len(browser.driver.find_elements(By.CSS_SELECTOR, ".unsent")) == 1


def _wait_until(demo: Demo, *, answers: bool) -> None:
    for _ in waiting(START_TIMEOUT_S):
        if _answers(demo) == answers:
            return
    message = f"the web part {'did not come back' if answers else 'did not go'}"
    raise TimeoutError(message)


def _answers(demo: Demo) -> bool:
    try:
        demo.visitor().open("/healthz")
    except OSError:
        return False
    return True
