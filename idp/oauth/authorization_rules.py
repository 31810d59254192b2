"""What an authorization request must hold to, of all that may be said to the application itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError

from idp.domain.pkce import METHOD, is_challenge
from idp.oauth import wanted
from idp.oauth.authorization_response import QUERY

if TYPE_CHECKING:
    from connectors.base import Connector
    from idp.oauth.parts import OAuthParts
    from idp.oauth.request import FormRequest

RESPONSE_TYPE = "code"
PARAMETERS = (
    "response_type", "client_id", "redirect_uri", "scope", "state", "resource", "code_challenge", "code_challenge_method",
    "response_mode", "prompt", "nonce", "max_age", "login_hint", "ui_locales", "claims",
    "dpop_jkt",
)  # fmt: skip
"""All that are kept while an owner logs in and decides; of an `id_token_hint` only whom it names. Others are as if they were not
there (RFC 6749 section 3.1): of `display` and `acr_values` there is only one to choose from."""

_NOT_THIS_MODE = "The response mode is not supported, or not for this client."
_NO_CHALLENGE = "The parameter code_challenge is missing."
_NO_THUMBPRINT = "The dpop_jkt is no thumbprint of a key."
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)  # RFC 9449 section 10: base64url of a SHA-256
_NOT_THIS_CHALLENGE = f"The code challenge is none of the method {METHOD}, the only one here."


class _ResponseTypeRefused(OAuth2Error):
    """Authlib's own repeats what was sent."""

    error = "unsupported_response_type"
    description = "The response type is not supported."


class _RequestObjectRefused(OAuth2Error):
    """OpenID Connect Core section 3.1.2.6: of a client that has no keys, or fetched from somewhere."""

    def __init__(self, name: str) -> None:
        super().__init__("Request objects are not supported for this client, or not in this way.")
        self.error = f"{name}_not_supported"


def see_that_it_is_offered(request: FormRequest, connector: Connector, parts: OAuthParts) -> None:
    """Refuse what is not offered, or not to this client.

    Args:
        request: from a known client to a known address.
        connector: what the client is.
        parts: the issuer, and the day.

    Raises:
        OAuth2Error: of the RFC's kind.
    """
    if request.required("response_type") != RESPONSE_TYPE:
        raise _ResponseTypeRefused
    wanted.see_that_it_may(connector, "authorization_code", parts)
    for name in ("request", "request_uri"):
        if name in request.form:
            raise _RequestObjectRefused(name)
    if request.form.get("response_mode", QUERY) not in connector.response_modes:  # S43
        raise InvalidRequestError(_NOT_THIS_MODE)


def challenge_of(request: FormRequest, connector: Connector) -> str | None:
    """Give the code challenge (RFC 7636 section 4.3, S7); None only from a client that may leave it out and has.

    Raises:
        InvalidRequestError: missing, of another method, or none at all. Without a method it would be ``plain``.
    """
    challenge, method = request.form.get("code_challenge"), request.form.get("code_challenge_method")
    if challenge is None and method is None and connector.pkce == "optional":
        return None
    if challenge is None:
        raise InvalidRequestError(_NO_CHALLENGE)
    if method != METHOD or not is_challenge(challenge):
        raise InvalidRequestError(_NOT_THIS_CHALLENGE)
    return challenge


def jkt_of(request: FormRequest) -> str | None:
    """Give the thumbprint of the DPoP key that the code is to be for (RFC 9449 section 10, S17), or None for any or none.

    Raises:
        InvalidRequestError: it is none: a code that is bound to nothing, as its client wanted it bound, is no help to it.
    """
    jkt = request.form.get("dpop_jkt")
    if jkt is not None and not _THUMBPRINT.fullmatch(jkt):
        raise InvalidRequestError(_NO_THUMBPRINT)
    return jkt
