"""An application registers itself with an initial access token: what it gets, and what it never gets (RFC 7591)."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from idp.domain.audit import Change
from idp.domain.client import Narrowed
from idp.oauth.authorization import AuthorizationEndpoint
from idp.oauth.authorization_response import SentBack
from idp.oauth.client_keys import read_key_set
from idp.oauth.http import RawRequest
from idp.services.authorization import Asked
from tests.client_signers import Signer, asserted
from tests.oauth.place import Place
from tests.oauth.registering import PATH, new_token, open_world, register, registration_of, send
from tests.oauth.world import AUDIENCE, BACK, CHALLENGE, ORIGIN, PASSWORD, USERNAME, VERIFIER, World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.oauth.world import Answered, NewWorld

READ = "administratie:read"
SIGNS = {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [Signer().public]}}
OTHER_FACTS = {
    "ing": {"client_auth_methods": ("client_secret_post", "private_key_jwt")},
    "vendor_api": {"scopes": (READ, "administratie:write"), "default_scopes": (READ,)},
}
DAY = timedelta(days=1)


@pytest.fixture
def world(new_world: NewWorld) -> World:
    """A service at which applications may register themselves."""
    return open_world(new_world, changes=OTHER_FACTS)


@pytest.fixture
def token(world: World) -> str:
    """A token for clients of the vendor's API."""
    return new_token(world)


def registered(answer: Answered) -> dict[str, Any]:
    """Give who is registered."""
    assert answer.status_code == 201, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Pragma"] == "no-cache"
    return dict(answer.json)


def assert_refused(answer: Answered, error: str, about: str = "") -> None:
    """It is refused by a word of RFC 7591 section 3.2.2, and the sentence names what is wrong."""
    assert (answer.status_code, answer.json["error"]) == (400, error), answer.text
    assert about in answer.json["error_description"]
    assert answer.headers["Cache-Control"] == "no-store"


def redeem(world: World, client: dict[str, Any], headers: Mapping[str, str] | None = None, **form: str) -> Answered:
    """Have the owner let it in, and redeem the code, authenticated in the header."""
    found = world.parts.clients.find(client["client_id"])
    assert found is not None
    code = world.parts.authorization.allow(world.session(), USERNAME, Asked(found, BACK, READ, AUDIENCE, CHALLENGE))
    pair = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    wish = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER, **form}
    return world.post("/oauth/token", None, wish, headers={"Authorization": f"Basic {pair}", **(headers or {})})


# -- what it gets ------------------------------------------------------------------------------------------------------


def test_an_application_registers_itself_and_is_let_in(world: World, token: str) -> None:
    """Whoever builds a connection would have to write to support, and wait."""
    client = registered(register(world, token, scope=READ))
    issued_at, secret = client.pop("client_id_issued_at"), client["client_secret"]
    assert issued_at == int(world.clock.now().timestamp())
    assert len(secret) == 43
    assert client == {
        "client_id": client["client_id"],
        "client_secret": secret,
        "client_secret_expires_at": 0,
        "client_name": "Boekhoud App",
        "redirect_uris": [BACK],
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": READ,
    }
    assert redeem(world, client).json["refresh_token"]


def test_what_is_left_out_is_as_the_rfc_has_it(world: World, token: str) -> None:
    """RFC 7591 section 2: a library that sends the least gets a client that works."""
    client = registered(send(world, token, b'{"redirect_uris": ["%s"], "contacts": null}' % BACK.encode()))
    assert client["client_name"] == client["client_id"]
    assert (client["grant_types"], client["response_types"]) == (["authorization_code"], ["code"])
    assert client["token_endpoint_auth_method"] == "client_secret_basic"
    assert client["scope"].split() == list(world.parts.connectors["vendor_api"].scopes)
    assert "refresh_token" not in redeem(world, client).json


def test_what_means_nothing_here_is_passed_over(world: World, token: str) -> None:
    """RFC 7591 section 2: a library that sends all that it knows would be refused."""
    more = {
        "logo_uri": "https://app.example/logo",
        "contacts": ["a@app.example"],
        "application_type": "web",
        "client_name#nl": 1,
    }
    assert not set(more) & set(registered(register(world, token, **more)))


