"""What an ID token says, and which tokens come with one (OpenID Connect Core sections 2, 3.1.3 and 12.2; S40, S22)."""

from __future__ import annotations

import base64
import hashlib

import pytest
from joserfc import jws

from tests.oauth.id_tokens import read_id_token
from tests.oauth.proving import strict
from tests.oauth.registering import new_token, open_world, register
from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import BACK, ORIGIN, USERNAME, NewWorld, World

CLAIMS = '{"userinfo":{"email":null},"id_token":{"preferred_username":{"essential":true},"email":{"essential":true}}}'


@pytest.mark.row("S40")
def test_an_id_token_says_what_it_says(world: World) -> None:
    """S40: an application believes each claim; one too many tells about a person, and one that is wrong lets in somebody else."""
    answer = world.redeem(world.code_for(scope="openid", nonce="n", claims=CLAIMS)).json
    now, session = int(world.clock.now().timestamp()), world.session()
    hashed = hashlib.sha256(answer["access_token"].encode()).digest()[:16]
    assert read_id_token(world.http, answer["id_token"]) == {
        "iss": ORIGIN,
        "sub": world.directory.find_user(USERNAME).entry_uuid,
        "aud": world.clients["vendor_api"][0],
        "iat": now,
        "exp": now + 600,
        "auth_time": int(session.began_at.timestamp()),
        "nonce": "n",
        "acr": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
        "amr": ["pwd"],
        "sid": session.id,
        "at_hash": base64.urlsafe_b64encode(hashed).decode().rstrip("="),
        "preferred_username": USERNAME,
    }


@pytest.mark.row("S40")
def test_only_a_login_that_was_asked_for_comes_with_one(world: World) -> None:
    """Section 12.2: nobody has logged in for a refreshed token, nor for a password; and without the scope it is plain OAuth."""
    answer = world.redeem(world.code_for(scope="openid http://UNIT4.Multivers.API/Web/WebApi/*")).json
    assert "nonce" not in read_id_token(world.http, answer["id_token"])
    refreshed = world.refresh(answer["refresh_token"], scope="openid").json
    assert ("id_token" in refreshed, refreshed["scope"]) == (False, "openid")
    assert world.userinfo(refreshed["access_token"]).json["preferred_username"] == USERNAME
    assert_refused(world.token("vendor_api", scope="openid"), "invalid_scope")
    plain = world.redeem(world.code_for(nonce="n", claims=CLAIMS))
    assert "id_token" not in plain.json


@pytest.mark.row("S22", "S40")
def test_each_issuer_signs_with_what_its_clients_know(world: World) -> None:
    """S22: every library verifies RS256, and FAPI 2.0 forbids it."""
    place = strict(world)
    answer = place.ask(code=world.code(client_id="bank", scope="openid", nonce="n"))
    assert answer.status_code == 200, answer.text
    tokens = {"": world.redeem(world.code_for(scope="openid", nonce="n")).json["id_token"], "/fapi": answer.json["id_token"]}
    algorithms = {"": "RS256", "/fapi": "ES256"}
    for path, token in tokens.items():
        assert read_id_token(world.http, token, path)["nonce"] == "n"
        assert jws.extract_compact(token.encode()).headers()["alg"] == algorithms[path]


@pytest.mark.row("S40")
def test_who_registers_for_a_login_alone_is_let_in(new_world: NewWorld) -> None:
    """Most libraries register the scope openid and nothing else; they would get a page that says that something is broken."""
    world = open_world(new_world)
    client = register(world, new_token(world), scope="openid", token_endpoint_auth_method="client_secret_post").json
    code = world.code(client_id=client["client_id"], scope="openid")
    proof = {"client_id": client["client_id"], "client_secret": client["client_secret"]}
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, **proof}
    answer = world.post("/oauth/token", None, form)
    assert answer.json.get("scope") == "openid", answer.text
    assert read_id_token(world.http, answer.json["id_token"])["aud"] == client["client_id"]
