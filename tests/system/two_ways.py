"""One customer and everything that they hold, and the ways by which it is used: each asks the service itself."""

from __future__ import annotations

import base64
import itertools
import secrets
import threading
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from idp.adapters.ldap import LdapOperator, LdapServer, SocketIdentity
from idp.domain.audit_query import Wanted
from idp.domain.capability import Purpose
from idp.domain.reset_request import Binding, ResetRequest
from idp.ports.directory import NewUser
from idp.services.clients import ClientRegistry
from idp.worker import Worker
from tests.slapd import USERS_DN
from tests.web.page import Visitor

if TYPE_CHECKING:
    from flask import Flask

    from idp.domain.audit import AuditEvent
    from idp.domain.people import Koppelgebruiker, Owner
    from idp.outside import Ports
    from idp.settings import Settings
    from tests.slapd import RunningSlapd

PASSWORD = "vijf losse woorden achter elkaar"
PORTAL_PASSWORD = "iets heel anders voor het portaal"
LONG_AGO = "20200101000000Z"
WAYS = ("token", "refresh", "introspection", "userinfo", "portal", "reset")
_SCOPE = "http://UNIT4.Multivers.API/Web/WebApi/*"
_VENDOR_PATH = "/V221/OAuth/Token"
_NUMBERS = itertools.count(10)


@dataclass
class Service:
    """The pages and endpoints, and a worker, on one directory and one database.

    Args:
        settings: the rules.
        slapd: the directory, and an admin's tools.
        ports: the outside, opened.
        app: the pages and endpoints.
    """

    settings: Settings
    slapd: RunningSlapd
    ports: Ports
    app: Flask
    client: dict[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Register an application, and begin to follow."""
        registry = ClientRegistry(self.ports.store, self.ports.digests, self.ports.clock)
        client, secret = registry.add("vendor_api", "a test", "operator:test")
        self.client = {"client_id": client.client_id, "client_secret": secret}
        self.worker = Worker.build(self.settings, self.ports, threading.Event())
        self.worker.step()

    def audit_of(self, subject: str) -> list[AuditEvent]:
        """Give what is remembered of somebody."""
        with self.ports.store.reading() as work:
            return [record.event for record in work.audit.read(limit=1000, wanted=Wanted(frozenset({subject})))]


@dataclass
class Customer:
    """An owner with a session, a koppelgebruiker with a password, an application with tokens, and a mailed link."""

    service: Service
    user: Koppelgebruiker
    owner: Owner
    portal: Visitor
    tokens: dict[str, str]
    link: str

    @classmethod
    def begin(cls, service: Service) -> Customer:
        """Make one, whose passwords were set long ago."""
        uid = f"U4BBGA40{next(_NUMBERS)}"
        directory = service.settings.directory
        operator = LdapOperator(
            server=LdapServer(service.slapd.embedded.ldapi_url), base_dn=directory.base_dn, operator=SocketIdentity()
        )
        _, owner = operator.create_user(NewUser(uid, f"A-{uid}", f"{uid.lower()}@example.nl", "Anna de Vries"))
        operator.close()
        service.slapd.write(owner.dn, "userPassword", PORTAL_PASSWORD)
        dn = f"uid={uid},{USERS_DN}"
        service.slapd.write(dn, "userPassword", PASSWORD)
        for name in (dn, owner.dn):  # another password in the same second would look as if it were this one
            service.slapd.write(name, "pwdChangedTime", LONG_AGO, "-e", "relax")
        for _ in range(2):  # what was done up to here is told, and that is sent: it is not what the test is about
            service.worker.step()
        user = service.ports.directory.find_user(uid)
        owner = service.ports.directory.find_owner(owner.dn)
        made = cls(service, user, owner, Visitor(service.app.test_client()), {}, "")
        made.tokens = made.ask(PASSWORD)
        made.link = made.mailed_link()
        made.log_in()
        return made

    @property
    def dn(self) -> str:
        """Of the koppelgebruiker, as it was in the beginning."""
        return f"uid={self.user.uid},{USERS_DN}"

    def ways(self) -> dict[str, bool]:
        """Try every way; tell which of them work."""
        return {
            "token": bool(self.ask(PASSWORD)),
            "refresh": self.refreshes(),
            "introspection": self._is_active(),
            "userinfo": self._tells(),
            "portal": f'value="{self.user.uid}"' in self.portal.open("/").text,  # *Vraag aan* is offered
            "reset": Visitor(self.service.app.test_client()).open(self.link).status_code == HTTPStatus.OK,
        }

    def ask(self, password: str) -> dict[str, str]:
        """Ask for tokens with name and password; nothing when it is refused."""
        fields = {"grant_type": "password", "username": self.user.uid, "password": password, "scope": _SCOPE}
        return self._post(_VENDOR_PATH, fields)

    def refreshes(self) -> bool:
        """Ask for another access token."""
        return bool(self._post(_VENDOR_PATH, {"grant_type": "refresh_token", "refresh_token": self.tokens["refresh_token"]}))

    def log_in(self) -> None:
        """Begin a session."""
        self.portal.open("/login")
        assert (
            self.portal.submit("/login", {"mail": self.owner.mail or "", "password": PORTAL_PASSWORD}).status_code
            == HTTPStatus.SEE_OTHER
        )

    def mailed_link(self) -> str:
        """Make a link as the worker does when it mails one."""
        secret, ports = secrets.token_urlsafe(32), self.service.ports
        now, digest = ports.clock.now(), ports.digests.digest(Purpose.RESET_LINK, secret)
        request = ResetRequest(secrets.token_hex(16), digest, self.user.uid, with_ticket=True, created_at=now)
        with ports.store.transaction() as work:
            work.resets.add(request)
            work.resets.advance(request, request.link_made(Binding.of(self.user, self.owner), now))
        return f"/reset/password/{secret}"

    def _is_active(self) -> bool:
        known = f"{self.service.client['client_id']}:{self.service.client['client_secret']}"
        header = {"Authorization": "Basic " + base64.b64encode(known.encode()).decode()}
        http = self.service.app.test_client()
        answer = http.post("/oauth/introspect", data={"token": self.tokens["access_token"]}, headers=header)
        return bool(answer.json and answer.json["active"])

    def _tells(self) -> bool:
        header = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        return self.service.app.test_client().get("/oauth/userinfo", headers=header).status_code == HTTPStatus.OK

    def _post(self, path: str, fields: dict[str, str]) -> dict[str, str]:
        answer = self.service.app.test_client().post(path, data={**fields, **self.service.client})
        tokens: dict[str, str] = answer.json or {}
        return tokens if answer.status_code == HTTPStatus.OK else {}
