"""ID tokens: for whom an application was let in, and how their owner proved it (OpenID Connect Core section 2).

The subject is the koppelgebruiker, the same as an access token's. Who logged in is its owner, about whom no more is told than
how and when: an owner with two koppelgebruikers is two subjects.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from idp.domain.digests import base64url
from idp.errors import TokenInvalid
from idp.oauth import own_jwt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from idp.domain.authentication import Authentication
    from idp.domain.people import Koppelgebruiker
    from idp.oauth.issuer import Issuer
    from idp.oauth.keys import KeyRing
    from idp.services.issued import Issued

HEADER_TYPE = "JWT"
LIFETIME = timedelta(minutes=10)
"""It is about one login, which the application takes note of at once; what it may do afterwards, its other tokens say."""

ACR = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
"""A password over TLS (SAML 2.0 Authentication Context section 3.4.4), which is all that an owner logs in with."""

AMR = ("pwd",)
"""RFC 8176 section 2."""

ON_REQUEST: Mapping[str, Callable[[Koppelgebruiker], str]] = {
    "administratie": lambda user: user.administratie,
    "preferred_username": lambda user: user.uid,
}
"""What userinfo tells, and an ID token where the application asks for it (section 5.5)."""

_ALWAYS = ("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid")
CLAIMS = (*_ALWAYS, *ON_REQUEST)


@dataclass(frozen=True, slots=True)
class Hint:
    """What an ID token that comes back says (section 3.1.2.1, `id_token_hint`).

    Args:
        subject: whom it is about.
        client_id: whom it was made for.
        session: the portal session that it came of (`sid`).
    """

    subject: str
    client_id: str
    session: str


@dataclass(frozen=True, slots=True)
class IdTokens:
    """Signs, and reads hints.

    Args:
        keys: the ring.
        issuer: whose they are.
    """

    keys: KeyRing
    issuer: Issuer

    def sign(self, issued: Issued, authentication: Authentication, access_token: str) -> str:
        """Sign.

        Args:
            issued: what the application gets.
            authentication: how its owner logged in.
            access_token: that goes with it.
        """
        user, issued_at = issued.user, issued.issued_at
        assert user is not None  # noqa: S101  # an owner let the application in for one
        claims = {
            "iss": self.issuer.url,
            "sub": user.entry_uuid,
            "aud": issued.grant.client_id,
            "iat": int(issued_at.timestamp()),
            "exp": int((issued_at + LIFETIME).timestamp()),
            "auth_time": int(authentication.at.timestamp()),
            "acr": ACR,
            "amr": list(AMR),
            "sid": authentication.session,
            "at_hash": _at_hash(access_token),
            **{name: ON_REQUEST[name](user) for name in authentication.claims},
        }
        if authentication.nonce is not None:
            claims["nonce"] = authentication.nonce
        return own_jwt.sign(self.keys.signing_key(self.issuer.id_token_algorithm), HEADER_TYPE, claims)

    def read_hint(self, token: str) -> Hint:
        """Read an ID token of ours that an application sends back. One past its end is as good: it is no more than a hint.

        Args:
            token: as sent; anything.

        Raises:
            TokenInvalid: not one that this issuer has signed with a key that it still publishes.
        """
        claims = own_jwt.read(self.keys, HEADER_TYPE, token, self.issuer.algorithms)
        found: list[Any] = [claims.get(name) for name in ("sub", "aud", "sid")]
        if claims.get("iss") != self.issuer.url or not all(isinstance(value, str) for value in found):
            raise TokenInvalid
        return Hint(*found)


def _at_hash(access_token: str) -> str:
    # Section 3.1.3.6: the left half of the hash that the signature uses, which is SHA-256 for RS256, PS256 and ES256.
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    return base64url(half)
