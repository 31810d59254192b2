"""Only tokens that this service signed, as it signs them, within their time, are tokens (S21, S22, S23, RFC 9068)."""

from __future__ import annotations

import base64
import hmac
import importlib
import json
import warnings
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from joserfc import jwk, jws

from idp.errors import TokenInvalid
from idp.oauth.access_token import AccessTokens
from idp.oauth.algorithms import ALGORITHMS
from idp.oauth.key_life import PUBLISH_AHEAD
from idp.oauth.keys import KeyRing
from idp.services.issued import TokenPlan
from tests.oauth.world import AUDIENCE, ORIGIN, World


@pytest.fixture
def tokens(world: World) -> AccessTokens:
    """The verifier."""
    return world.oauth.access_tokens


def claims(world: World, **changes: object) -> dict[str, Any]:
    """The claims of a good token, changed; None takes one out."""
    now = int(world.clock.now().timestamp())
    whole = {
        "iss": ORIGIN, "sub": "s", "aud": AUDIENCE, "client_id": "c", "jti": "j", "iat": now, "exp": now + 600, **changes,
    }  # fmt: skip
    return {name: value for name, value in whole.items() if value is not None}


def signed(world: World, body: object, **header: object) -> str:
    """A token under the service's own key, with another body or header."""
    key = world.parts.keys.signing_key()
    whole = {"alg": key.alg, "typ": "at+jwt", "kid": key.kid, **header}
    whole = {name: value for name, value in whole.items() if value is not None}
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    return jws.serialize_compact(
        whole, payload, key.key, registry=jws.JWSRegistry(strict_check_header=False, algorithms=["ES256"])
    )


def encoded(part: object) -> str:
    """Encode a part without signing it."""
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def refused(tokens: AccessTokens, token: str) -> bool:
    """Tell whether a token is refused."""
    try:
        tokens.verify(token)
    except TokenInvalid:
        return True
    return False


def test_a_good_token_is_read(world: World, tokens: AccessTokens) -> None:
    """The other tests here would show nothing if this one failed."""
    assert tokens.verify(signed(world, claims(world)))["jti"] == "j"


@pytest.mark.row("S21")
@pytest.mark.parametrize("name", ["iat", "nbf"])
@pytest.mark.parametrize(("ahead_s", "accepted"), [(-3600, True), (0, True), (10, True), (61, False), (3600, False)])
def test_a_token_from_the_future(world: World, tokens: AccessTokens, name: str, ahead_s: int, *, accepted: bool) -> None:
    """S21: two servers' clocks differ a little, never by minutes."""
    moment = int(world.clock.now().timestamp()) + ahead_s
    assert refused(tokens, signed(world, claims(world, **{name: moment}))) is not accepted


@pytest.mark.row("S21")
def test_a_token_ends_on_the_second(world: World, tokens: AccessTokens) -> None:
    """S21: no leeway for the end."""
    token = signed(world, claims(world))
    world.clock.go(timedelta(seconds=599))
    assert not refused(tokens, token)
    world.clock.go(timedelta(seconds=1))
    assert refused(tokens, token)


BAD_CLAIMS: dict[str, dict[str, Any]] = {
    "no exp": {"exp": None},
    "exp as text": {"exp": "9999999999"},
    "exp true": {"exp": True},
    "iat true": {"iat": True},
    "too long": {"scope": "x" * 9000},
    "exp NaN": {"exp": float("nan")},
    "exp at infinity": {"exp": float("inf")},
    "iat of a thousand digits": {"iat": 10**1000},
    "exp a list": {"exp": [9999999999]},
    "no iat": {"iat": None},
    "nbf as text": {"nbf": "0"},
    "another issuer": {"iss": "https://evil.example"},
    "an issuer with a slash": {"iss": ORIGIN + "/"},
    "no issuer": {"iss": None},
    "no jti": {"jti": None},
    "jti a number": {"jti": 1},
    "no sub": {"sub": None},
    "aud a list": {"aud": [AUDIENCE]},
    "no client": {"client_id": None},
}


