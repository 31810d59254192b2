"""Who walks past the pages, and what a step is: a page is opened, or a button pressed, and there is a stop."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.system.demo import MAIL_TIMEOUT_S
from tests.system.processes import waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.translations import Words
    from tests.browser.chromium import Browser
    from tests.system.demo import Demo
    from tests.system.tools import DirectoryTools


PORTAL_PASSWORD = "een nieuwe zin voor het portaal"
"""Of the owner, who forgot the former one."""


@dataclass(slots=True)
class Walker:
    """The demo's owner, on one walk, in one language.

    Args:
        browser: a window that has never been anywhere.
        demo: where it goes.
        tools: the demo's admin's, who lets others in on the way.
        words: of the language.
        stop: what is done at each page, by its name. It leaves the page as it was.
        old_links: those that were mailed before.
    """

    browser: Browser
    demo: Demo
    tools: DirectoryTools
    words: Words
    stop: Callable[[str], None] = lambda _name: None
    old_links: set[str] = field(default_factory=set)

    @classmethod
    def through(cls, demo: Demo, browser: Browser, words: Words) -> Walker:
        """Begin."""
        return cls(browser, demo, demo.tools(demo.state), words)

    @property
    def mail(self) -> str:
        """The owner's address."""
        return self.demo.owner["mail"]

    def open(self, path: str) -> None:
        """Go somewhere, in the walk's language."""
        separator = "&" if "?" in path else "?"
        self.browser.open(f"{self.demo.url}{path}{separator}lang={self.words.language}")

    def see(self, path: str, name: str) -> None:
        """Go somewhere, and stop."""
        self.open(path)
        self.stop(name)

    def press(self, label: str, name: str) -> None:
        """Press what reads so in Dutch, and stop at where that leads."""
        self.browser.press(self.words.plain(label))
        self.stop(name)

    def unfold(self, label: str) -> None:
        """Open the menu that reads so in Dutch."""
        self.browser.unfold(self.words.plain(label))

    def fill_twice(self, password: str) -> None:
        """Type a new password, and once more."""
        for name in ("password", "password_again"):
            self.browser.fill(name, password)

    def log_in(self, mail: str, password: str) -> None:
        """Log in on the page that asks for it."""
        self.browser.fill("mail", mail)
        self.browser.fill("password", password)
        self.browser.press(self.words.plain("Inloggen"))

    def ask(self) -> None:
        """*Vraag aan*, in the menu."""
        self.open("/")
        self.unfold("mijn gegevens")
        self.browser.press_inside(f"form:has(input[value='{self.demo.username}']) button")

    def new_link(self, start: str) -> str:
        """Wait for a link in the owner's mail that was not there before.

        Raises:
            TimeoutError: none came.
        """
        for _ in waiting(MAIL_TIMEOUT_S):
            for link in self.links():
                if link.startswith(start) and link not in self.old_links:
                    return link
        message = f"no mail with a link to {start} came"
        raise TimeoutError(message)

    def links(self) -> list[str]:
        """Give the links in the owner's mail."""
        return [str(link).removeprefix(self.demo.url) for mail in self.demo.mails(self.mail) for link in mail["links"]]
