"""Access tokens: JWTs as RFC 9068 has them, signed and, when they come back, verified strictly.

A signature says that a token is ours; whether it may still be used is for the store and the gate to say (S46).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from idp.errors import TokenInvalid
from idp.oauth import own_jwt
from idp.oauth.claims import CLOCK_SKEW, numeric_date

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.oauth.issuer import Issuer
    from idp.oauth.keys import KeyRing
    from idp.ports.outside import Clock
    from idp.services.issued import Issued

HEADER_TYPE = "at+jwt"
"""RFC 9068 section 2.1."""


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """Signs and verifies.

    Args:
        keys: the ring.
        issuer: whose they are; the origin is the configured one, never taken from a request.
        clock: the time.
    """

    keys: KeyRing
    issuer: Issuer
    clock: Clock

    def sign(self, issued: Issued) -> str:
        """Sign what was issued."""
        key = self.keys.signing_key(allowed=self.issuer.algorithms)
        return own_jwt.sign(key, HEADER_TYPE, self._claims(issued))

    def verify(self, token: str) -> Mapping[str, Any]:
        """Give the claims of a token that we signed and that is within its time.

        Args:
            token: as it was presented; anything.

        Raises:
            TokenInvalid: not ours, changed, expired, from the future, or no token at all.
        """
        claims = own_jwt.read(self.keys, HEADER_TYPE, token, self.issuer.algorithms)
        self._check(claims)
        return claims

    def _claims(self, issued: Issued) -> dict[str, object]:
        # RFC 9068 section 2.2; `administratie` is ours, and what a client has on its own behalf is for none.
        return {
            "iss": self.issuer.url,
            "sub": issued.grant.sub,
            "aud": issued.audience,
            "client_id": issued.grant.client_id,
            "iat": int(issued.issued_at.timestamp()),
            "exp": int(issued.expires_at.timestamp()),
            "jti": issued.jti,
            "scope": issued.scope,
            **({"administratie": issued.user.administratie} if issued.user else {}),
            **({"cnf": issued.confirmation.claim()} if issued.confirmation else {}),
        }

    def _check(self, claims: Mapping[str, Any]) -> None:
        if claims.get("iss") != self.issuer.url:
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
