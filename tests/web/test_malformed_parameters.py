"""Every endpoint for programs, every parameter, every way to send it wrong: the RFC's error, nothing of it back (S26, S47).

The endpoints are those of the application's URL map, the parameters those that the code reads: a new one that is not tried here
fails.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode

import pytest
from flask import Flask
from joserfc.jwk import ECKey, generate_key

import idp.oauth
from connectors.base import DEVICE_CODE
from idp.adapters.letters import TemplateLetters
from idp.app import authorization, create_app, device_authorization
from idp.domain.capability import Purpose
from idp.domain.digests import KeyedDigests
from idp.domain.portal_session import PortalSession
from idp.errors import LinkDead
from idp.oauth.client_keys import read_key_set
from idp.oauth.dpop_nonce import DPoPNonces
from idp.oauth.request import BODY_ONLY, REPEATABLE
from idp.outside import WEB, Ports, open_store
from idp.services.authorization import Asked
from idp.services.clients import ClientRegistry
from idp.settings import Settings
from idp.web.limits import CountedLimits, build_limiter
from tests.client_signers import Signer, asserted
from tests.easy_captcha import easy_captcha
from tests.fakes.clock import SetClock
from tests.fakes.directory import MemoryDirectory
from tests.web.authorizing import BACK, CHALLENGE
from tests.web.fapi_bank import Session
from tests.web.world import NAME, PASSWORD, Mailbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient
    from werkzeug.routing import Map
    from werkzeug.test import TestResponse

    from idp.domain.client import Client
    from idp.domain.people import Owner
    from idp.services.device import DeviceAuthorization
    from idp.services.secrets_kept import KeptSecrets
    from idp.settings import LimitSettings

FORM = "application/x-www-form-urlencoded"
MARK = "zq7Marked"
"""Stands in whatever is wrong, and in no answer."""

MANY = "1000000 per minute"
FOR_PROGRAMS = ("/oauth/", "/fapi/", "/V", "/v", "/.well-known/oauth", "/.well-known/openid")
RULES = {
    "/oauth/token": ("password", "refresh", "code", "own behalf", "device code"),
    "/V<release>/OAuth/Token": ("vendor password",),
    "/v<release>/OAuth/Token": ("vendor password",),
    "/oauth/introspect": ("introspect",),
    "/oauth/revoke": ("revoke", "public revoke"),
    "/oauth/par": ("push",),
    "/oauth/device": ("device",),
    "/fapi/token": ("strict code",),
    "/fapi/introspect": ("strict introspect",),
    "/fapi/revoke": ("strict revoke",),
    "/fapi/par": ("strict push",),
}
"""By rule of the URL map, the requests below that try it."""

USERINFO = ("/oauth/userinfo", "/fapi/userinfo")
REGISTRATION = ("/oauth/register", "/fapi/register")
"""JSON, and tried in tests/oauth/test_registration_malformed.py."""

_PAGES = ("authorize", "authorize/decision", "end_session", "end_session/confirm", "end_session/done")
FOR_PEOPLE = (
    *(f"/{prefix}/{page}" for prefix in ("oauth", "fapi") for page in _PAGES),
    *(f"/{letter}<release>/OAuth/Authorize" for letter in "Vv"),
)
"""What people open stands among them, and answers in pages: test_malformed_authorization.py, test_end_session.py."""

DOCUMENTS = (
    "/oauth/jwks", "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration",
    "/fapi/jwks", "/.well-known/oauth-authorization-server/fapi", "/fapi/.well-known/openid-configuration",
)  # fmt: skip
CODES = {
    400: {
        "invalid_request", "invalid_grant", "invalid_scope", "invalid_target", "unauthorized_client", "unsupported_grant_type",
        "request_not_supported", "invalid_request_object",
    },
    401: {"invalid_client"},
}  # fmt: skip
"""RFC 6749 section 5.2, RFC 8707 section 2, RFC 9101 section 6."""

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Good:
    """A request that succeeds.

    Args:
        path: where to.
        form: what with, but for the client.
        needs: what it can't do without.
        wrong: what a parameter that it reads is answered with when its value is none of ours; others might as well not be there.
        code: makes what works once, or None.
        client: gives what proves another client than that of the others, or None.
        code_name: of the parameter with that code.
        headers: gives what it is sent with besides.
    """

    path: str
    form: dict[str, str]
    needs: tuple[str, ...]
    wrong: dict[str, tuple[int, str]]
    code: Callable[[], str] | None = None
    client: Callable[[], dict[str, str]] | None = None
    code_name: str = "code"
    headers: Callable[[], dict[str, str]] = dict

    def fields(self) -> list[tuple[str, str]]:
        """Give what it is sent with, each time a fresh code where it needs one: that works once."""
        return [*self.form.items(), *([(self.code_name, self.code())] if self.code else [])]

    @property
    def read(self) -> list[str]:
        """The parameters that it reads."""
        return sorted({*self.wrong, *self.needs})

    @property
    def unread(self) -> list[str]:
        """Those that it does not."""
        return sorted(BODY_ONLY - {*self.read})

    @property
    def refused(self) -> list[str]:
        """Those that are tried malformed: all, or where the code is the same but for the address, what it reads and one more."""
        return [*self.read, "assertion"] if self.path.startswith(("/fapi/", "/V")) else sorted(BODY_ONLY)


@dataclass(frozen=True)
class Site:
    """The whole application, with a client and its tokens."""

    http: FlaskClient
    rules: Map
    client: dict[str, str]
    good: dict[str, Good]

    def client_of(self, good: Good) -> dict[str, str]:
        """Give what proves the client."""
        return self.client if good.client is None else good.client()

    def fields(self, good: Good) -> list[tuple[str, str]]:
        """Give all that a request is sent with."""
        return [*good.fields(), *self.client_of(good).items()]

    def send(self, good: Good, sent: Sent) -> TestResponse:
        """Send a request."""
        path = f"{good.path}?{sent.query}" if sent.query else good.path
        return self.http.post(path, data=sent.body, content_type=sent.content_type, headers=good.headers())


@dataclass(frozen=True)
class Sent:
    """What a request holds."""

    body: bytes
    query: str = ""
    content_type: str = FORM


def _form(pairs: Pairs, rest: str = "") -> Sent:
    return Sent(f"{urlencode(pairs)}&{rest}".encode() if rest else urlencode(pairs).encode())


def _value(form: Pairs, name: str) -> str:
    return dict(form).get(name, MARK)


def _without(form: Pairs, name: str) -> Pairs:
    return [pair for pair in form if pair[0] != name]


Way = Callable[[Pairs, str], Sent]

REFUSED: dict[str, Way] = {
    "twice": lambda form, name: _form([*_without(form, name), (name, _value(form, name)), (name, _value(form, name))]),
    "twice, one empty": lambda form, name: _form([*_without(form, name), (name, ""), (name, _value(form, name))]),
    "1 MiB": lambda form, name: _form(_without(form, name), f"{name}={MARK * (2**20 // len(MARK))}"),
    "NUL": lambda form, name: _form(_without(form, name), f"{name}={MARK}%00"),
    "NUL in the name": lambda form, name: _form(form, f"{name}%00={MARK}"),
    "line end": lambda form, name: _form(_without(form, name), f"{name}=x%0D%0AX-{MARK}:+1"),
    "escape": lambda form, name: _form(_without(form, name), f"{name}=%1B[31m{MARK}"),
    "bad UTF-8": lambda form, name: _form(_without(form, name), f"{name}={MARK}%FF%FE"),
    "a surrogate": lambda form, name: _form(_without(form, name), f"{name}={MARK}%ED%A0%80"),
    "bytes": lambda form, name: Sent(urlencode(_without(form, name)).encode() + f"&{name}={MARK}".encode() + b"\xff\x80"),
    "in the query": lambda form, name: Sent(urlencode(_without(form, name)).encode(), f"{name}={quote_plus(_value(form, name))}"),
    "in the query too": lambda form, name: Sent(urlencode(form).encode(), f"{name}={MARK}"),
    "empty in the query": lambda form, name: Sent(urlencode(form).encode(), f"{name}="),
    "JSON": lambda form, name: Sent(json.dumps({**dict(form), name: [MARK]}).encode(), content_type="application/json"),
    "a file": lambda _form, name: Sent(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{MARK}\r\n--b--\r\n'.encode(),
        content_type="multipart/form-data; boundary=b",
    ),
}
"""Malformed: nothing of such a request is looked at."""

MORE_THAN_ONE = (REFUSED["twice"], REFUSED["twice, one empty"])

LEFT_OUT: dict[str, Way] = {
    "missing": lambda form, name: _form(_without(form, name)),
    "empty": lambda form, name: _form([*_without(form, name), (name, "")]),
    "a name with brackets": lambda form, name: _form([*_without(form, name), (f"{name}[]", MARK)]),
    "a name in capitals": lambda form, name: _form([*_without(form, name), (name.upper(), MARK)]),
}
"""As if it weren't there (RFC 6749 section 3.2)."""

