"""A walk past every page of the service, in every state, as people see them; what is done at each stop is the caller's."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from tests.browser.inspection import WIDE
from tests.browser.walk_applications import authorize, device, end_session, question, registered_itself
from tests.browser.walker import PORTAL_PASSWORD
from tests.system.demo import START_TIMEOUT_S, running_demo
from tests.system.flows import identify
from tests.system.processes import waiting
from tests.system.tokens import password_grant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.browser.walker import Walker
    from tests.system.demo import Demo

_AS_WITHOUT_SCRIPTS = """
  document.querySelectorAll("noscript").forEach((each) => each.replaceWith(...each.childNodes));
  document.querySelectorAll("form, form + .aside").forEach((each) => each.remove());
"""
PASSWORD = "vier losse woorden achter elkaar"
_SETTINGS = {"IDP_OAUTH__REGISTRATION": "true", "IDP_LIMITS__LOGIN_FAILURES": "2 per day"}
_RESETS_AN_HOUR = 3


def walked_demo(state: Path) -> AbstractContextManager[Demo]:
    """Run a demo that one walk goes past: applications may register themselves, and a second wrong log-in is one too many."""
    return running_demo(state, _SETTINGS)


def walk(walker: Walker) -> None:
    """See every page."""
    # Before the first of them: what is on a page moves when its window gets another size while it comes in.
    walker.browser.look(width=WIDE, dark=False)
    walker.old_links |= set(walker.links())
    for part in _PARTS:
        part(walker)


def outside(walker: Walker) -> None:
    """See what strangers see."""
    walker.see("/login", "login")
    walker.press("Inloggen", "login-error")
    walker.browser.driver.delete_cookie("form")  # which is what browsers do when the page has stood open for long
    walker.press("Inloggen", "login-stale")
    walker.browser.connect(connected=False)
    walker.browser.press_in_vain(walker.words.plain("Inloggen"))
    walker.browser.connect(connected=True)
    walker.stop("login-without-network")
    _guessed(walker)
    walker.browser.allow_scripts(allowed=False)
    walker.open("/reset")
    walker.browser.allow_scripts(allowed=True)  # what looks at it is a script itself
    walker.browser.driver.execute_script(_AS_WITHOUT_SCRIPTS)
    walker.stop("identify-without-javascript")
    walker.see("/reset/sent", "sent-to-a-stranger")


def _guessed(walker: Walker) -> None:
    walker.open("/login")
    for _ in range(2):
        walker.log_in("nobody@example.nl", PASSWORD)
    walker.stop("login-guessed")
    walker.browser.fill("password", PASSWORD)
    walker.press("Inloggen", "login-without-captcha")


def forgotten(walker: Walker) -> None:
    """See how who forgot the portal's password chooses another one."""
    walker.see("/login/forgot", "forgot")
    walker.browser.fill("mail", walker.mail)
    walker.press("Verstuur", "forgot-sent")
    walker.see(walker.new_link("/login/password/"), "portal-password")
    walker.press("Wachtwoord opslaan", "portal-password-error")
    walker.fill_twice(PORTAL_PASSWORD)
    walker.press("Wachtwoord opslaan", "portal-password-changed")
    walker.see("/login/password/never-was", "portal-link-dead")


def inside(walker: Walker) -> None:
    """See the portal, and take a ticket to the form: from there on its owner is told what is the matter."""
    walker.open("/login")
    walker.log_in(walker.mail, PORTAL_PASSWORD)
    walker.stop("portal")
    walker.see("/portal/couplings", "couplings-none")
    walker.open("/")
    walker.browser.driver.delete_cookie("portal")  # which is what browsers do when its eight hours are over
    walker.browser.press_inside("main button[form=ask]")
    walker.stop("login-ended")
    walker.log_in(walker.mail, PORTAL_PASSWORD)
    walker.unfold("mijn gegevens")
    walker.stop("portal-menu")
    walker.browser.press_inside(f"form:has(input[value='{walker.demo.username}']) button")
    walker.stop("identify-with-ticket")
    walker.browser.fill("username", walker.demo.full("U4BBGA9999"))
    walker.browser.tick_captcha()
    walker.press("Volgende", "identify-another")


def reset(walker: Walker) -> None:
    """See the way from Identify to sent, and its errors."""
    browser, wanted = walker.browser, walker.demo.full_name
    walker.see("/reset", "identify")
    browser.connect(connected=False)
    browser.find("#altcha-checkbox-captcha").click()
    browser.find(".altcha[data-state=error] .altcha-error")
    browser.connect(connected=True)
    walker.stop("identify-captcha-failed")
    browser.fill("username", walker.demo.username)
    walker.press("Volgende", "identify-error")
    browser.fill("username", wanted)
    walker.press("Volgende", "identify-without-captcha")
    browser.fill("username", walker.demo.username)
    browser.tick_captcha()
    walker.press("Volgende", "identify-error-solved")
    browser.fill("username", wanted)
    walker.press("Volgende", "verify")
    browser.fill("username", "U4BBGA9999")
    walker.press("Volgende", "verify-error")
    browser.fill("username", wanted)
    walker.press("Volgende", "sent")
    walker.see("/reset/verify", "too-late")


