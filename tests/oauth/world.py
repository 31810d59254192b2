"""What the tests of the token service act in."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import quote_plus, urlencode

from flask import Flask

from connectors.base import DEVICE_CODE
from idp.adapters.letters import TemplateLetters
from idp.adapters.smtp import SmtpMailer
from idp.app import oauth_servers
from idp.domain.digests import KeyedDigests, new_secret
from idp.domain.portal_session import PortalSession
from idp.oauth.authorization import AuthorizationEndpoint, AuthorizationRequest
from idp.oauth.http import RawRequest
from idp.outside import Ports, open_store
from idp.services.authorization import Asked
from idp.settings import LimitSettings, Settings
from idp.web.limits import CountedLimits, build_limiter
from idp.web.metadata import metadata_blueprint
from idp.web.proxy import TrustedProxies
from idp.web.token import token_blueprint
from tests.easy_captcha import easy_captcha
from tests.fakes.clock import SetClock
from tests.fakes.directory import MemoryDirectory

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from werkzeug.test import TestResponse

    from idp.adapters.sql import SqlStore
    from idp.oauth.authorization_response import SentBack
    from idp.oauth.parts import OAuthParts
    from idp.oauth.server import OAuthServer
    from idp.ports.directory import Directory
    from idp.ports.outside import Limits
    from idp.ports.store import Store

    class Answered(TestResponse):
        """A response in JSON."""

        json: Any

    class Http(Protocol):
        """Flask's test client, as far as it is used here."""

        def open(self, path: str, **kwargs: object) -> Answered:
            """Send a request."""

        def get(self, path: str, **kwargs: object) -> Answered:
            """GET."""

        def head(self, path: str, **kwargs: object) -> Answered:
            """HEAD."""

        def post(self, path: str, **kwargs: object) -> Answered:
            """POST."""