@pytest.mark.row("S34")
def test_an_application_with_keys_gets_no_secret(world: World) -> None:
    """S34: a secret that nobody needs is one more to lose. It is let in by what it signs."""
    wish = {**SIGNS, "grant_types": ["password"], "redirect_uris": None}
    client = registered(register(world, new_token(world, "ing"), **wish))
    assert not {"client_secret", "client_secret_expires_at"} & set(client)
    assert client["jwks"]["keys"] == [{name: Signer().public[name] for name in ("kty", "crv", "x", "y", "kid")}]
    form = {"grant_type": "password", "username": USERNAME, "password": PASSWORD}
    claims = {"iss": client["client_id"], "sub": client["client_id"], "aud": ORIGIN, "jti": "1"}
    claims["exp"] = int(world.clock.now().timestamp()) + 60
    assert world.post("/oauth/token", None, {**form, **asserted(Signer().sign(claims))}).status_code == 200


@pytest.mark.row("S14")
def test_who_registers_for_bound_tokens_gets_no_others(world: World, token: str) -> None:
    """S14: an application that leaves its proof out by mistake would go on with tokens that anybody can use."""
    client = registered(register(world, token, dpop_bound_access_tokens=True))
    assert client["dpop_bound_access_tokens"] is True
    refused = redeem(world, client)
    assert (refused.status_code, refused.json["error"]) == (400, "invalid_request")
    assert "no DPoP proof" in refused.json["error_description"]
    place = Place(world, "/oauth", client["client_id"], dict, dict)
    assert redeem(world, client, headers={"DPoP": place.proof()}).json["token_type"] == "DPoP"
    assert redeem(world, registered(register(world, token))).json["token_type"] == "Bearer"


@pytest.mark.row("S25")
def test_an_operator_moves_it_to_keys(world: World) -> None:
    """S25: it has registered for a secret and nothing else, so its keys would be refused, and soon its secret too."""
    wish = {"token_endpoint_auth_method": "client_secret_post", "grant_types": ["password"], "redirect_uris": None}
    client = registered(register(world, new_token(world, "ing"), **wish))
    client_id, form = client["client_id"], {"grant_type": "password", "username": USERNAME, "password": PASSWORD}
    by_secret = {"client_id": client_id, "client_secret": client["client_secret"]}

    def statuses(number: int) -> list[int]:
        claims = {"iss": client_id, "sub": client_id, "aud": ORIGIN, "jti": str(number)}
        claims["exp"] = int(world.clock.now().timestamp()) + 60
        proofs = by_secret, asserted(Signer().sign(claims))
        return [world.post("/oauth/token", None, {**form, **proof}).status_code for proof in proofs]

    assert statuses(1) == [200, 401]
    world.parts.clients.replace_keys(client_id, read_key_set(Signer().key_set), DAY, "operator:test")
    assert statuses(2) == [200, 200]
    world.clock.go(DAY)
    assert statuses(3) == [401, 200]
    found = world.parts.clients.get(client_id)
    assert found.narrowed == Narrowed(None, ("password",), tuple(world.parts.connectors["ing"].scopes))
    with world.database.reading() as work:
        (event,) = [record.event for record in work.audit.newest(9) if record.event.action == "client.keys-replaced"]
    assert event.changes["auth_method"] == Change("client_secret_post", None)


@pytest.mark.row("S30", "S34")
def test_an_app_that_can_keep_no_secret_gets_none(world: World) -> None:
    """S34: it would have one that anybody can read, and be taken for who can keep one."""
    client = registered(register(world, new_token(world, "vendor_app"), token_endpoint_auth_method="none"))
    assert not {"client_secret", "client_secret_expires_at", "jwks"} & set(client)
    found = world.parts.clients.find(client["client_id"])
    assert found is not None
    scopes = " ".join(world.parts.connectors["vendor_app"].default_scopes)
    code = world.parts.authorization.allow(world.session(), USERNAME, Asked(found, BACK, scopes, AUDIENCE, CHALLENGE))
    wish = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    answer = world.post("/oauth/token", None, {**wish, "client_id": client["client_id"]})
    assert answer.status_code == 200, answer.text