def links(walker: Walker) -> None:
    """See what is behind a mailed link, living and dead, and what a user in cooldown is told."""
    link = walker.new_link("/reset/password/")
    walker.see(link, "set-password")
    walker.press("Wachtwoord opslaan", "set-password-error")
    walker.fill_twice("welkom123welkom123")
    walker.press("Wachtwoord opslaan", "set-password-guessable")
    walker.fill_twice(PASSWORD)
    walker.unfold("Toon de wachtwoorden")
    walker.stop("set-password-shown")
    walker.ask()
    walker.open(link)
    walker.fill_twice(PASSWORD)
    walker.press("Wachtwoord opslaan", "done")
    _done(walker)
    walker.see(link, "link-dead")
    walker.open("/reset")
    walker.browser.fill("username", walker.demo.full_name)
    walker.browser.tick_captcha()
    walker.stop("identify-ticked")
    walker.press("Volgende", "refused")
    walker.see("/", "portal-cooldown-closed")
    walker.unfold("mijn gegevens")
    walker.stop("portal-cooldown")


def _done(walker: Walker) -> None:
    walker.browser.find("[data-kind=basecone]").click()
    walker.stop("done-application")
    _log_in_as(walker, "basecone")
    walker.browser.find(".works[data-kind=basecone]")
    walker.stop("done-works")
    walker.browser.driver.execute_script("navigator.clipboard.writeText = () => Promise.reject(new Error())")
    walker.browser.find("main button.copy").click()
    walker.browser.find(".uncopied")
    walker.stop("done-not-copied")


def _log_in_as(walker: Walker, application: str) -> None:
    assert password_grant(walker.demo, application, walker.demo.username, PASSWORD).status == HTTPStatus.OK


def couplings(walker: Walker) -> None:
    """See who is let in, and how one of them is shut out."""
    walker.new_link("/not-me/")  # that it was mailed stands in the history
    for application in ("basecone", "rabobank"):
        _log_in_as(walker, application)
    walker.see("/", "portal-couplings")
    for page in ("check", "history"):
        walker.open("/")
        walker.browser.press_inside(f"a[href^='/portal/{page}/'][aria-describedby='glance-{walker.demo.username}']")
        walker.stop(page)
    walker.see("/?q=x", "portal-none-found")
    walker.see("/portal/couplings", "couplings")
    walker.browser.press(walker.words.plain("Beëindig de koppeling met {application}", application="Rabobank (demo)"))
    walker.stop("couplings-ended")


def not_me(walker: Walker) -> None:
    """See how who did not choose that password has the user blocked, at the second try."""
    walker.see("/not-me/never-was", "not-me-dead")
    link = walker.new_link("/not-me/")
    walker.see(link, "not-me")
    with _without_directory(walker.demo):
        walker.press("Blokkeer deze gebruiker", "not-me-unsure")
        walker.see("/", "error-503")
        walker.browser.driver.back()
    walker.press("Blokkeer deze gebruiker", "not-me-done")
    walker.see(link, "not-me-used")
    walker.see("/", "portal-blocked-closed")
    walker.unfold("mijn gegevens")
    walker.stop("portal-blocked")
    walker.see("/demo/mail", "demo-mail")


@contextmanager
def _without_directory(demo: Demo) -> Iterator[None]:
    slapd = demo.part("slapd")
    os.kill(slapd, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(slapd, signal.SIGCONT)
    for _ in waiting(START_TIMEOUT_S):
        if demo.visitor().open("/readyz").status == HTTPStatus.OK:
            return
    message = "the directory did not come back"
    raise TimeoutError(message)


def others(walker: Walker) -> None:
    """See the portal of who has none yet, and of who has many."""
    for name, count in (("none", 0), ("many", 14)):
        mail, password = f"{name}-{walker.words.language}@kantoor.example", f"wie er {name} heeft logt hiermee in"
        owner = walker.tools.add_owner(mail, password)
        for number in range(count):
            walker.tools.add_user(f"U4BBGB{walker.words.language.upper()}{number:02}", owner)
        walker.browser.start_anew()
        walker.open("/login")
        walker.log_in(mail, password)
        walker.stop(f"portal-{name}")
        if not count:
            walker.see(question(walker.demo), "authorize-nobody")
    walker.see("/?q=03", "portal-found")


def errors(walker: Walker) -> None:
    """See the error pages."""
    walker.see("/no-such-page", "error-404")
    walker.see("/logout", "error-405")
    walker.see("/reset?ticket=a&ticket=b", "error-400")


def too_often(walker: Walker) -> None:
    """See what is told to who asked for the same name again and again."""
    name, stranger = walker.demo.full("U4BBGA9998"), walker.demo.visitor()
    for _ in range(_RESETS_AN_HOUR):
        stranger.open("/reset")
        identify(stranger, name)
        stranger.follow()
        stranger.submit("/reset/verify", {"username": name})
    walker.open("/reset")
    walker.browser.fill("username", name)
    walker.browser.tick_captcha()
    walker.press("Volgende", "identify-too-often")


_PARTS = (
    outside,
    forgotten,
    inside,
    authorize,
    registered_itself,
    device,
    reset,
    links,
    couplings,
    not_me,
    end_session,
    others,
    errors,
    too_often,
)