@pytest.mark.row("S21")
@pytest.mark.parametrize("changes", BAD_CLAIMS.values(), ids=BAD_CLAIMS)
def test_claims_that_we_never_sign(world: World, tokens: AccessTokens, changes: dict[str, Any]) -> None:
    """S21: a token without an end would never end."""
    assert refused(tokens, signed(world, claims(world, **changes)))


@pytest.mark.row("S22")
@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "HS256", "ES384", "PS512", "", "ES256 ", None, 7, ["ES256"]])
def test_another_algorithm_is_refused(world: World, tokens: AccessTokens, alg: object) -> None:
    """S22: `none` is a token that anybody can write; a MAC under our public key is another."""
    key = world.parts.keys.signing_key()
    content = f"{encoded({'alg': alg, 'typ': 'at+jwt', 'kid': key.kid})}.{encoded(claims(world))}"
    public = json.dumps(key.public()).encode()
    signature = base64.urlsafe_b64encode(hmac.digest(public, content.encode(), sha256)).decode().rstrip("=")
    assert refused(tokens, f"{content}.")
    assert refused(tokens, f"{content}.{signature}")


STRICT_ALGORITHMS = {"ES256": "ES256", "PS256": "PS256", "EdDSA": "EdDSA", "RS256": "ES256"}
"""What the strict issuer signs with, by what the configuration names."""


@pytest.mark.row("S22")
@pytest.mark.parametrize("alg", ALGORITHMS)
def test_each_of_our_algorithms_verifies_with_another_library(world: World, alg: str) -> None:
    """S22: an operator may choose any of the four, and an API reads it with what it has: here Authlib's JOSE, not ours.

    The strict issuer's tokens would be refused by every bank that holds to FAPI 2.0 section 5.4.1, were they signed with RS256.
    """
    ring = KeyRing(world.state, world.clock, alg)
    world.clock.go(PUBLISH_AHEAD)
    plan = TokenPlan("administratie:read", AUDIENCE, timedelta(hours=1))
    client, _ = world.parts.clients.add("basecone", "App", "operator:test")
    issued = world.parts.grants.issue(client, world.directory.find_user("U4BBGA0008"), "127.0.0.1", plan)
    for server, signed_with in ((world.oauth, alg), (world.strict, STRICT_ALGORITHMS[alg])):
        tokens = AccessTokens(ring, server.parts.issuer, world.clock)
        token = tokens.sign(issued)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it is kept for others' sake, and says so
            jose = importlib.import_module("authlib.jose")
            keys = jose.JsonWebKey.import_key_set(world.http.get(server.parts.issuer.uri("/jwks").removeprefix(ORIGIN)).json)
            read = jose.JsonWebToken([signed_with]).decode(token, keys)
        assert (read.header["alg"], read["jti"]) == (signed_with, issued.jti)
        assert tokens.verify(token)["jti"] == issued.jti


@pytest.mark.row("S22")
def test_the_strict_issuer_takes_no_token_that_it_would_not_sign(world: World) -> None:
    """S22: FAPI 2.0 section 5.4.1 forbids to process RS256 as well as to make it, though the key be our own."""
    key, body = world.parts.keys.signing_key("RS256"), json.dumps(claims(world, iss=f"{ORIGIN}/fapi"))
    token = jws.serialize_compact({"alg": key.alg, "typ": "at+jwt", "kid": key.kid}, body, key.key, algorithms=["RS256"])
    assert refused(world.strict.access_tokens, token)
    assert not refused(world.strict.access_tokens, signed(world, claims(world, iss=f"{ORIGIN}/fapi")))


