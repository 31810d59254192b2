"""How an initial access token comes to the registration, and what is said where it does not work (RFC 6750, RFC 7591)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from authlib.oauth2 import OAuth2Error

from idp.oauth.errors import REALM

if TYPE_CHECKING:
    from idp.oauth.http import RawRequest

_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]+) *", re.IGNORECASE)  # RFC 6750 section 2.1


class InitialAccessRefused(OAuth2Error):
    """A token that lets nobody register, whatever the reason (RFC 6750 section 3.1)."""

    error = "invalid_token"
    description = "The initial access token is not valid, or not any more."
    status_code = 401

    def get_headers(self) -> list[tuple[str, str]]:
        """Say in the header what is wrong."""
        challenge = f'Bearer realm="{REALM}", error="{self.error}", error_description="{self.description}"'
        return [*super().get_headers(), ("WWW-Authenticate", challenge)]


class InitialAccessMissing(OAuth2Error):
    """No token was presented; the header then carries no error code (RFC 6750 section 3.1)."""

    error = "invalid_request"
    description = "An initial access token is required, in the Authorization header."
    status_code = 401

    def get_headers(self) -> list[tuple[str, str]]:
        """Name the scheme only."""
        return [*super().get_headers(), ("WWW-Authenticate", f'Bearer realm="{REALM}"')]


def initial_access_token(raw: RawRequest) -> str:
    """Give the token in the Authorization header.

    Raises:
        InitialAccessMissing: there is no such header.
        InitialAccessRefused: there is no token in it.
    """
    if raw.authorization is None:
        raise InitialAccessMissing
    found = _BEARER.fullmatch(raw.authorization)
    if found is None:
        raise InitialAccessRefused
    return found[1]
