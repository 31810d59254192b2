"""What the tests of the pages act in: the site on a real store and a real directory, and hands to reach into it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from idp.services.outbox import pause_after
from tests.web.page import Visitor

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from flask import Flask
    from werkzeug.routing import Rule
    from werkzeug.test import TestResponse

    from idp.adapters.sql import SqlStore
    from idp.domain.mail import Mail
    from idp.domain.people import Koppelgebruiker
    from idp.services.clients import ClientRegistry
    from idp.services.logout_notices import LogoutNotices
    from idp.services.outbox import Outbox
    from idp.worker import Worker
    from tests.fakes.clock import SetClock
    from tests.fakes.directory import MemoryDirectory
    from tests.services.calls import Calls

NAME = "U4BBGA0008"
FULL_NAME = "U4BBGA0008@u4bsw.nl"
SECOND_NAME = "U4BBGA0009"
OTHERS_NAME = "U4BBGA0100"
OWNER_NAME = "Anna de Vries"
OWNER_MAIL = "anna@example.nl"
OWNER_PASSWORD = "anna logt in met een zin"
PASSWORD = "vier losse woorden achter elkaar"

NewWorld = Callable[..., "World"]


@dataclass
class Received:
    """A mail as its reader has it."""

    to: str
    subject: str
    text: str
    html: str

    @property
    def links(self) -> list[str]:
        """Addresses in the plain text."""
        return re.findall(r"https?://\S+", self.text)

    @property
    def paths(self) -> list[str]:
        """Where they lead, at our host."""
        return [urlsplit(link).path for link in self.links]

    def path(self, start: str) -> str:
        """Give the path of the link that begins so."""
        return next(path for path in self.paths if path.startswith(start))


@dataclass
class Mailbox:
    """Takes every mail."""

    received: list[Received] = field(default_factory=list)

    def send(self, mail: Mail) -> None:
        """Take one."""
        self.received.append(Received(mail.to, mail.content.subject, mail.content.text, mail.content.html))


@dataclass
class World:
    """The site, and hands to reach into it.

    Args:
        app: the whole application.
        origin: as it is configured.
        clock: its time.
        directory: who is in it.
        calls: of the store and the directory.
        worker: sends, tells and forgets, when a test says so.
        mailbox: of everybody.
        store: the database.
        clients: registered applications.
        state: directory of the database.
        zone: in which pages tell moments.
        visitors: every browser so far.
    """

    app: Flask
    origin: str
    clock: SetClock
    directory: MemoryDirectory
    calls: Calls
    worker: Worker
    mailbox: Mailbox
    store: SqlStore
    clients: ClientRegistry
    state: Path
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Amsterdam"))
    visitors: list[Visitor] = field(default_factory=list)

    @property
    def outbox(self) -> Outbox:
        """The worker's."""
        return self.worker.outbox

    @property
    def logout_notices(self) -> LogoutNotices:
        """The worker's."""
        assert self.worker.logout_notices is not None
        return self.worker.logout_notices

    @property
    def first_pause(self) -> timedelta:
        """How long a letter waits after its first failure."""
        return pause_after(1)

    def another_visitor(self) -> Visitor:
        """Give a browser without any cookie."""
        self.visitors.append(Visitor(self.app.test_client()))
        return self.visitors[-1]

    def page_rules(self) -> list[Rule]:
        """Give the routes."""
        return [rule for rule in self.app.url_map.iter_rules() if not rule.rule.startswith(("/oauth", "/V", "/v", "/fapi"))]

    def user(self, name: str) -> Koppelgebruiker:
        """Read a koppelgebruiker."""
        return self.directory.find_user(name)

    def mails(self) -> list[Received]:
        """Have the worker work, and give all mails so far, the newest last."""
        while self.outbox.run_once():
            pass
        return self.mailbox.received

    def newest_link(self, start: str) -> str:
        """Have the worker work, and give the newest path that begins so; what else is due may go out before or after it."""
        return [path for mail in self.mails() for path in mail.paths if path.startswith(start)][-1]

    def forget_mails(self) -> None:
        """Begin with an empty mailbox."""
        self.mails().clear()

    def cookie(self, name: str, visitor: Visitor | None = None) -> str:
        """Give a cookie of the first visitor, or of another; empty when there is none."""
        found = (visitor or self.visitors[0]).http.get_cookie(name)
        return found.value if found else ""

    def put_cookie(self, name: str, value: str) -> None:
        """Give the first visitor a cookie."""
        self.visitors[0].http.set_cookie(name, value)

    def log_in(self, visitor: Visitor) -> TestResponse:
        """Log in as the owner, and stay on the portal."""
        visitor.open("/login")
        answer = visitor.submit("/login", {"mail": OWNER_MAIL, "password": OWNER_PASSWORD})
        assert answer.status_code == 303, answer.text
        return visitor.follow()

    def take_ticket(self, visitor: Visitor) -> None:
        """Click *Vraag aan*, and stay on Identify."""
        visitor.open("/")
        visitor.submit("/portal/ticket")
        visitor.follow()
        assert visitor.follow().status_code == 200

    def identify(self, visitor: Visitor, full_name: str) -> None:
        """Do the first step, and stay on the second."""
        visitor.open("/reset")
        answer = visitor.submit("/reset", {"username": full_name, "altcha": visitor.solve_captcha()})
        assert answer.status_code == 303, answer.text
        visitor.follow()

    def application(self, name: str, kind: str = "basecone") -> dict[str, str]:
        """Register an application; gives what it authenticates with."""
        client, secret = self.clients.add(kind, name, "operator:test")
        return {"client_id": client.client_id, "client_secret": secret}

    def ask(self, endpoint: str, application: dict[str, str], address: str = "192.0.2.7", **form: str) -> TestResponse:
        """Have an application ask one of the endpoints for programs."""
        environ = {"REMOTE_ADDR": address}
        return self.app.test_client().post(f"/oauth/{endpoint}", data={**application, **form}, environ_base=environ)

    def couple(self, application: dict[str, str], name: str = NAME, address: str = "192.0.2.7") -> dict[str, str]:
        """Have an application log in with a koppelgebruiker's password; gives the answer."""
        form = {"grant_type": "password", "username": name, "password": PASSWORD}
        answer = self.ask("token", application, address, **form)
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    def reset_link(self, visitor: Visitor, name: str = NAME) -> str:
        """Do both steps, and give the path in the mail."""
        full_name = f"{name}@u4bsw.nl"
        self.identify(visitor, full_name)
        assert visitor.submit("/reset/verify", {"username": full_name}).status_code == 303
        return self.newest_link("/reset/password/")

    def reset_password(self, visitor: Visitor, name: str = NAME) -> None:
        """Walk the whole way."""
        link = self.reset_link(visitor, name)
        visitor.open(link)
        assert visitor.submit("", {"password": PASSWORD, "password_again": PASSWORD}, at=link).status_code == 303

    def forgotten_password_link(self, visitor: Visitor) -> str:
        """Ask for a new portal password, and give the path in the mail."""
        visitor.open("/login/forgot")
        visitor.submit("/login/forgot", {"mail": OWNER_MAIL})
        return self.newest_link("/login/password/")
