"""How an access token comes to a resource, and what is said where it does not work (RFC 6750, RFC 9449 section 7)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError

from idp.oauth.errors import REALM

if TYPE_CHECKING:
    from idp.oauth.issuer import Issuer
    from idp.oauth.request import FormRequest

BEARER = "Bearer"
DPOP = "DPoP"
_SCHEMES = {scheme.lower(): scheme for scheme in (BEARER, DPOP)}

_HEADER_ONLY = "An access token belongs in the Authorization header only."
_TOKEN = re.compile(r"(bearer|dpop) +([A-Za-z0-9._~+/=-]+) *", re.IGNORECASE)  # RFC 6750 section 2.1, RFC 9449 section 7.1


@dataclass(frozen=True, slots=True)
class PresentedToken:
    """An access token as it came.

    Args:
        scheme: `BEARER` or `DPOP`.
        text: the token; anything.
    """

    scheme: str
    text: str = field(repr=False)


class AccessRefused(OAuth2Error):
    """An access token that does not work, or not in this way (RFC 6750 section 3.1, RFC 9449 section 7.1)."""

    error = "invalid_token"
    description = "The access token is not valid, or not any more."
    status_code = 401

    def __init__(self, issuer: Issuer, scheme: str, why: OAuth2Error | None = None) -> None:
        """Say what is wrong.

        Args:
            issuer: whose algorithms are told.
            scheme: that the token came with.
            why: what is wrong with its proof, or None.
        """
        super().__init__(why.description if why else None, error=why.error if why else None)
        self._challenge = _challenge(issuer, scheme, f', error="{self.error}", error_description="{self.description}"')

    def get_headers(self) -> list[tuple[str, str]]:
        """Say it in the header too."""
        return [*super().get_headers(), ("WWW-Authenticate", self._challenge)]


class NobodyBehind(AccessRefused):
    """An access token that is about no user: another one like it would be no better (RFC 6750 section 3.1)."""

    error = "insufficient_scope"
    description = "The access token is about no user."
    status_code = 403


class AccessMissing(OAuth2Error):
    """No access token was presented; the header then carries no error code (RFC 6750 section 3.1)."""

    error = "invalid_request"
    description = "An access token is required, in the Authorization header."
    status_code = 401

    def __init__(self, issuer: Issuer) -> None:
        """Name the schemes that there are, first the one that more of this issuer's clients use."""
        super().__init__()
        self._challenge = _challenge(issuer, DPOP if issuer.bound_only else BEARER)

    def get_headers(self) -> list[tuple[str, str]]:
        """Name the schemes only."""
        return [*super().get_headers(), ("WWW-Authenticate", self._challenge)]


def presented_token(request: FormRequest, issuer: Issuer) -> PresentedToken:
    """Read the token of a request.

    Raises:
        AccessMissing: there is none.
        AccessRefused: what is there is none.
        InvalidRequestError: a token in the body; one in the query was refused before (S36).
    """
    header = request.raw.authorization
    if "access_token" in request.form:
        raise InvalidRequestError(_HEADER_ONLY)
    if header is None:
        raise AccessMissing(issuer)
    found = _TOKEN.fullmatch(header)
    if found is None:
        raise AccessRefused(issuer, BEARER)
    return PresentedToken(_SCHEMES[found[1].lower()], found[2])


def _challenge(issuer: Issuer, first: str, wrong: str = "") -> str:
    # RFC 9449 section 7.2: a resource that takes both says so, and the first is the one that it answers.
    schemes = {BEARER: f'{BEARER} realm="{REALM}"', DPOP: f'{DPOP} realm="{REALM}", algs="{" ".join(issuer.algorithms)}"'}
    answered = schemes.pop(first) + wrong
    return ", ".join([answered, *schemes.values()])
