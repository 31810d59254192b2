"""No password, token or secret in a log at any level (S35), none in the database (S34)."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from idp.errors import DirectoryUnavailable
from idp.oauth.authorization import AuthorizationRequest
from idp.oauth.authorization_response import SentBack
from idp.oauth.end_session import EndSessionEndpoint
from idp.oauth.http import RawRequest
from tests.client_signers import Signer
from tests.oauth.certified import BEHIND_PROXY, PROXY, Certified
from tests.oauth.keyed import Keyed
from tests.oauth.place import Place, hash_of
from tests.oauth.proving import classic, strict
from tests.oauth.registering import new_token, register, send
from tests.oauth.test_client_credentials import own_token
from tests.oauth.test_public_clients import APP, let_in
from tests.oauth.world import BACK, CHALLENGE, PASSWORD, USERNAME, VERIFIER, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.oauth.world import NewWorld

WRONG = "verkeerde-wachtzin-die-nergens-mag-staan"


class _Everything(logging.Handler):
    """Keeps each record whole: message, arguments and traceback."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.lines.append(f"{record.name} {self.format(record)} {record.args!r} {record.__dict__!r}")


@contextmanager
def everything_logged() -> Iterator[_Everything]:
    """Turn every logger that there is to DEBUG, and put back after."""
    handler, root = _Everything(), logging.getLogger()
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] not in ("authlib", "pytest")]
    before = {name: logging.getLogger(name).level for name in names}
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        yield handler
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        for name, former in before.items():
            logging.getLogger(name).setLevel(former)


@pytest.fixture
def world(new_world: NewWorld) -> World:
    """A service with clients of each kind: with a secret, and with keys."""
    changes = {"ing": {"client_auth_methods": ("client_secret_basic", "private_key_jwt")}}
    return new_world(changes=changes, oauth={"registration": True}, service=BEHIND_PROXY)


def every_flow(world: World) -> set[str]:
    """Run everything that a token service does, well and badly, and give what must be nowhere."""
    client_id, secret = world.clients["vendor_api"]
    answer = world.token("vendor_api").json
    refreshed = world.refresh(answer["refresh_token"]).json
    world.post("/oauth/token", None, {
        "grant_type": "password", "username": USERNAME, "password": WRONG, "client_id": client_id, "client_secret": secret,
    })  # fmt: skip
    world.token(username=f"{USERNAME}@u4bsw.nl", password=WRONG)
    world.token(resource="https://evil.example/")
    world.post("/oauth/token", None, {"grant_type": "password"}, headers=world.basic("ing", WRONG))
    world.http.post(f"/oauth/token?client_secret={secret}&password={PASSWORD}")
    world.http.get(f"/oauth/userinfo?access_token={answer['access_token']}")
    code, spare = world.code(challenge=CHALLENGE), world.code()
    world.redeem(code, code_verifier=VERIFIER)
    world.redeem(code, code_verifier=VERIFIER)
    world.redeem(spare, code_verifier=VERIFIER)
    for token in (answer["access_token"], answer["refresh_token"], refreshed["access_token"] + "x"):
        world.introspect(token, "vendor_api")
        world.userinfo(token)
    device = world.device().json
    world.fetch(device["device_code"])
    world.let_device_in(device["user_code"])
    on_device = world.fetch(device["device_code"]).json
    first = let_in(world)
    second = world.refresh(first["refresh_token"], APP).json
    world.refresh(first["refresh_token"], APP)
    own = own_token(world).json["access_token"]
    world.introspect(own, "vendor_service")
    world.userinfo(own)
    world.asked.fault = DirectoryUnavailable()
    world.token(password=WRONG)
    world.refresh(answer["refresh_token"])
    world.asked.fault = None
    world.post("/oauth/revoke", "vendor_api", {"token": answer["access_token"]})
    world.post("/oauth/revoke", "vendor_api", {"token": answer["refresh_token"]})
    secrets = {code, spare, VERIFIER, PASSWORD, WRONG, secret, world.clients["ing"][1], answer["refresh_token"]}
    secrets |= {first["refresh_token"], second["refresh_token"], on_device["refresh_token"], device["device_code"]}
    secrets |= {device["user_code"], device["user_code"].replace("-", "")}
    # A part of a JWT is one as well: the signature is what makes it work.
    for token in (answer["access_token"], refreshed["access_token"], own):
        secrets |= {token, token.rpartition(".")[2]}
    basic = world.basic("vendor_api")["Authorization"].removeprefix("Basic ")
    flows = (signed, pushed, shown, bound, hinted, registered)
    return secrets.union({basic}, *(flow(world) for flow in flows))


def shown(world: World) -> set[str]:
    """Let a client of each issuer show a key, and give what must be nowhere."""
    return shown_by(classic(world)) | shown_by(strict(world))


def shown_by(application: Place) -> set[str]:
    """Let a client show a key, well and badly, and give what must be nowhere; a proof is one, until it has been used."""
    name = f"the name of a proof of {application.client_id}, not kept"
    proofs = [application.proof(jti=name), application.proof(htm="x"), application.proof(iat=1)]
    answers = [application.ask(proof) for proof in (*proofs, proofs[0])]
    assert [answer.status_code for answer in answers] == [200, 400, 400, 400]
    token, refresh_token = answers[0].json["access_token"], answers[0].json["refresh_token"]
    assert application.refresh(refresh_token).status_code == 200
    application.introspect(refresh_token)
    proofs += [application.proof("userinfo", ath=hash_of(token)), application.proof("userinfo", ath="x")]
    assert [application.userinfo(token, proof).status_code for proof in proofs[-2:]] == [200, 401]
    parts = {part for proof in proofs for part in (proof, *proof.split(".")[1:])}
    secret = str(application.signer.key.as_dict(private=True)["d"])
    return parts | {token, refresh_token, name, secret}