ODD = {
    "LDAP": f"*)(uid=*){MARK}\\2a",
    "markup": f"\"'<script>{MARK}</script>",
    "SQL": f"' OR 1=1 --{MARK}",
    "an object": f'{{"a": ["{MARK}"]}}',
    "a number": f"-1{MARK}",
    "white space": f" {MARK}\t",
    "other scripts": f"\u202e\uff35\U0001f600{MARK}",
    "a template": f"{{{{7*7}}}}%s${{{MARK}}}",
}
"""Values that mean something to somebody, and to us nothing."""

CLIENT = {
    "client_id": (401, "invalid_client"),
    "client_secret": (401, "invalid_client"),
    "client_assertion": (400, "invalid_request"),
    "client_assertion_type": (400, "invalid_request"),
}
PUBLIC = dict.fromkeys(CLIENT, (401, "invalid_client"))
ASKED = {"scope": (400, "invalid_scope"), "resource": (400, "invalid_target")}
TOKEN = {**CLIENT, **ASKED, "grant_type": (400, "unsupported_grant_type")}
BY_PASSWORD = {**TOKEN, "username": (400, "invalid_grant"), "password": (400, "invalid_grant")}
BY_CODE = {
    **{name: answer for name, answer in TOKEN.items() if name != "scope"},
    **dict.fromkeys(("code", "redirect_uri", "code_verifier"), (400, "invalid_grant")),
}
PUSHED = {
    **{name: answer for name, answer in TOKEN.items() if name != "grant_type"},
    **dict.fromkeys(("redirect_uri", "request_uri"), (400, "invalid_request")),
    "request": (400, "request_not_supported"),
}
BY_DEVICE = {
    **{name: answer for name, answer in TOKEN.items() if name != "scope"},
    **PUBLIC,
    "device_code": (400, "invalid_grant"),
}
BY_REFRESH = {**TOKEN, "refresh_token": (400, "invalid_grant")}
SIGNED = {
    **dict.fromkeys(("client_assertion", "client_assertion_type"), (401, "invalid_client")),
    **dict.fromkeys(("client_id", "client_secret"), (400, "invalid_request")),
}
STRICT_BY_CODE = {**BY_CODE, **SIGNED}
STRICT_PUSHED = {**PUSHED, **SIGNED, "request": (400, "invalid_request_object")}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, keys_of_the_day: Path) -> Iterator[Site]:
    """The application as production composes it, whose counters never fill up."""
    state = tmp_path_factory.mktemp("state")
    (state / keys_of_the_day.name).touch(0o600)
    (state / keys_of_the_day.name).write_bytes(keys_of_the_day.read_bytes())
    counted_by = ("address", "client", "client_user", "failures")
    limits = dict.fromkeys((*(f"token_{by}" for by in counted_by), "client_failures", "refresh_grant", "authorize_address"), MANY)
    settings = Settings.model_validate({"service": {"state": state}, "limits": limits, "oauth": {"registration": True}})
    digests, clock = KeyedDigests(b"the key of the digests, in tests"), SetClock()
    directory = MemoryDirectory(clock)
    owner = directory.add_owner("Anna de Vries", "anna@example.nl")
    directory.add_user(NAME, owner, PASSWORD)
    store = open_store(settings, digests, WEB)
    letters, captcha = TemplateLetters.build(settings), easy_captcha(digests)
    ports = Ports(clock, digests, store, directory, captcha, letters, Mailbox())
    app = create_app(settings, ports)
    clients = ClientRegistry(store, digests, clock)
    client, secret = clients.add("vendor_api", "V", "operator:test", redirect_uris=(BACK,))
    proof = {"client_id": client.client_id, "client_secret": secret}
    service, service_secret = clients.add("vendor_service", "S", "operator:test")
    own = lambda: {"client_id": service.client_id, "client_secret": service_secret}  # noqa: E731
    app_client = clients.add_public("vendor_app", "A", "operator:test")
    app_alone = lambda: {"client_id": app_client.client_id}  # noqa: E731
    counted, asked = counters(settings.limits), Asked(client, BACK, "administratie:read", settings.oauth.default_audience, None)
    owners_yes = authorization(ports, counted)
    session = PortalSession(owner, "the session", clock.now())
    allow: Callable[[Asked], str] = lambda what: owners_yes.allow(session, NAME, what)  # noqa: E731
    good = _good(app.test_client(), proof, unspent_code(owners_yes.kept, lambda: allow(asked)), own, app_alone)
    bank = clients.add_with_keys("fapi", "B", read_key_set(Signer().key_set), "operator:test", redirect_uris=(BACK,))
    banks_code = unspent_code(owners_yes.kept, lambda: allow(replace(asked, client=bank)))
    good |= _strict(StrictBank(app.test_client(), bank.client_id, digests, clock, settings.service.origin), banks_code)
    devices = device_authorization(ports, counted)
    grant, needs = {"grant_type": DEVICE_CODE}, ("grant_type", "device_code")
    device_code = unspent(devices.kept, Purpose.DEVICE_CODE, lambda: devices_code(devices, app_client, owner))
    good["device code"] = Good("/oauth/token", grant, needs, BY_DEVICE, device_code, app_alone, "device_code")
    yield Site(app.test_client(), app.url_map, proof, good)
    store.close()


