"""What an ID token says, and which tokens come with one (OpenID Connect Core sections 2, 3.1.3 and 12.2; S40, S22)."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

import pytest
from joserfc import jws

from idp.domain.authentication import Authentication
from idp.oauth.id_token import IdTokens
from idp.oauth.issuer import strict_issuer
from idp.services.grants import TokenPlan
from tests.oauth.id_tokens import read_id_token
from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import AUDIENCE, ORIGIN, USERNAME, World

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
    assert jws.extract_compact(world.redeem(world.code_for(scope="openid")).json["id_token"].encode()).headers()["alg"] == "RS256"
    plan = TokenPlan("openid", AUDIENCE, timedelta(hours=1))
    client = world.parts.clients.get(world.clients["vendor_api"][0])
    issued = world.parts.grants.issue(client, world.directory.find_user(USERNAME), "127.0.0.1", plan)
    token = IdTokens(world.parts.keys, strict_issuer(ORIGIN)).sign(issued, Authentication(world.clock.now(), "s"), "t")
    assert jws.extract_compact(token.encode()).headers()["alg"] == "ES256"
