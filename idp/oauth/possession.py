"""Proof of possession: which key a request shows, so that a token that is bound to it is nothing to whoever steals it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import InvalidRequestError

from idp.domain.grant import JKT, Confirmation
from idp.errors import KeyNotShown
from idp.oauth import client_certificate, dpop
from idp.oauth.client_certificate import THUMBPRINT
from idp.oauth.presented_token import BEARER, DPOP

if TYPE_CHECKING:
    from idp.domain.grant import Token
    from idp.oauth.parts import OAuthParts
    from idp.oauth.presented_token import PresentedToken
    from idp.oauth.request import FormRequest

_NO_PROOF = "Access tokens are bound to a key for this client, and the request has no DPoP proof."
_NONE_SHOWN = "Access tokens are bound to a key here, and the request shows none."


def shown_for_token(parts: OAuthParts, request: FormRequest) -> Confirmation | None:
    """Give the key that a token request shows; the access token will be bound to it.

    Args:
        parts: the issuer.
        request: from an authenticated client.

    Returns:
        None for a bearer token.

    Raises:
        InvalidRequestError: none, at an issuer whose tokens are all bound (S14, FAPI 2.0 section 5.3.2.1), or for a client whose
            are.
        ProofRefused, NonceWanted: see `idp.oauth.dpop`.
    """
    shown = dpop.shown(parts, request)
    if shown is not None:
        return shown.use_up(parts)
    assert request.oauth_client is not None  # noqa: S101  # the gate of every grant has seen to it
    connector = request.oauth_client.connector
    if connector.dpop_bound_tokens:  # RFC 9449 section 5.2
        raise InvalidRequestError(_NO_PROOF)
    if not (parts.issuer.bound_only or connector.certificate_bound_tokens):
        return None
    certificate = client_certificate.shown(request.raw, parts.clock.now())
    if certificate is None:
        raise InvalidRequestError(_NONE_SHOWN)
    return Confirmation(THUMBPRINT, certificate.thumbprint)


def assert_shown(parts: OAuthParts, presented: PresentedToken, token: Token, request: FormRequest) -> None:
    """See that who brings an access token also shows the key that it is bound to (S15).

    Args:
        parts: the issuer.
        presented: the token as it came.
        token: the same, live.
        request: that brought it.

    Raises:
        KeyNotShown: it is bound, and the key is another one, or not shown; or it came as if it were bound otherwise.
        ProofRefused, NonceWanted: see `idp.oauth.dpop`.
    """
    # RFC 9449 sections 7.1 and 7.2: a token that is bound to a DPoP key has a scheme of its own, which is for no other token.
    if presented.scheme != token_type(token.confirmation):
        raise KeyNotShown
    if presented.scheme == DPOP:
        _assert_proved(parts, presented, token, request)
    elif token.confirmation is not None:
        _assert_certified(parts, token.confirmation, request)


def token_type(confirmation: Confirmation | None) -> str:
    """Name the type of an access token: a certificate shows itself, a DPoP key wants its own scheme (RFC 9449 section 5)."""
    return DPOP if confirmation is not None and confirmation.method == JKT else BEARER


def _assert_proved(parts: OAuthParts, presented: PresentedToken, token: Token, request: FormRequest) -> None:
    shown = dpop.shown(parts, request, presented.text)
    # Only then used up: with another key's proof, nobody has this store keep anything.
    if shown is None or shown.confirmation != token.confirmation:
        raise KeyNotShown
    shown.use_up(parts)


def _assert_certified(parts: OAuthParts, bound: Confirmation, request: FormRequest) -> None:
    certificate = client_certificate.shown(request.raw, parts.clock.now())
    if certificate is None or Confirmation(THUMBPRINT, certificate.thumbprint) != bound:
        raise KeyNotShown