def unspent_code(kept: KeptSecrets, make: Callable[[], str]) -> Callable[[], str]:
    """Give what makes a code as soon as the one before was used; most requests here use none."""
    return unspent(kept, Purpose.AUTHORIZATION_CODE, make)


def unspent(kept: KeptSecrets, purpose: Purpose, make: Callable[[], str]) -> Callable[[], str]:
    """Give what makes something that works once as soon as the one before was used."""
    last = ""

    def code() -> str:
        nonlocal last
        try:
            kept.find(purpose, last)
        except LinkDead:
            last = make()
        return last

    return code


@dataclass(frozen=True)
class StrictBank:
    """A client of the strict issuer, which signs each time who it is and what its key is."""

    http: FlaskClient
    client_id: str
    digests: KeyedDigests
    clock: SetClock
    origin: str
    shown: ECKey = field(default_factory=lambda: generate_key("EC", "P-256", private=True))

    def client(self) -> dict[str, str]:
        """Sign who it is."""
        now, who = int(self.clock.now().timestamp()), {"iss": self.client_id, "sub": self.client_id}
        return asserted(Signer().sign({**who, "aud": f"{self.origin}/fapi", "exp": now + 60, "jti": token_urlsafe()}))

    def key(self) -> dict[str, str]:
        """Show its key at the token endpoint."""
        session = Session(self.http, self.origin, self.clock, self.shown)
        session.nonce = DPoPNonces(self.digests, self.clock).current()
        return {"DPoP": session.proof("POST", f"{self.origin}/fapi/token")}


