"""Access tokens: JWTs as RFC 9068 has them, signed and, when they come back, verified strictly.

A signature says that a token is ours; whether it may still be used is for the store and the gate to say (S46).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from joserfc import jws
from joserfc.errors import JoseError

from idp.errors import TokenInvalid
from idp.oauth.algorithms import OurAlgorithms
from idp.oauth.claims import CLOCK_SKEW, numeric_date

if TYPE_CHECKING:
    from collections.abc import Mapping

    from joserfc.jwk import GuestProtocol, Key

    from idp.oauth.keys import KeyRing
    from idp.ports.outside import Clock
    from idp.services.grants import Issued

HEADER_TYPE = "at+jwt"
"""RFC 9068 section 2.1."""

MAX_TOKEN_CHARACTERS = 8192
_HEADER_NAMES = {"alg", "typ", "kid"}
_REGISTRY = OurAlgorithms()


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """Signs and verifies.

    Args:
        keys: the ring.
        issuer: the configured origin, never taken from a request.
        clock: the time.
    """

    keys: KeyRing
    issuer: str
    clock: Clock

    def sign(self, issued: Issued) -> str:
        """Sign what was issued."""
        key = self.keys.signing_key()
        header = {"alg": key.alg, "typ": HEADER_TYPE, "kid": key.kid}
        payload = json.dumps(self._claims(issued), separators=(",", ":")).encode()
        return jws.serialize_compact(header, payload, key.key, registry=_REGISTRY)

    def verify(self, token: str) -> Mapping[str, Any]:
        """Give the claims of a token that we signed and that is within its time.

        Args:
            token: as it was presented; anything.

        Raises:
            TokenInvalid: not ours, changed, expired, from the future, or no token at all.
        """
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise TokenInvalid
        try:
            signed = jws.deserialize_compact(token.encode(), self._key_for, registry=_REGISTRY)
            claims = json.loads(signed.payload or b"")
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as exc:
            raise TokenInvalid from exc
        self._check(claims)
        return claims  # type: ignore[no-any-return]  # a dict: _check saw to it

    def _claims(self, issued: Issued) -> dict[str, object]:
        # RFC 9068 section 2.2; `administratie` is ours.
        return {
            "iss": self.issuer,
            "sub": issued.user.entry_uuid,
            "aud": issued.audience,
            "client_id": issued.grant.client_id,
            "iat": int(issued.issued_at.timestamp()),
            "exp": int(issued.expires_at.timestamp()),
            "jti": issued.jti,
            "scope": issued.scope,
            "administratie": issued.user.administratie,
        }

    def _key_for(self, signature: GuestProtocol) -> Key:
        header = signature.headers()
        # S23: jwk, jku, x5u and the like would let a token bring its own key; we write none of them, so none is read.
        if not set(header) <= _HEADER_NAMES or header.get("typ") != HEADER_TYPE:
            raise TokenInvalid
        kid = header.get("kid")
        key = self.keys.find(kid) if isinstance(kid, str) else None
        # The key says which algorithm it is for; the header has no choice (RFC 8725 section 3.1).
        if key is None or header.get("alg") != key.alg:
            raise TokenInvalid
        return key.key

    def _check(self, claims: object) -> None:
        if not isinstance(claims, dict) or claims.get("iss") != self.issuer:
            raise TokenInvalid
        if not all(isinstance(claims.get(name), str) for name in ("sub", "aud", "client_id", "jti")):
            raise TokenInvalid
        now = self.clock.now().timestamp()
        soonest = now + CLOCK_SKEW.total_seconds()
        if _moment(claims, "exp") <= now or _moment(claims, "iat") > soonest:
            raise TokenInvalid
        if "nbf" in claims and _moment(claims, "nbf") > soonest:
            raise TokenInvalid


def _moment(claims: Mapping[str, object], name: str) -> float:
    try:
        return numeric_date(claims, name)
    except ValueError as exc:
        raise TokenInvalid from exc