@pytest.mark.row("S22")
def test_a_key_is_for_one_algorithm(world: World, tokens: AccessTokens) -> None:
    """S22: RFC 8725 section 3.1; the token's header has no choice."""
    key = world.parts.keys.signing_key("RS256")
    header = {"alg": "PS256", "typ": "at+jwt", "kid": key.kid}
    unmarked = jwk.import_key({name: value for name, value in key.members.items() if name not in ("alg", "kid")})
    token = jws.serialize_compact(header, json.dumps(claims(world)), unmarked, algorithms=["PS256"])
    assert refused(tokens, token)


@pytest.mark.row("S23")
@pytest.mark.parametrize(
    "header",
    [
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["MIIB"]},
        {"crit": ["b64"], "b64": False},
        {"zip": "DEF"},
        {"cty": "JWT"},
    ],
    ids=lambda header: next(iter(header)),
)
def test_a_token_brings_no_key_of_its_own(world: World, tokens: AccessTokens, header: dict[str, Any]) -> None:
    """S23: whoever could say where the key is could sign for anybody; even under our own signature it is refused."""
    assert refused(tokens, signed(world, claims(world), **header))


@pytest.mark.row("S23")
def test_an_embedded_key_that_fits_the_signature_is_not_trusted(world: World, tokens: AccessTokens) -> None:
    """S23: the token verifies, under the key that it brought."""
    own = jwk.ECKey.generate_key("P-256")
    for kid in (own.thumbprint(), world.parts.keys.signing_key().kid):
        header = {"alg": "ES256", "typ": "at+jwt", "kid": kid, "jwk": own.as_dict(private=False)}
        assert refused(tokens, jws.serialize_compact(header, json.dumps(claims(world)), own))
        del header["jwk"]
        assert refused(tokens, jws.serialize_compact(header, json.dumps(claims(world)), own))


@pytest.mark.parametrize(
    "header", [{"typ": "JWT"}, {"typ": None}, {"typ": "AT+JWT "}, {"kid": None}, {"kid": "other"}, {"kid": ["x"]}], ids=str
)
def test_the_header_is_as_we_write_it(world: World, tokens: AccessTokens, header: dict[str, Any]) -> None:
    """RFC 9068 section 4: another kind of JWT of ours is no access token."""
    key = world.parts.keys.signing_key()
    whole = {"alg": key.alg, "typ": "at+jwt", "kid": key.kid, **header}
    content = f"{encoded({name: value for name, value in whole.items() if value is not None})}.{encoded(claims(world))}"
    assert refused(tokens, f"{content}.{'A' * 86}")
    if all(isinstance(value, str | None) for value in header.values()):
        assert refused(tokens, signed(world, claims(world), **header))


@pytest.mark.row("S47")
@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"7", b"\xff", b"[" * 50_00, b'"text"'], ids=lambda body: body[:9].decode(errors="ignore")
)
def test_a_signed_body_that_is_no_object(world: World, tokens: AccessTokens, body: bytes) -> None:
    """S47: refused, not fallen over."""
    assert refused(tokens, signed(world, body))


@pytest.mark.row("S22")
def test_a_changed_token_is_refused(world: World, tokens: AccessTokens) -> None:
    """S22: one bit in any part."""
    header, body, signature = signed(world, claims(world)).split(".")
    other = encoded(claims(world, sub="somebody else"))
    assert refused(tokens, f"{header}.{other}.{signature}")
    assert refused(tokens, f"{header}.{body}.{signature[:-4]}AAAA")
    assert refused(tokens, f"{header}.{body}.{signature}.{signature}")
    assert refused(tokens, f"{header}.{body}")
    assert refused(tokens, "x" * 9000)


@pytest.mark.row("S34")
def test_every_token_has_an_identifier_of_its_own(world: World) -> None:
    """S34: 128 random bits, so that none can be guessed or met twice."""
    identifiers = {tokens_jti(world) for _ in range(20)}
    assert len(identifiers) == 20
    assert all(len(each) >= 22 for each in identifiers)


def tokens_jti(world: World) -> str:
    """Get a token, and give its identifier."""
    return str(world.oauth.access_tokens.verify(world.token().json["access_token"])["jti"])