def _strict(bank: StrictBank, code: Callable[[], str]) -> dict[str, Good]:
    redeem = {"grant_type": "authorization_code", "redirect_uri": BACK}
    push = {"response_type": "code", "redirect_uri": BACK, "code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    return {
        "strict code": Good(
            "/fapi/token", redeem, ("grant_type", "code", "redirect_uri"), STRICT_BY_CODE, code, bank.client, headers=bank.key
        ),
        "strict introspect": Good("/fapi/introspect", {"token": MARK}, ("token",), SIGNED, client=bank.client),
        "strict revoke": Good("/fapi/revoke", {"token": MARK}, ("token",), SIGNED, client=bank.client),
        "strict push": Good("/fapi/par", push, ("redirect_uri",), STRICT_PUSHED, client=bank.client),
    }


def counters(limits: LimitSettings) -> CountedLimits:
    """Give counters of one's own."""
    limiter = build_limiter(limits)
    limiter.init_app(Flask("counters"))
    return CountedLimits(limiter, limits)


def devices_code(devices: DeviceAuthorization, client: Client, owner: Owner) -> str:
    """Let a device in, and give its code."""
    started = devices.start(client, "administratie:read", "https://api.boekhoudgemak.nl/")
    devices.allow(owner, devices.waiting(owner, devices.recognise(owner, started.user_code)), NAME)
    return started.device_code