FORM = "application/x-www-form-urlencoded"
ORIGIN = "https://login.example"
AUDIENCE = "https://api.boekhoudgemak.nl/"
OTHER_AUDIENCE = "https://documents.example/"
PASSWORD = "een lange wachtzin met spaties & tekens+%"
USERNAME = "U4BBGA0008"
OWNER_MAIL = "anna@example.nl"
BACK = "https://app.example/back"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""Of RFC 7636 appendix B."""


NewWorld = Callable[..., "World"]


@dataclass
class Recorded:
    """Passes every call on, and writes its name down."""

    target: object
    name: str
    calls: list[str]
    fault: Exception | None = None

    def __getattr__(self, attribute: str) -> Callable[..., object]:
        """Give a method of the target, watched."""
        method = getattr(self.target, attribute)

        def call(*args: object, **kwargs: object) -> object:
            self.calls.append(f"{self.name}.{attribute}")
            if self.fault is not None:
                raise self.fault
            return method(*args, **kwargs)

        return call


class Registered(dict[str, tuple[str, str]]):
    """The client of each kind and its secret; one is registered when a test first asks for it, since most ask for one or two."""

    def __init__(self, parts: OAuthParts) -> None:
        """Register none yet."""
        super().__init__()
        self._parts = parts

    def __missing__(self, kind: str) -> tuple[str, str]:
        """Register it."""
        clients = self._parts.clients
        if self._parts.connectors[kind].is_public:
            client, secret = clients.add_public(kind, kind, "operator:test", redirect_uris=(BACK,)), ""
        else:
            client, secret = clients.add(kind, kind, "operator:test", redirect_uris=(BACK,))
        self[kind] = client.client_id, secret
        return self[kind]

    def all(self) -> dict[str, tuple[str, str]]:
        """Give those of all kinds."""
        return {kind: self[kind] for kind in self._parts.connectors}


@dataclass
class World:
    """The service, and hands to reach into it."""

    http: Http
    servers: tuple[OAuthServer, ...]
    directory: MemoryDirectory
    asked: Recorded
    store: Recorded
    clock: SetClock
    calls: list[str]
    state: Path
    database: SqlStore
    app: Flask
    clients: Registered = field(init=False)

    @classmethod
    def build(
        cls,
        state: Path,
        limits: LimitSettings | None = None,
        changes: Mapping[str, Mapping[str, object]] | None = None,
        oauth: Mapping[str, object] | None = None,
        service: Mapping[str, object] | None = None,
    ) -> World:
        """Put it together, as production does.

        Args:
            state: directory for the database and the keys.
            limits: other limits than production's.
            changes: other facts of connectors.
            oauth: more of the section of that name.
            service: the same.
        """
        settings = Settings.model_validate(
            {
                "service": {"origin": ORIGIN, "state": state, **(service or {})},
                "oauth": {"audiences": (OTHER_AUDIENCE,), **(oauth or {})},
                "mail": {"host": "127.0.0.1", "tls": "none"},
                "limits": limits or LimitSettings(),
                "connectors": changes or {},
            }
        )
        calls: list[str] = []
        clock = SetClock()
        digests = KeyedDigests(new_secret().encode())
        app = Flask("token-service")
        limiter = build_limiter(settings.limits)
        limiter.init_app(app)
        sql = open_store(settings, digests)
        stored = Recorded(sql, "store", calls)
        directory = MemoryDirectory(clock)
        directory.add_user(USERNAME, directory.add_owner("Anna de Vries", OWNER_MAIL), PASSWORD)
        asked = Recorded(directory, "directory", calls)
        ports = Ports(
            clock=clock,
            digests=digests,
            store=cast("Store", stored),
            directory=cast("Directory", asked),
            captcha=easy_captcha(digests),
            letters=TemplateLetters.build(settings),
            mailer=SmtpMailer.build(settings.mail, settings.brand.name),
        )
        counted = cast("Limits", Recorded(CountedLimits(limiter, settings.limits), "limits", calls))
        servers = oauth_servers(settings, ports, counted)
        for server in servers:
            app.register_blueprint(token_blueprint(server))
            app.register_blueprint(metadata_blueprint(server))
        proxies, certificates = settings.service.trusted_proxies, settings.service.mtls_origin is not None
        app.wsgi_app = TrustedProxies.around(app.wsgi_app, proxies, certificates=certificates)  # type: ignore[method-assign]
        http = cast("Http", app.test_client())
        world = cls(http, servers, directory, asked, stored, clock, calls, state, sql, app)
        world.clients = Registered(world.parts)
        return world

    @property
    def oauth(self) -> OAuthServer:
        """The classic issuer."""
        return self.servers[0]

    @property
    def strict(self) -> OAuthServer:
        """The strict one."""
        return self.servers[1]

    @property
    def parts(self) -> OAuthParts:
        """What the classic issuer uses; all but the issuer is the same at the strict one."""
        return self.oauth.parts

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    def add_api(self, *audiences: str) -> None:
        """Register a client, ``api``, that is these resources."""
        client, secret = self.parts.clients.add("vendor_service", "API", "operator:test", audiences=audiences)
        self.clients["api"] = client.client_id, secret

    def basic(self, kind: str, secret: str | None = None) -> dict[str, str]:
        """The header of `client_secret_basic`."""
        client_id, right = self.clients[kind]
        pair = f"{quote_plus(client_id)}:{quote_plus(right if secret is None else secret)}"
        return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}

    def post(
        self,
        path: str,
        kind: str | None,
        form: Mapping[str, str] | list[tuple[str, str]],
        headers: Mapping[str, str] | None = None,
        address: str = "127.0.0.1",
    ) -> Answered:
        """Post a form, as a client of this kind or with these headers, from an address."""
        pairs = list(form) if isinstance(form, list) else list(form.items())
        sent = headers or {}
        if kind and not self.clients[kind][1]:  # it has no secret
            pairs.append(("client_id", self.clients[kind][0]))
        elif kind and headers is None:
            sent = self.basic(kind)
        self.calls.clear()
        return self.http.post(path, data=urlencode(pairs), content_type=FORM, headers=sent, environ_base={"REMOTE_ADDR": address})

    def token(self, kind: str = "basecone", path: str = "/oauth/token", **form: str) -> Answered:
        """Ask for a token with the right name and password, unless the form says otherwise."""
        return self.post(path, kind, {"grant_type": "password", "username": USERNAME, "password": PASSWORD, **form})

    def code(self, kind: str = "vendor_api", /, client_id: str | None = None, **bound: object) -> str:
        """Have the owner let a client in, without a challenge unless it is said; gives the code."""
        client = self.parts.clients.find(client_id or self.clients[kind][0])
        assert client is not None
        scopes = " ".join(self.parts.connectors[client.connector].default_scopes)
        asked = replace(Asked(client, BACK, scopes, AUDIENCE, None), **bound)  # type: ignore[arg-type]  # names of its fields
        return self.parts.authorization.allow(self.session(), USERNAME, asked)

    def judge(self, kind: str = "vendor_api", **parameters: str) -> AuthorizationRequest | SentBack:
        """Judge what a client of this kind asks."""
        asking = {"response_type": "code", "client_id": self.clients[kind][0], "redirect_uri": BACK, **parameters}
        return AuthorizationEndpoint(self.parts).judge(
            RawRequest("GET", urlencode(asking), "", b"", None, "127.0.0.1", "127.0.0.1")
        )

    def code_for(self, kind: str = "vendor_api", **parameters: str) -> str:
        """Have the owner let a client in that asks like this; gives the code."""
        judged = self.judge(kind, **parameters)
        assert isinstance(judged, AuthorizationRequest), judged
        return self.parts.authorization.allow(self.session(), USERNAME, judged.asked)

    def session(self) -> PortalSession:
        """The owner's login, a quarter of an hour ago."""
        owner = self.directory.find_owner_by_mail(OWNER_MAIL)
        return PortalSession(owner, "the session", self.clock.now() - timedelta(minutes=15))

    def device(self, kind: str = "vendor_app", **form: str) -> Answered:
        """Ask for the codes of a device."""
        return self.post("/oauth/device", kind, form)

    def let_device_in(self, user_code: str) -> None:
        """Have the owner type a code, and allow it."""
        owner, devices = self.directory.find_owner_by_mail(OWNER_MAIL), self.parts.devices
        devices.allow(owner, devices.waiting(owner, devices.recognise(owner, user_code)), USERNAME)

    def fetch(self, device_code: str, kind: str = "vendor_app", **form: str) -> Answered:
        """Ask for the tokens of a device."""
        return self.post("/oauth/token", kind, {"grant_type": DEVICE_CODE, "device_code": device_code, **form})

    def redeem(self, code: str, /, kind: str = "vendor_api", path: str = "/oauth/token", **form: str) -> Answered:
        """Redeem a code as it should be, unless the form says otherwise."""
        return self.post(path, kind, {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, **form})

    def refresh(self, refresh_token: str, kind: str = "vendor_api", **form: str) -> Answered:
        """Ask for another token."""
        return self.post("/oauth/token", kind, {"grant_type": "refresh_token", "refresh_token": refresh_token, **form})

    def introspect(self, token: str, kind: str = "basecone") -> dict[str, Any]:
        """Ask what a token is worth."""
        response = self.post("/oauth/introspect", kind, {"token": token})
        assert response.status_code == 200, response.text
        return dict(response.json)

    def userinfo(self, token: str) -> Answered:
        """Ask whom a token is about."""
        return self.http.get("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})
