"""A token is believed for its signature by a published key, and for what it says (RFC 9068 section 4)."""

from __future__ import annotations

import json
import warnings
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from idp.errors import NotGranted
from idp.oauth_client.access_token import AccessToken

if TYPE_CHECKING:
    from joserfc.jwk import Key

NOW = datetime(2026, 3, 4, 10, 11, 12, tzinfo=UTC)
ISSUER = "https://login.example"
CLIENT = "basecone-1"
ISSUED = int(NOW.timestamp())
CLAIMS = {"iss": ISSUER, "client_id": CLIENT, "iat": ISSUED, "exp": ISSUED + 3600}
EC = ECKey.generate_key("P-256", {"kid": "1"})
KEYS: dict[str, Key] = {
    "ES256": EC,
    "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "1"}),
    "RS256": RSAKey.generate_key(2048, {"kid": "1"}),
    "PS256": RSAKey.generate_key(2048, {"kid": "1"}),
}


def token(alg: str = "ES256", key: Key = EC, header: dict[str, str] | None = None, **claims: object) -> AccessToken:
    """Sign a token."""
    said = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
    whole = {"alg": alg, "typ": "at+jwt", "kid": "1", **(header or {})}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)  # of EdDSA's name, and of HS256
        return AccessToken.read(jws.serialize_compact(whole, json.dumps(said).encode(), key, algorithms=[alg]))


def published(key: Key = EC, **other: str) -> dict[str, object]:
    """Give a JWKS."""
    return {"keys": [{**key.as_dict(private=False), **other}]}


@pytest.mark.parametrize("alg", KEYS)
def test_each_algorithm_of_the_service_is_verified(alg: str) -> None:
    """After a rotation to another algorithm, support would be told that the service is broken."""
    good = token(alg, KEYS[alg])
    good.verify(published(KEYS[alg], alg=alg))
    good.check(ISSUER, CLIENT, NOW)


@pytest.mark.parametrize(
    ("forged", "keys"),
    [
        (token(), published(ECKey.generate_key("P-256", {"kid": "1"}))),
        (token(), published(EC, kid="2")),
        (token(), published(EC, alg="ES384")),
        (token(), {"keys": []}),
        (token(), {"keys": [{"kid": "1", "kty": "nonsense"}]}),
        (token(), {"keys": "nonsense"}),
        (token(), {}),
        (token("HS256", OctKey.import_key("x" * 32)), {"keys": [OctKey.import_key("x" * 32, {"kid": "1"}).as_dict()]}),
    ],
)
def test_what_no_published_key_signed_is_refused(forged: AccessToken, keys: dict[str, object]) -> None:
    """An API refuses it as well, and its people would look for the fault at their own side."""
    with pytest.raises(NotGranted, match=r"is not published at the JWKS; look|is not that of the published key 1; look"):
        forged.verify(keys)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (token(header={"typ": "JWT"}), "has typ JWT instead of at\\+jwt"),
        (token(iss="https://other.example"), "has iss https://other.example instead of https://login.example"),
        (token(client_id="ing-1"), "has client_id ing-1 instead of basecone-1"),
        (token(iat=None), "has no iat"),
        (token(iat="yesterday"), "has no iat"),
        (token(exp=1e300), "has no exp"),
        (token(iat=ISSUED + 61), "clock is 61 seconds behind"),
        (token(iat=ISSUED - 61), "clock is 61 seconds ahead of"),
    ],
)
def test_what_an_api_would_refuse_is_refused_here(wrong: AccessToken, words: str) -> None:
    """Support is told which of them it is, before the API's people are asked."""
    with pytest.raises(NotGranted, match=words):
        wrong.check(ISSUER, CLIENT, NOW)


def test_clocks_may_be_a_minute_apart() -> None:
    """Nobody is sent to look at a clock that is right enough."""
    for apart in (timedelta(seconds=60), timedelta(seconds=-60)):
        token().check(ISSUER, CLIENT, NOW + apart)


@pytest.mark.parametrize(
    "text", ["", "a.b", "a.b.c", "e30.e30", "W10.e30.x", "e30.W10.x", "é.é.é", "." * 1000, f"{'W' * 99999}.e30.x"]
)
def test_what_is_no_token_is_told(text: str) -> None:
    """Whatever answers there, the command ends with a sentence."""
    with pytest.raises(NotGranted, match="the access token is no JWT"):
        AccessToken.read(text)


def test_the_token_is_not_shown_by_itself() -> None:
    """Whatever is written of a fault has no token in it."""
    assert token().text not in repr(token())