def _good(
    http: FlaskClient,
    proof: dict[str, str],
    code: Callable[[], str],
    own: Callable[[], dict[str, str]],
    app_alone: Callable[[], dict[str, str]],
) -> dict[str, Good]:
    password = {"grant_type": "password", "username": NAME, "password": PASSWORD}
    issued: Any = http.post("/oauth/token", data={**password, **proof}).json
    refresh = {"grant_type": "refresh_token", "refresh_token": issued["refresh_token"]}
    redeem = {"grant_type": "authorization_code", "redirect_uri": BACK}
    return {
        "code": Good("/oauth/token", redeem, ("grant_type", "code", "redirect_uri"), BY_CODE, code),
        "password": Good("/oauth/token", password, ("grant_type", "username", "password"), BY_PASSWORD),
        "own behalf": Good("/oauth/token", {"grant_type": "client_credentials"}, ("grant_type",), TOKEN, client=own),
        "refresh": Good("/oauth/token", refresh, ("grant_type", "refresh_token"), BY_REFRESH),
        "vendor password": Good("/V221/OAuth/Token", password, ("grant_type", "username", "password"), BY_PASSWORD),
        "introspect": Good("/oauth/introspect", {"token": issued["access_token"]}, ("token",), CLIENT),
        "push": Good("/oauth/par", {"response_type": "code", "redirect_uri": BACK}, ("redirect_uri",), PUSHED),
        "revoke": Good("/oauth/revoke", {"token": MARK}, ("token",), CLIENT),
        "device": Good("/oauth/device", {}, (), {**PUBLIC, **ASKED}, client=app_alone),
        "public revoke": Good("/oauth/revoke", {"token": MARK}, ("token",), PUBLIC, client=app_alone),
    }


NAMES = tuple(name for names in RULES.values() for name in names)


# ---- nothing is left out -----------------------------------------------------------------------------------------------------


def test_every_endpoint_is_tried_here(site: Site) -> None:
    """One that nobody tried falls over at the first rubbish."""
    rules = {rule.rule for rule in site.rules.iter_rules() if rule.rule.startswith(FOR_PROGRAMS)}
    assert rules == {*RULES, *FOR_PEOPLE, *USERINFO, *REGISTRATION, *DOCUMENTS}
    assert set(site.good) == set(NAMES)


