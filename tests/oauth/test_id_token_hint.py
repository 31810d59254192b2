"""An ID token that comes back: whose it is, is believed only where we have signed it (OpenID Connect Core section 3.1.2.1)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jws

from idp.domain.authentication import Authentication
from idp.errors import TokenInvalid
from idp.oauth.id_token import Hint, IdTokens
from idp.oauth.issuer import strict_issuer
from idp.services.issued import TokenPlan
from tests.oauth.world import AUDIENCE, ORIGIN, USERNAME, World


def id_token(world: World, tokens: IdTokens) -> str:
    """An ID token as an application has it."""
    plan = TokenPlan("openid", AUDIENCE, timedelta(hours=1))
    client = world.parts.clients.get(world.clients["vendor_api"][0])
    issued = world.parts.grants.issue(client, world.directory.find_user(USERNAME), "127.0.0.1", plan)
    return tokens.sign(issued, Authentication(world.clock.now(), "the session"), "an access token")


def signed(world: World, claims: dict[str, Any], **header: object) -> str:
    """Something else under the key that signs ID tokens."""
    key = world.parts.keys.signing_key("RS256")
    whole = {"alg": key.alg, "typ": "JWT", "kid": key.kid, **header}
    return jws.serialize_compact(whole, json.dumps(claims).encode(), key.key, algorithms=["RS256"])


def refused(world: World, token: str) -> bool:
    """Tell whether a hint is refused."""
    try:
        world.oauth.id_tokens.read_hint(token)
    except TokenInvalid:
        return True
    return False


@pytest.mark.row("S40")
def test_a_hint_tells_whom_it_is_about_long_after_its_end(world: World) -> None:
    """S40: applications keep the last ID token and send it back weeks later; they would be told that it is none."""
    token, client_id = id_token(world, world.oauth.id_tokens), world.clients["vendor_api"][0]
    world.clock.go(timedelta(days=30))
    assert world.oauth.id_tokens.read_hint(token) == Hint(
        world.directory.find_user(USERNAME).entry_uuid, client_id, "the session"
    )


@pytest.mark.row("S40", "S22")
def test_what_we_have_not_signed_as_an_id_token_is_no_hint(world: World) -> None:
    """S40: anybody could say for whom an owner is to let an application in, or whom to log out."""
    good = {"iss": ORIGIN, "sub": "s", "aud": "c", "sid": "i"}
    assert not refused(world, signed(world, good))
    header, claims, signature = id_token(world, world.oauth.id_tokens).split(".")
    another = id_token(world, IdTokens(world.parts.keys, strict_issuer(ORIGIN)))
    for token in ("", "x", "a.b.c", f"{header}.{claims}.", f"{header}.{claims}.{signature[::-1]}", another, "x" * 9000):
        assert refused(world, token), token
    assert refused(world, world.token().json["access_token"])
    for changes in ({"iss": "https://evil.example"}, {"iss": None}, {"sub": 1}, {"aud": ["c"]}, {"sid": None}):
        assert refused(world, signed(world, {**good, **changes})), changes
    assert refused(world, signed(world, good, typ="at+jwt"))
    assert refused(world, signed(world, good, typ="logout+jwt"))
