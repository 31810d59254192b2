"""`private_key_jwt`: a client proves who it is by what it has signed (RFC 7523 section 3, OpenID Connect Core section 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from idp.errors import AssertionRefused, Refusal
from idp.oauth.claims import CLOCK_SKEW, OneUse, numeric_date
from idp.oauth.client_jwt import ClientJwt, read_client_jwt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.ports.outside import Clock

METHOD = "private_key_jwt"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""RFC 7523 section 2.2."""

MAX_LIFETIME = timedelta(hours=1)
"""What libraries in use ask for at most. Every assertion is remembered until its end, so that one for years is refused."""

HEADER_TYPES = (None, "jwt", "client-authentication+jwt")
"""The last is that of draft-ietf-oauth-rfc7523bis. Anything else a client signs, such as a DPoP proof or a request object, says
so here, and is no assertion (RFC 8725 section 3.11)."""


@dataclass(frozen=True, slots=True)
class Assertion(ClientJwt):
    """What an assertion says, unproved.

    Args:
        client_id: whom it is from and about.
    """

    client_id: str


def read_assertion(text: str) -> Assertion:
    """Read an assertion; nothing of it is proved by that.

    Args:
        text: anything.

    Raises:
        AssertionRefused: no signed JWT, one that brings its own key, or one whose iss and sub are not the same client.
    """
    read = read_client_jwt(text)
    client_id = read.claims.get("sub")
    # RFC 7523 section 3: both are the client's identifier.
    if not isinstance(client_id, str) or read.claims.get("iss") != client_id:
        raise AssertionRefused(Refusal.MALFORMED)
    return Assertion(read.text, read.alg, read.kid, read.typ, read.claims, client_id)


@dataclass(frozen=True, slots=True)
class AssertionRules:
    """What an issuer wants of an assertion, beside its signature.

    Only the issuer itself is an audience, as the only one and as a string. The address of an endpoint, which RFC 7523 section 3
    allows and OpenID Connect Core section 9 recommends, is what another server may tell a client as its own: it then gets an
    assertion that works here (audience injection, CVE-2025-27370 and CVE-2025-27371). An issuer can't be told so, hence
    draft-ietf-oauth-rfc7523bis section 4 and FAPI 2.0 Security Profile section 5.3.2.1 (S19).

    Args:
        issuer: the audience.
        algorithms: of the signature.
        clock: the time.
    """

    issuer: str
    algorithms: tuple[str, ...]
    clock: Clock

    def check(self, assertion: Assertion) -> OneUse:
        """Check all that needs no look at the client, and tell what makes it work once.

        Raises:
            AssertionRefused: not for this issuer, not at this moment, or not signed as it may be.
        """
        if assertion.alg not in self.algorithms:
            raise AssertionRefused(Refusal.ALGORITHM)
        if assertion.typ not in HEADER_TYPES:
            raise AssertionRefused(Refusal.TYPE)
        if assertion.claims.get("aud") != self.issuer:
            raise AssertionRefused(Refusal.AUDIENCE)
        jti = assertion.claims.get("jti")
        if not isinstance(jti, str) or not jti:
            raise AssertionRefused(Refusal.JTI)
        return OneUse(jti, self._end(assertion.claims))

    def _end(self, claims: Mapping[str, object]) -> datetime:
        now = self.clock.now().timestamp()
        soonest = now + CLOCK_SKEW.total_seconds()
        try:
            end = numeric_date(claims, "exp")
            begins = [numeric_date(claims, name) for name in ("iat", "nbf") if name in claims]
        except ValueError:
            raise AssertionRefused(Refusal.TIME) from None
        # Compared and never added up: a claim may be a number of thousands of digits.
        if not now < end <= soonest + MAX_LIFETIME.total_seconds() or any(begin > soonest for begin in begins):
            raise AssertionRefused(Refusal.TIME)
        return datetime.fromtimestamp(end, UTC)