def test_every_parameter_that_the_code_reads_is_tried_here() -> None:
    """One that is read and not named among ours would be taken from the query too."""
    files = set(Path(idp.oauth.__file__).parent.rglob("*.py"))
    # These come in an address, of necessity, and none of them is a secret.
    names = {"authorization.py", "authorization_rules.py", "openid_rules.py"}
    in_an_address = {file for file in files if file.name in names}
    assert len(in_an_address) == len(names)
    read = {name for path in files - in_an_address for name in _parameters_read(path)}
    assert {"grant_type", "client_id", "client_assertion", "scope", "resource", "token", "access_token"} <= read
    assert read <= BODY_ONLY


def _parameters_read(path: Path) -> Iterator[str]:
    """Find `….required("x")`, `….many("x")`, `form.get("x")`, `form["x"]` and `"x" in form`."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Attribute(attr="required" | "many"), args=[ast.Constant(value=str(name)), *_]):
                yield name
            case ast.Call(func=ast.Attribute(attr="get", value=of), args=[ast.Constant(value=str(name)), *_]) if _is_form(of):
                yield name
            case ast.Subscript(value=of, slice=ast.Constant(value=str(name))) if _is_form(of):
                yield name
            case ast.Compare(left=ast.Constant(value=str(name)), ops=[ast.In()], comparators=[of]) if _is_form(of):
                yield name


def _is_form(node: ast.expr) -> bool:
    return ast.unparse(node).rpartition(".")[2] == "form"


# ---- forms -------------------------------------------------------------------------------------------------------------------


@pytest.mark.row("S26", "S47")
@pytest.mark.parametrize("way", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("name", NAMES)
def test_what_is_malformed_is_refused_as_a_whole(site: Site, name: str, way: Way) -> None:
    """S26: which of two values counts, and what a NUL hides, is never for another part of the system to guess."""
    good, fields = site.good[name], site.fields(site.good[name])  # once: who is refused so has used nothing up
    for parameter in good.refused:
        answer = site.send(good, way(fields, parameter))
        if parameter in REPEATABLE and way in MORE_THAN_ONE:
            _assert_answered(answer)
        else:
            assert _assert_answered(answer) == (400, "invalid_request"), (parameter, answer.text)


@pytest.mark.row("S47")
@pytest.mark.parametrize("name", NAMES)
def test_an_object_that_calls_itself_a_form_is_an_empty_one(site: Site, name: str) -> None:
    """S47: a library that sets the wrong content type is told so, by what is missing."""
    body = json.dumps({**site.good[name].form, **site.client_of(site.good[name]), "note": MARK}).encode()
    assert _assert_answered(site.send(site.good[name], Sent(body))) in ((400, "invalid_request"), (401, "invalid_client"))


@pytest.mark.row("S47")
@pytest.mark.parametrize("way", LEFT_OUT.values(), ids=LEFT_OUT)
@pytest.mark.parametrize("name", NAMES)
def test_what_is_left_out_is_asked_for_or_not_missed(site: Site, name: str, way: Way) -> None:
    """S47: whoever builds a connection learns what to mend, and who sends all the fields of a form gets what they ask for."""
    good = site.good[name]
    others = "&".join(way([], parameter).body.decode() for parameter in good.unread)
    assert _assert_answered(site.send(good, _form(site.fields(good), others.strip("&")))) == (200, "")
    for parameter in good.read:
        answer = _assert_answered(site.send(good, way(site.fields(good), parameter)))
        if parameter in site.client_of(good):
            assert answer == (401, "invalid_client"), parameter
        else:
            assert answer == ((400, "invalid_request") if parameter in good.needs else (200, "")), parameter


@pytest.mark.row("S47")
@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
@pytest.mark.parametrize("name", NAMES)
def test_a_value_that_means_nothing_here_is_just_wrong(site: Site, name: str, value: str) -> None:
    """S47: nothing that is meant for a directory, a database or a browser gets there, and none of it is repeated."""
    good = site.good[name]
    others = [(parameter, value) for parameter in good.unread]
    assert _assert_answered(site.send(good, _form([*site.fields(good), *others]))) == (200, "")
    for parameter in good.read:
        form = [*_without(site.fields(good), parameter), (parameter, value)]
        answer = _assert_answered(site.send(good, _form(form)))
        assert answer == good.wrong.get(parameter, (200, "")), (parameter, answer)


def _assert_answered(answer: TestResponse) -> tuple[int, str]:
    """An answer as the RFC has it: JSON that nobody keeps, a code that goes with the status, nothing of what was sent."""
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert MARK not in answer.text + str(answer.headers)
    assert ("WWW-Authenticate" in answer.headers) == (answer.status_code == 401)
    if answer.status_code in (200, 201):
        return 200, ""
    told: Any = answer.json
    assert told["error"] in CODES[answer.status_code]
    assert told["error_description"].isascii()
    assert not set(told["error_description"]) & set('"\\')
    if answer.status_code == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
    return answer.status_code, told["error"]


# ---- userinfo, which takes no parameters -------------------------------------------------------------------------------------


@pytest.mark.row("S26", "S36", "S47")
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", USERINFO)
def test_userinfo_takes_nothing_from_the_query(site: Site, path: str, method: str) -> None:
    """S36: an address is logged by every proxy on the way; no parameter of ours is ever read from one."""
    for parameter in sorted(BODY_ONLY):
        answer = site.http.open(f"{path}?{parameter}={MARK}", method=method, headers=_bearer(site))
        assert _assert_answered(answer) == (400, "invalid_request"), parameter


@pytest.mark.row("S26", "S47")
@pytest.mark.parametrize("way", REFUSED.values(), ids=REFUSED)
def test_userinfo_refuses_a_malformed_form(site: Site, way: Way) -> None:
    """S47: what is no form is not read at all; the token stands in the header."""
    for parameter in sorted(BODY_ONLY):
        sent = way([("anything", "x")], parameter)
        answer = site.http.post(
            f"/oauth/userinfo?{sent.query}", data=sent.body, content_type=sent.content_type, headers=_bearer(site)
        )
        malformed = sent.content_type == FORM and not (parameter in REPEATABLE and way in MORE_THAN_ONE)
        assert _assert_answered(answer)[0] in ((400,) if malformed else (200, 400)), (parameter, answer.text)


@pytest.mark.row("S47")
@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
@pytest.mark.parametrize("path", USERINFO)
def test_userinfo_refuses_what_is_no_token(site: Site, path: str, value: str) -> None:
    """S47: 401, and the scheme with the error (RFC 6750 section 3)."""
    header = {"Authorization": f"Bearer {value}".encode().decode("latin-1")}
    answer = site.http.get(path, headers=header)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="koppel-idp", error="invalid_token"')
    assert answer.headers["Cache-Control"] == "no-store"
    assert MARK not in answer.text + str(answer.headers)


def _bearer(site: Site) -> dict[str, str]:
    return {"Authorization": f"Bearer {site.good['introspect'].form['token']}"}


# ---- documents ---------------------------------------------------------------------------------------------------------------


@pytest.mark.row("S47")
@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_is_the_same_whatever_is_asked(site: Site, path: str) -> None:
    """S47: no parameter changes what everybody relies on, or comes back in it."""
    plain = site.http.get(path).data
    for value in (MARK, "", "%00", "%FF%FE", f"<script>{MARK}", "x" * 6_000):
        query = "&".join(f"{parameter}={value}&{parameter}=again" for parameter in sorted(BODY_ONLY))
        answer = site.http.get(f"{path}?{query}")
        assert (answer.status_code, answer.data) == (200, plain)
        assert MARK not in str(answer.headers)


@pytest.mark.row("S47")
@pytest.mark.parametrize("path", DOCUMENTS)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_document_is_only_read(site: Site, path: str, method: str) -> None:
    """S47: the answer says which methods there are, in JSON."""
    answer = site.http.open(path, method=method, data=f"token={MARK}", content_type=FORM)
    assert (answer.status_code, answer.mimetype) == (405, "application/json")
    assert "GET" in answer.headers["Allow"]
    assert MARK not in answer.text
