"""What clients are told: the RFC's errors, and the one place where ours become theirs.

Each description is an ASCII sentence without quotes or backslashes (RFC 6749 section 5.2), and none says whether a user exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidScopeError

from idp.errors import (
    IdpError,
    InvalidCredentials,
    NotUsable,
    ResourceNotGranted,
    ScopeTooWide,
    Throttled,
    Unavailable,
    UsernameHasSuffix,
)

if TYPE_CHECKING:
    from collections.abc import Callable

REALM = "koppel-idp"
NO_STORE = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))
"""RFC 6749 section 5.1."""


class ClientRefused(OAuth2Error):
    """Client authentication failed, in whichever way (RFC 6749 section 5.2, S27)."""

    error = "invalid_client"
    description = "Client authentication failed."
    status_code = 401

    def get_headers(self) -> list[tuple[str, str]]:
        """Name the scheme, as every 401 must (RFC 9110 section 15.5.2)."""
        return [*super().get_headers(), ("WWW-Authenticate", f'Basic realm="{REALM}", charset="UTF-8"')]


class UnsupportedGrantType(OAuth2Error):
    """Authlib's own repeats what was sent, quotes and all."""

    error = "unsupported_grant_type"
    description = "This grant type is not supported."


class TargetRefused(OAuth2Error):
    """RFC 8707 section 2."""

    error = "invalid_target"
    description = "The resource is not one of this issuer, or more than one was asked for."


class MethodRefused(OAuth2Error):
    """Another HTTP method than the endpoint has."""

    error = "invalid_request"
    status_code = 405

    def __init__(self, allowed: tuple[str, ...]) -> None:
        """Say which methods there are (RFC 9110 section 15.5.6)."""
        super().__init__(f"This endpoint takes {' and '.join(allowed)} only.")
        self._allowed = allowed

    def get_headers(self) -> list[tuple[str, str]]:
        """Name the methods."""
        return [*super().get_headers(), ("Allow", ", ".join(self._allowed))]


class ComeBackLater(OAuth2Error):
    """Not now: throttled, or a part is down."""

    # RFC 6749 section 4.1.2.1; section 5.2 has no word for it.
    error = "temporarily_unavailable"

    def __init__(self, description: str, status: int, retry_after_s: int) -> None:
        """Say when.

        Args:
            description: a sentence.
            status: 429 or 503.
            retry_after_s: seconds.
        """
        super().__init__(description, status_code=status)
        self._retry_after_s = retry_after_s

    def get_headers(self) -> list[tuple[str, str]]:
        """Say when to come back (RFC 9110 section 10.2.3)."""
        return [*super().get_headers(), ("Retry-After", str(self._retry_after_s))]


def _throttled(exc: IdpError) -> OAuth2Error:
    wait = exc.retry_after_s if isinstance(exc, Throttled) else 1
    return ComeBackLater("Too many requests. Come back later.", 429, wait)


def _unavailable(exc: IdpError) -> OAuth2Error:
    wait = exc.retry_after_s if isinstance(exc, Unavailable) else 1
    return ComeBackLater("A part of the service does not answer. Come back later.", 503, wait)


def _suffix(_: IdpError) -> OAuth2Error:
    return InvalidGrantError("Leave off the part of the username from @ on; send the bare username.")


def _wrong(_: IdpError) -> OAuth2Error:
    return InvalidGrantError("The username or the password is wrong.")


def _ended(_: IdpError) -> OAuth2Error:
    return InvalidGrantError("The refresh token is not valid, or not any more.")


def _too_wide(_: IdpError) -> OAuth2Error:
    return InvalidScopeError("The scope is wider than what was granted.")


def _other_resource(_: IdpError) -> OAuth2Error:
    return TargetRefused("The resource is another one than was granted.")


_TRANSLATIONS: tuple[tuple[type[IdpError], Callable[[IdpError], OAuth2Error]], ...] = (
    (Throttled, _throttled),
    (Unavailable, _unavailable),
    (UsernameHasSuffix, _suffix),
    (InvalidCredentials, _wrong),
    (NotUsable, _ended),
    (ScopeTooWide, _too_wide),
    (ResourceNotGranted, _other_resource),
)


def translated(exc: IdpError) -> OAuth2Error:
    """Say it in OAuth's words.

    Args:
        exc: what a service raised.

    Raises:
        IdpError: `exc` itself, when it has no business here: that is a fault of ours.
    """
    for kind, translate in _TRANSLATIONS:
        if isinstance(exc, kind):
            return translate(exc)
    raise exc
