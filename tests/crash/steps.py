"""The steps of a reset; each is done in a process of its own, which may be killed in it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from idp.worker import Worker
from tests.crash.commands import Commands
from tests.crash.mailbox import CONFIRMATION, RESET, Mailbox
from tests.web.page import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Flask
    from werkzeug.test import TestResponse

    from idp.outside import Ports
    from idp.ports.directory import DirectoryOperator
    from idp.settings import Settings
    from tests.crash.watched import Journal

Step = tuple[str, dict[str, Any]]
"""Its name, and its arguments."""

COOKIES = ("portal", "ticket", "step", "form")


class TurnedAway(Exception):
    """A page did not lead on; its reader goes no further."""


@dataclass(frozen=True)
class Account:
    """Whose reset it is.

    Args:
        bare: the koppelgebruiker.
        mail: its owner's address.
        owner_password: for the portal.
        mailbox: folder of the mail.
    """

    bare: str
    mail: str
    owner_password: str
    mailbox: str


@dataclass(frozen=True)
class Steps:
    """What web, worker, owner and application do, in this process.

    Args:
        settings: the rules.
        ports: the outside, watched.
        operator: the directory as its admin sees it, watched.
        app: the web.
        client: id and secret of an application.
        journal: where answers are written.
        account: whose reset it is.
    """

    settings: Settings
    ports: Ports
    operator: DirectoryOperator
    app: Flask
    client: Mapping[str, str]
    journal: Journal
    account: Account

    def run(self, step: Step) -> None:
        """Do one; whoever is turned away goes no further in it."""
        steps: dict[str, Callable[..., None]] = {
            "connect": self.connect,
            "ask": self.ask,
            "ask again": self.ask_again,
            "work": self.work,
            "choose": self.choose,
            "look": self.look,
            "take stock": self.take_stock,
            "operate": Commands(self.operator, self.ports, self.journal).operate,
            "take history": Commands(self.operator, self.ports, self.journal).take_history,
        }
        name, arguments = step
        with suppress(TurnedAway):
            steps[name](**arguments)

    # -- worker and application ------------------------------------------------------------------------------------------

    def work(self, times: int = 1) -> None:
        """Start a worker, and let it do all that is due, so many times."""
        worker = Worker.build(self.settings, self.ports, Event())
        for _ in range(times):
            worker.step()

    def connect(self, password: str) -> None:
        """Take a token with name and password."""
        form = {"grant_type": "password", "username": self.account.bare, "password": password, **self.client}
        self._answered("token", self.app.test_client().post("/oauth/token", data=form))

    # -- the owner -------------------------------------------------------------------------------------------------------

    def ask(self, *, with_ticket: bool) -> None:
        """Ask for a new password, from the portal or as a stranger."""
        visitor = self._visitor()
        if with_ticket:
            self._take_ticket(visitor)
        self._answered("identify page", visitor.open("/reset"))
        solution = visitor.solve_captcha()
        self._answered("identify", visitor.submit("/reset", {"username": self._full_name, "altcha": solution}))
        found = {name: visitor.http.get_cookie(name) for name in COOKIES}
        self.journal.write("cookies", {name: cookie.value for name, cookie in found.items() if cookie})
        self._verify(visitor)

    def ask_again(self, cookies: Mapping[str, str]) -> None:
        """Go on where the browser stood: at Verify."""
        visitor = self._visitor()
        for name, value in cookies.items():
            visitor.http.set_cookie(name, value)
        self._verify(visitor)

    def choose(self, password: str) -> None:
        """Follow the mail's link, and send a password, also where the page was opened before the link died."""
        visitor = self._visitor()
        link = self._mailed(RESET)
        self._note("link", visitor.open(link))
        self._note("password", visitor.http.post(link, data={"password": password, "password_again": password}))

    def _take_ticket(self, visitor: Visitor) -> None:
        self._answered("login page", visitor.open("/login"))
        fields = {"mail": self.account.mail, "password": self.account.owner_password}
        self._answered("login", visitor.submit("/login", fields))
        self._answered("portal", visitor.follow())
        self._answered("ticket", visitor.submit("/portal/ticket"))
        self._answered("exchange", visitor.follow())

    def _verify(self, visitor: Visitor) -> None:
        page = visitor.open("/reset/verify")
        self._answered("verify page", page)
        if page.status_code == HTTPStatus.SEE_OTHER:
            return  # it was done before, and leads on
        self._answered("verify", visitor.submit("/reset/verify", {"username": self._full_name}))

    def _visitor(self) -> Visitor:
        return Visitor(self.app.test_client())

    def _answered(self, what: str, answer: TestResponse) -> None:
        self._note(what, answer)
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            raise TurnedAway

    # -- whoever wants to know how things are ------------------------------------------------------------------------------

    def look(self) -> None:
        """Look whether the service says that it is well, and open what was mailed."""
        self._note("readyz", self._visitor().open("/readyz"))
        for kind in (RESET, CONFIRMATION):
            if self._mailbox.letters(kind, self.account.mail):
                self._note(kind, self._visitor().open(self._mailed(kind)))

    def take_stock(self) -> None:
        """Look into the store."""
        with self.ports.store.reading() as work:
            completed = [record.event for record in work.audit.read(limit=1000) if record.event.action == "reset.completed"]
            stock = {
                "audit broken at": [str(found.record) for found in work.audit.verify()],
                "resets completed": len(completed),
                "grants ended": [event.detail["grants"] for event in completed],
                "grants": sum(len(work.grants.of_user(event.subject)) for event in completed),
                "claims": len(work.resets.claimed()),
                "letters waiting": work.outbox.waiting()[0],
            }
        self.journal.write("stock", stock)

    @property
    def _mailbox(self) -> Mailbox:
        return Mailbox(Path(self.account.mailbox))

    @property
    def _full_name(self) -> str:
        return f"{self.account.bare}@{self.settings.brand.canonical_realm}"

    def _mailed(self, kind: str) -> str:
        return self._mailbox.letters(kind, self.account.mail)[-1].link

    def _note(self, what: str, answer: TestResponse) -> None:
        self.journal.write("answer", [what, answer.status_code, answer.headers.get("Retry-After")])
