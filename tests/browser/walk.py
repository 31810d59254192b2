"""A walk past every page of the service, in every state, as one person sees them; what is done at each stop is the caller's."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from idp.demo.people import CALLBACK
from tests.browser.device import asked, registered
from tests.browser.inspection import WIDE
from tests.system.demo import MAIL_TIMEOUT_S
from tests.system.processes import waiting
from tests.system.tokens import password_grant

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.translations import Words
    from tests.browser.chromium import Browser
    from tests.system.demo import Demo

_AS_WITHOUT_SCRIPTS = """
  document.querySelectorAll("noscript").forEach((each) => each.replaceWith(...each.childNodes));
  document.querySelectorAll("form, form + .aside").forEach((each) => each.remove());
"""
PASSWORD = "vier losse woorden achter elkaar"


@dataclass(frozen=True, slots=True)
class Person:
    """Who walks.

    Args:
        mail: an owner's of two koppelgebruikers, who forgot the portal's password.
        username: one of the two, which has not been reset today.
        portal_password: the one that is chosen on the way.
    """

    mail: str
    username: str
    portal_password: str


@dataclass(slots=True)
class Walk:
    """One walk, in one language.

    Args:
        browser: a window that has never been anywhere.
        demo: where it goes.
        person: who walks.
        words: of the language.
        stop: what is done at each page, by its name. It leaves the page as it was.
    """

    browser: Browser
    demo: Demo
    person: Person
    words: Words
    stop: Callable[[str], None]
    old_links: set[str] = field(default_factory=set)

    def walk(self) -> None:
        """See every page."""
        # Before the first of them: what is on a page moves when its window gets another size while it comes in.
        self.browser.look(width=WIDE, dark=False)
        self.old_links |= set(self._links())
        self.outside()
        self.forgotten()
        self.inside()
        self.authorize()
        self.device()
        self.reset()
        self.links()
        self.end_session()
        self.errors()

    def outside(self) -> None:
        """See what strangers see."""
        self._see("/login", "login")
        self._press("Inloggen", "login-error")
        self.browser.connect(connected=False)
        self.browser.press_in_vain(self.words.plain("Inloggen"))
        self.browser.connect(connected=True)
        self.stop("login-without-network")
        self.browser.allow_scripts(allowed=False)
        self._open("/reset")
        self.browser.allow_scripts(allowed=True)  # what looks at it is a script itself
        self.browser.driver.execute_script(_AS_WITHOUT_SCRIPTS)
        self.stop("identify-without-javascript")
        self._see("/reset/sent", "sent-to-a-stranger")

    def forgotten(self) -> None:
        """See how who forgot the portal's password chooses another one."""
        self._see("/login/forgot", "forgot")
        self.browser.fill("mail", self.person.mail)
        self._press("Verstuur", "forgot-sent")
        self._see(self._new_link("/login/password/"), "portal-password")
        self._press("Wachtwoord opslaan", "portal-password-error")
        self._fill_twice(self.person.portal_password)
        self._press("Wachtwoord opslaan", "portal-password-changed")

    def inside(self) -> None:
        """See the portal, and take a ticket to the form: from there on its owner is told what is the matter."""
        self._open("/login")
        self.browser.fill("mail", self.person.mail)
        self.browser.fill("password", self.person.portal_password)
        self._press("Inloggen", "portal")
        self.browser.unfold(self.words.plain("mijn gegevens"))
        self.stop("portal-menu")
        self.browser.press_inside(f"form:has(input[value='{self.person.username}']) button")
        self.stop("identify-with-ticket")

    def reset(self) -> None:
        """See the way from Identify to sent, and its errors."""
        self._see("/reset", "identify")
        self.browser.fill("username", self.person.username)
        self._press("Volgende", "identify-error")
        self.browser.fill("username", self.full_name)
        self._press("Volgende", "identify-without-captcha")
        self.browser.fill("username", self.person.username)
        self.browser.tick_captcha()
        self._press("Volgende", "identify-error-solved")
        self.browser.fill("username", self.full_name)
        self._press("Volgende", "verify")
        self.browser.fill("username", "U4BBGA9999")
        self._press("Volgende", "verify-error")
        self.browser.fill("username", self.full_name)
        self._press("Volgende", "sent")
        self._see("/reset/verify", "too-late")

    def links(self) -> None:
        """See what is behind mailed links, living and dead, and what a user in cooldown is told."""
        link = self._new_link("/reset/password/")
        self._see(link, "set-password")
        self._press("Wachtwoord opslaan", "set-password-error")
        self._fill_twice("welkom123welkom123")
        self._press("Wachtwoord opslaan", "set-password-guessable")
        self._fill_twice(PASSWORD)
        self.browser.unfold(self.words.plain("Toon de wachtwoorden"))
        self.stop("set-password-shown")
        self._take_ticket_again()
        self._open(link)
        self._fill_twice(PASSWORD)
        self._press("Wachtwoord opslaan", "done")
        self.done()
        self._open("/reset")
        self._identify("refused")
        self._see("/", "portal-cooldown-closed")
        self.browser.unfold(self.words.plain("mijn gegevens"))
        self.stop("portal-cooldown")
        self.couplings()
        self._see(self._new_link("/not-me/"), "not-me")
        self._press("Blokkeer deze gebruiker", "not-me-done")
        self._see("/", "portal-blocked-closed")
        self.browser.unfold(self.words.plain("mijn gegevens"))
        self.stop("portal-blocked")
        self._see("/not-me/never-was", "not-me-dead")
        self._see(link, "link-dead")
        self._see("/demo/mail", "demo-mail")

    def done(self) -> None:
        """See what to type where, and that an application has logged in."""
        self.browser.find("[data-kind=basecone]").click()
        self.stop("done-application")
        assert password_grant(self.demo, "basecone", self.person.username, PASSWORD).status == HTTPStatus.OK
        self.browser.find(".works[data-kind=basecone]")
        self.stop("done-works")

    def couplings(self) -> None:
        """See who is let in, and how one of them is shut out."""
        for application in ("basecone", "rabobank"):
            assert password_grant(self.demo, application, self.person.username, PASSWORD).status == HTTPStatus.OK
        self._see("/", "portal-couplings")
        for page in ("check", "history"):
            self._open("/")
            self.browser.press_inside(f"a[href^='/portal/{page}/'][aria-describedby='glance-{self.person.username}']")
            self.stop(page)
        self._see("/?q=x", "portal-none-found")
        self._see("/portal/couplings", "couplings")
        self.browser.press(self.words.plain("Beëindig de koppeling met {application}", application="Rabobank (demo)"))
        self.stop("couplings-ended")

    def authorize(self) -> None:
        """See how an application asks to be let in, and what is told of one that we don't know."""
        client_id = self.demo.clients["vendor_api"]["client_id"]
        asked = urlencode({"response_type": "code", "client_id": client_id, "redirect_uri": CALLBACK})
        self._see(f"/oauth/authorize?{asked}&prompt=login", "authorize-login")
        self._see(f"/oauth/authorize?{asked}", "authorize")
        self.browser.driver.execute_script("document.querySelector('form').noValidate = true")
        self._press("Toestaan", "authorize-error")
        self._see(f"/oauth/authorize?{asked}0", "authorize-untrusted")
        self.browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        self._open(f"/oauth/authorize?{asked}&prompt=none&response_mode=form_post")
        self.browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        self.stop("authorize-form-post")

    def device(self) -> None:
        """See where the code of a device is typed, what is told of a wrong one, and how one is let in."""
        self._see("/device", "device")
        self.browser.fill("user_code", "BCDF-GHJK")
        self._press("Volgende", "device-error")
        started = asked(self.demo, "/oauth/device", client_id=registered(self.demo))
        self.browser.fill("user_code", started["user_code"])
        self._press("Volgende", "device-question")
        self.browser.find(f"input[value={self.person.username}]").click()
        self._press("Toestaan", "device-allowed")

    def end_session(self) -> None:
        """See how an application has its owner log out."""
        self._see("/oauth/end_session", "end-session")
        self._press("Uitloggen", "logged-out")

    def errors(self) -> None:
        """See the error pages."""
        self._see("/no-such-page", "error-404")
        self._see("/logout", "error-405")
        self._see("/reset?ticket=a&ticket=b", "error-400")

    @property
    def full_name(self) -> str:
        """The name as the reset form wants it."""
        return self.demo.full(self.person.username)

    def _identify(self, name: str) -> None:
        self.browser.fill("username", self.full_name)
        self.browser.tick_captcha()
        self.stop("identify-ticked")
        self._press("Volgende", name)

    def _take_ticket_again(self) -> None:
        self._open("/")
        self.browser.unfold(self.words.plain("mijn gegevens"))
        self.browser.press_inside(f"form:has(input[value='{self.person.username}']) button")

    def _fill_twice(self, password: str) -> None:
        for name in ("password", "password_again"):
            self.browser.fill(name, password)

    def _new_link(self, start: str) -> str:
        for _ in waiting(MAIL_TIMEOUT_S):
            for link in self._links():
                if link.startswith(start) and link not in self.old_links:
                    return link
        message = f"no mail with a link to {start} came"
        raise TimeoutError(message)

    def _links(self) -> list[str]:
        return [str(link).removeprefix(self.demo.url) for mail in self.demo.mails(self.person.mail) for link in mail["links"]]

    def _open(self, path: str) -> None:
        separator = "&" if "?" in path else "?"
        self.browser.open(f"{self.demo.url}{path}{separator}lang={self.words.language}")

    def _see(self, path: str, name: str) -> None:
        self._open(path)
        self.stop(name)

    def _press(self, label: str, name: str) -> None:
        self.browser.press(self.words.plain(label))
        self.stop(name)
