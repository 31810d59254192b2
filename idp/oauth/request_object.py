"""Request objects: a client signs what it asks, so that who holds the browser can change nothing of it (RFC 9101, S24)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError

from idp.errors import AssertionRefused, Refusal
from idp.oauth.claims import CLOCK_SKEW, numeric_date
from idp.oauth.client_jwt import read_client_jwt
from idp.oauth.client_keys import is_signed
from idp.oauth.request import MAX_PARAMETERS, REPEATABLE, collected

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.domain.client import Client
    from idp.oauth.client_jwt import ClientJwt
    from idp.oauth.parts import OAuthParts

HEADER_TYPES = (None, "jwt", "oauth-authz-req+jwt")
"""Section 10.8: libraries in use write none, or `JWT`. An assertion is none the less no request object, as it has a `sub`."""

MAX_LIFETIME = timedelta(minutes=60)
"""From `nbf` to `exp`, and from `nbf` to now (FAPI 2.0 Message Signing section 5.3.1)."""

_OF_THE_JWT = {"iss", "aud", "exp", "nbf", "iat", "jti"}
_REFUSED = {"request", "request_uri", "sub"}
"""Section 4 for the first two; section 10.8 for `sub`, which makes of it an assertion that lets its reader in."""

_log = structlog.get_logger("idp.oauth")


class RequestObjectInvalid(OAuth2Error):
    """Section 7. In which way is for operators, in the log: a client that signs wrongly asks them."""

    error = "invalid_request_object"
    description = "The request object is not valid."


def read_request_object(text: str, client: Client, parts: OAuthParts) -> Mapping[str, tuple[str, ...]]:
    """Give the parameters that a request object holds.

    Args:
        text: as sent; anything.
        client: whose it must be; it has keys.
        parts: the issuer that it must be for, and the time.

    Raises:
        RequestObjectInvalid: not signed by this client, not for this issuer, or not at this moment.
    """
    try:
        signed = read_client_jwt(text)
        _check(signed, client, parts)
        return _parameters(signed.claims)
    except AssertionRefused as exc:
        _log.info("request_object_refused", client_id=client.client_id, reason=str(exc.refusal))
        raise RequestObjectInvalid from None


def _check(signed: ClientJwt, client: Client, parts: OAuthParts) -> None:
    issuer, claims = parts.issuer, signed.claims
    if signed.alg not in issuer.algorithms:
        raise AssertionRefused(Refusal.ALGORITHM)
    if signed.typ not in HEADER_TYPES or _REFUSED & set(claims):
        raise AssertionRefused(Refusal.TYPE)
    if not claims.get("iss") == claims.get("client_id") == client.client_id:
        raise AssertionRefused(Refusal.CLIENT)
    # Message Signing section 5.3.1 takes a list that has others beside: then it is a request at another issuer too.
    if claims.get("aud") not in (issuer.url, [issuer.url]):
        raise AssertionRefused(Refusal.AUDIENCE)
    if not _is_timely(claims, parts.clock.now().timestamp()):
        raise AssertionRefused(Refusal.TIME)
    if not is_signed(signed, client.keys):
        raise AssertionRefused(Refusal.SIGNATURE)


def _is_timely(claims: Mapping[str, object], now: float) -> bool:
    soonest, most = now + CLOCK_SKEW.total_seconds(), MAX_LIFETIME.total_seconds()
    try:
        begin, end = numeric_date(claims, "nbf"), numeric_date(claims, "exp")
        issued = numeric_date(claims, "iat") if "iat" in claims else begin
    except ValueError:
        return False
    # Only what is known to be near is added up: a claim may be a number of thousands of digits.
    return issued <= soonest and now - most <= begin <= soonest and now < end <= begin + most


def _parameters(claims: Mapping[str, object]) -> Mapping[str, tuple[str, ...]]:
    pairs = [(name, text) for name, value in claims.items() if name not in _OF_THE_JWT for text in _texts(name, value)]
    try:
        for name, text in pairs:
            (name + text).encode()  # JSON can name half of a character, which no form can hold
        if len(pairs) > MAX_PARAMETERS:
            raise AssertionRefused(Refusal.MALFORMED)
        return {name: tuple(values) for name, values in collected(pairs).items()}
    except (InvalidRequestError, UnicodeEncodeError):
        raise AssertionRefused(Refusal.MALFORMED) from None


def _texts(name: str, value: object) -> list[str]:
    # Section 4: strings are strings, numbers are numbers, and `claims` of OpenID Connect is an object.
    values = value if isinstance(value, list) and name in REPEATABLE else [value]
    return [value if isinstance(value, str) else json.dumps(value) for value in values]