def test_at_the_strict_issuer_its_own_kinds_register(world: World) -> None:
    """A bank that holds to FAPI 2.0 would be registered where it can't be."""
    token = new_token(world, "fapi")
    assert register(world, token, PATH, **SIGNS).status_code == 401
    client = registered(register(world, token, "/fapi/register", **SIGNS))
    assert client["token_endpoint_auth_method"] == "private_key_jwt"
    assert register(world, new_token(world), "/fapi/register").status_code == 401


def test_the_audit_says_who_registered_as_what_with_which_token(world: World, token: str) -> None:
    """Of a token that got into other hands, nobody could say whom to shut out."""
    client = registered(register(world, token))
    with world.database.reading() as work:
        (event,) = [record.event for record in work.audit.read() if record.event.action == "client.registered"]
        (kept,) = work.registration_tokens.all()
    assert (event.actor, event.subject) == (f"client:{client['client_id']}", client["client_id"])
    assert event.detail == {
        "connector": "vendor_api",
        "token": kept.id,
        "name": "Boekhoud App",
        "redirect_uris": BACK,
        "auth_method": "client_secret_basic",
        "grants": "authorization_code refresh_token",
        "scopes": client["scope"],
    }


# -- what it never gets ------------------------------------------------------------------------------------------------


@pytest.mark.row("S28", "S33")
def test_it_gets_no_more_than_it_asked_for(world: World, token: str) -> None:
    """S28, S33: the kind may do more; this application said that it won't, and a thief of its secret can't either."""
    client = registered(register(world, token, grant_types=["authorization_code"], scope=READ))
    proof = {"client_id": client["client_id"], "client_secret": client["client_secret"]}
    pair = base64.b64encode(f"{proof['client_id']}:{proof['client_secret']}".encode()).decode()
    basic = {"Authorization": f"Basic {pair}"}
    password = {"grant_type": "password", "username": USERNAME, "password": PASSWORD}
    assert world.post("/oauth/token", None, password, headers=basic).json["error"] == "unauthorized_client"
    assert world.post("/oauth/token", None, {**password, **proof}).json["error"] == "invalid_client"
    assert world.post("/oauth/introspect", None, {"token": "x"}, headers=basic).status_code == 200
    query = {"response_type": "code", "client_id": client["client_id"], "redirect_uri": BACK, "scope": "administratie:write"}
    query |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    raw = RawRequest("GET", urlencode(query), "", b"", None, "192.0.2.7", "192.0.2.7")
    judged = AuthorizationEndpoint(world.parts).judge(raw)
    assert isinstance(judged, SentBack)
    assert "error=invalid_scope" in judged.location


@pytest.mark.row("S28")
def test_what_its_kind_loses_it_loses_too(new_world: NewWorld) -> None:
    """An operator who takes something away from a kind of application would miss those that registered themselves."""
    world = open_world(new_world)
    client = registered(register(world, new_token(world)))
    kind = world.parts.connectors["vendor_api"]
    losses: tuple[tuple[dict[str, object], int], ...] = (
        ({"grants": ("password",), "refresh_token_lifetime": None}, 400),
        ({"client_auth_methods": ("client_secret_post",)}, 401),
        ({"scopes": ("another",), "default_scopes": ("another",)}, 401),
    )
    for loss, status in losses:
        world.parts.connectors["vendor_api"] = kind.configured(loss)  # type: ignore[index]  # a dict, as it is loaded
        assert redeem(world, client).status_code == status


@pytest.mark.row("S2")
def test_a_refusal_is_said_in_the_words_of_the_rfc_and_costs_no_use(world: World) -> None:
    """RFC 7591 section 3.2.2: whoever builds a connection would not know what to mend, and need another token for it."""
    token = new_token(world, uses=1)
    assert_refused(register(world, token, grant_types=["implicit"]), "invalid_client_metadata", "grant_types")
    assert_refused(register(world, token, redirect_uris=["http://app.example/"]), "invalid_redirect_uri", "https")
    assert_refused(register(world, token, software_statement="e30.e30."), "unapproved_software_statement", "statement")
    registered(register(world, token))