def hinted(world: World) -> set[str]:
    """Let an application send its ID token back with a request that is put off, and give what must be nowhere."""
    token = world.redeem(world.code_for(scope="openid")).json["id_token"]
    judged, refused = (world.judge(scope="openid", id_token_hint=hint) for hint in (token, token + "x"))
    assert isinstance(judged, AuthorizationRequest)
    world.parts.authorization.put_off(f"/authorize?{judged.query_after_login}", "App")
    pushed = {"response_type": "code", "redirect_uri": BACK, "scope": "openid", "id_token_hint": token}
    assert world.post("/oauth/par", "vendor_api", pushed).status_code == 201
    assert isinstance(refused, SentBack)
    assert token not in refused.location
    query = urlencode({"id_token_hint": token, "state": "s"})
    leaving = EndSessionEndpoint(world.parts).judge(RawRequest("GET", query, "", b"", None, "127.0.0.1", "127.0.0.1"))
    assert leaving.hint is not None
    assert leaving.again == {"client_id": world.clients["vendor_api"][0], "state": "s"}
    return {token, token.rpartition(".")[2]}


def pushed(world: World) -> set[str]:
    """Bring an authorization request, well and badly, and give its name, by which a browser has its owner asked."""
    form = {"response_type": "code", "redirect_uri": BACK}
    answers = [world.post("/oauth/par", "vendor_api", {**form, **more}) for more in ({}, {"request": "x"}, {"scope": "none"})]
    assert [answer.status_code for answer in answers] == [201, 400, 400]
    return {answers[0].json["request_uri"].rpartition(":")[2]}


def signed(world: World) -> set[str]:
    """Let a client say who it is by what it signs, well and badly, and give what must be nowhere."""
    bank = Keyed(world).register()
    assertions = [bank.assertion(jti="an identifier that is not kept"), bank.assertion(aud="x"), bank.assertion() + "x"]
    assert [bank.ask(assertion).status_code for assertion in (*assertions, assertions[0])] == [200, 401, 401, 401]
    parts = {part for assertion in assertions for part in (assertion, *assertion.split(".")[1:])}
    return parts | {"an identifier that is not kept", str(bank.signer.key.as_dict(private=True)["d"])}


def bound(world: World) -> set[str]:
    """Let a client show a certificate, well and badly, and give what must be nowhere."""
    bank = Certified(world, "certified").register(kind="fapi")
    form = {"grant_type": "authorization_code", "code": world.code(client_id="certified"), "redirect_uri": BACK}
    token = bank.ask(path="/fapi/token", **form).json["access_token"]
    for headers in (bank.made.headers(), {"SSL-Client-Cert": WRONG}):
        assert bank.ask(headers, path="/fapi/introspect", token=token).status_code in (200, 401)
        world.http.get(
            "/fapi/userinfo", headers={"Authorization": f"Bearer {token}", **headers}, environ_base={"REMOTE_ADDR": PROXY}
        )
    return {token, token.rpartition(".")[2], form["code"]}


def registered(world: World) -> set[str]:
    """Let applications register themselves, well and badly, and give what must be nowhere."""
    token = new_token(world, uses=1)
    private = Signer(which="of nobody").key.as_dict(private=True)
    assert register(world, token, jwks={"keys": [private]}).status_code == 400
    assert send(world, token, b'{"client_name": "%s"' % WRONG.encode()).status_code == 400
    assert register(world, WRONG).status_code == 401
    secret = register(world, token).json["client_secret"]
    assert register(world, token).status_code == 401
    return {token, secret, str(private["d"])}


@pytest.mark.row("S35")
def test_no_secret_is_ever_logged(world: World) -> None:
    """S35: logs are read by more people, kept longer and guarded less than any secret; Authlib's DEBUG log holds tokens."""
    with everything_logged() as log:
        logging.getLogger("test").debug("a record")
        secrets = every_flow(world)
    assert any("a record" in line for line in log.lines)
    assert [(secret, line) for secret in secrets for line in log.lines if secret in line] == []


@pytest.mark.row("S35")
def test_authlib_is_silent_at_any_level(world: World) -> None:
    """S35: not even when an operator turns everything to DEBUG."""
    assert world.oauth.grant_types
    with everything_logged() as log:
        logging.getLogger("authlib.oauth2.rfc6749.grants.refresh_token").debug("Issue token %r", "secret")
    assert not any("Issue token" in line for line in log.lines)


@pytest.mark.row("S34")
def test_the_database_holds_digests_only(world: World) -> None:
    """S34: whoever reads a backup can't act as anybody."""
    secrets = every_flow(world)
    world.close()
    content = b"".join(file.read_bytes() for file in world.state.iterdir() if file.name.startswith("idp.db"))
    assert USERNAME.encode() in content
    assert [secret for secret in secrets if secret.encode() in content] == []


@pytest.mark.row("S35")
def test_no_secret_is_in_a_repr(world: World) -> None:
    """S35: what is printed in a traceback is a log, too."""
    answer = world.token("vendor_api").json
    live = world.parts.grants.inspect_refresh(answer["refresh_token"])
    shown = repr(live) + repr(world.parts.digests) + repr(world.parts.keys.published())
    assert answer["refresh_token"] not in shown
    assert "'d'" not in shown
