"""Proof of possession: which key a request shows, so that a token that is bound to it is nothing to whoever steals it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import InvalidRequestError

from idp.oauth.errors import BearerRefused

if TYPE_CHECKING:
    from idp.domain.grant import Confirmation, Token
    from idp.oauth.parts import OAuthParts
    from idp.oauth.request import FormRequest

JKT = "jkt"
"""RFC 9449 section 6.1."""

_NONE_SHOWN = "Access tokens are bound to a key here, and the request shows none."


def shown_for_token(parts: OAuthParts, request: FormRequest) -> Confirmation | None:
    """Give the key that a token request shows; the access token will be bound to it.

    Args:
        parts: the issuer.
        request: from an authenticated client.

    Returns:
        None for a bearer token.

    Raises:
        InvalidRequestError: none, at an issuer whose tokens are all bound (S14, FAPI 2.0 section 5.3.2.1).
    """
    del request  # no way to show one is known here yet
    if parts.issuer.bound_only:
        raise InvalidRequestError(_NONE_SHOWN)
    return None


def assert_shown(token: Token, request: FormRequest) -> None:
    """See that who brings an access token also shows the key that it is bound to (S15).

    Args:
        token: live.
        request: that brought it.

    Raises:
        BearerRefused: it is bound, and the key is another one, or not shown.
    """
    del request
    if token.confirmation is not None:
        raise BearerRefused


def token_type(confirmation: Confirmation | None) -> str:
    """Name the type of an access token: a certificate shows itself, a DPoP key wants its own scheme (RFC 9449 section 5)."""
    return "DPoP" if confirmation is not None and confirmation.method == JKT else "Bearer"