# -- who may -----------------------------------------------------------------------------------------------------------


@pytest.mark.row("S27")
def test_without_a_good_token_nothing_is_read_and_nothing_told(world: World, token: str) -> None:
    """S27: whoever tries tokens learns neither which there were, nor what an application may ask for."""
    registration = registration_of(world)
    tokens = {name: new_token(world, uses=1) for name in ("used", "ended", "expired")}
    registered(register(world, tokens["used"]))
    world.clock.go(7 * DAY)
    tokens["ended"] = new_token(world)
    registration.end_token(registration.tokens()[-1].id, "operator:test")
    tokens |= {"of another issuer": new_token(world, "fapi"), "unknown": "x" * 43, "a secret": world.clients["vendor_api"][1]}
    answers, calls = set(), set()
    for each in tokens.values():
        for body in (b'{"redirect_uris": ["%s"]}' % BACK.encode(), b"{", b"\xff"):
            world.calls.clear()
            answer = send(world, each, body)
            answers.add((answer.status_code, answer.text, answer.headers["WWW-Authenticate"]))
            calls.add(tuple(world.calls))
    assert len(answers) == len(calls) == 1
    ((status, _, challenge),) = answers
    assert status == 401
    assert 'error="invalid_token"' in challenge
    assert register(world, new_token(world)).status_code == 201
    assert token


def test_without_any_token_the_scheme_is_told(world: World) -> None:
    """RFC 6750 section 3: a library learns what it has to bring."""
    answer = register(world, None)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="koppel-idp"')
    basic = {"Authorization": "Basic eDp5"}
    assert world.http.post(PATH, json={}, headers=basic).json["error"] == "invalid_token"


def test_a_token_is_good_until_its_end_and_as_often_as_it_was_made_for(world: World) -> None:
    """One that was found in a mailbox would open the door for ever."""
    token = new_token(world, uses=2, lifetime=DAY)
    first, second = registered(register(world, token)), registered(register(world, token))
    assert first["client_id"] != second["client_id"]
    assert first["client_secret"] != second["client_secret"]
    assert register(world, token).status_code == 401
    token = new_token(world, lifetime=DAY)
    world.clock.go(DAY - timedelta(microseconds=1))
    registered(register(world, token))
    world.clock.go(timedelta(microseconds=1))
    assert register(world, token).status_code == 401


def test_a_kind_that_is_gone_registers_nobody(world: World, token: str) -> None:
    """A package that was uninstalled would leave a door that ends in a fault of ours."""
    del world.parts.connectors["vendor_api"]  # type: ignore[attr-defined]  # a dict, as it is loaded
    assert register(world, token).status_code == 401


def test_trying_is_limited_by_address(new_world: NewWorld) -> None:
    """Whoever floods the endpoint would fill the database, or the log."""
    world = new_world(limits={"registration_address": "2 per hour"}, oauth={"registration": True})
    token = new_token(world)
    registered(register(world, token))
    assert register(world, None).status_code == 401
    answer = register(world, token)
    assert (answer.status_code, answer.json["error"]) == (429, "temporarily_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert world.token().status_code == 200


@pytest.mark.row("S44")
def test_it_is_off_unless_an_operator_turns_it_on(new_world: NewWorld) -> None:
    """S44: strangers would find a door that nobody knows to be there."""
    off, on = new_world(), open_world(new_world)
    for world, status in ((off, 404), (on, 401)):
        for issuer, prefix in (("", "/oauth"), ("/fapi", "/fapi")):
            document = world.http.get(f"/.well-known/oauth-authorization-server{issuer}").json
            assert world.http.post(f"{prefix}/register").status_code == status
            told = document.get("registration_endpoint")
            assert told == (f"{ORIGIN}{prefix}/register" if world is on else None)
