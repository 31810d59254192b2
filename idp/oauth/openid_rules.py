"""What OpenID Connect adds to an authorization request (Core section 3.1.2.1), judged wherever the parameters came from."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError

from idp.errors import TokenInvalid
from idp.oauth.claims_request import both
from idp.oauth.id_token import ACR

if TYPE_CHECKING:
    from idp.oauth.claims_request import ClaimsRequest
    from idp.oauth.id_token import IdTokens
    from idp.oauth.request import FormRequest

_SECONDS = re.compile(r"[0-9]{1,10}")
_PROMPTS = {"none", "login", "consent", "select_account"}
_NOT_THESE_PROMPTS = "The prompt is unknown, or none comes with others."
_NOT_THIS_AGE = "The parameter max_age is no number of seconds."
_NOT_THIS_HINT = "The parameter id_token_hint is no ID token that was made here for this client."


class _NotSoStrong(OAuth2Error):
    """OpenID Connect Core Error Code unmet_authentication_requirements 1.0."""

    error = "unmet_authentication_requirements"
    description = "Nobody can log in here in the way that is asked for."


def prompt_of(request: FormRequest) -> frozenset[str]:
    """Give what is said about asking. Raises `InvalidRequestError`."""
    said = frozenset(request.form.get("prompt", "").split(" ")) - {""}
    if not said <= _PROMPTS or ("none" in said and len(said) > 1):
        raise InvalidRequestError(_NOT_THESE_PROMPTS)
    return said


def max_age_of(request: FormRequest) -> timedelta | None:
    """Give how long ago an owner may have logged in. Raises `InvalidRequestError`."""
    said = request.form.get("max_age")
    if said is None:
        return None
    if not _SECONDS.fullmatch(said):
        raise InvalidRequestError(_NOT_THIS_AGE)
    return timedelta(seconds=int(said))


def subjects_of(request: FormRequest, claims: ClaimsRequest, id_tokens: IdTokens, client_id: str) -> frozenset[str] | None:
    """Give whom the answer may be about (sections 3.1.2.1 and 3.1.2.2), or None when that was not said.

    Args:
        request: with or without a hint.
        claims: what was read of it.
        id_tokens: of the issuer.
        client_id: whose request it is.

    Raises:
        InvalidRequestError: the hint is not ours, or another client's.
    """
    token = request.form.get("id_token_hint")
    if token is None:
        return claims.subjects
    try:
        hint = id_tokens.read_hint(token)
    except TokenInvalid:
        raise InvalidRequestError(_NOT_THIS_HINT) from None
    if hint.client_id != client_id:
        raise InvalidRequestError(_NOT_THIS_HINT)
    return both(frozenset((hint.subject,)), claims.subjects)


def see_that_it_can_be_met(claims: ClaimsRequest) -> None:
    """Refuse what no login here can be (section 5.5.1.1); `acr_values` only says what would be liked, and asks for nothing.

    Raises:
        OAuth2Error: ``unmet_authentication_requirements``.
    """
    if claims.acrs is not None and ACR not in claims.acrs:
        raise _NotSoStrong
