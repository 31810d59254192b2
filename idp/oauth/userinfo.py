"""Who a token is about (OpenID Connect Core section 5.3), for whoever holds a live access token of this issuer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749.endpoint import Endpoint

from idp.errors import NotUsable
from idp.oauth.errors import NO_STORE, BearerMissing, BearerRefused, NobodyBehind
from idp.oauth.id_token import ON_REQUEST
from idp.oauth.possession import assert_shown
from idp.oauth.request import form_of

if TYPE_CHECKING:
    from authlib.oauth2.rfc6749 import OAuth2Request

    from idp.oauth.endpoint import Reply
    from idp.oauth.request import FormRequest
    from idp.oauth.server import OAuthServer

_HEADERS = (("Content-Type", "application/json"), *NO_STORE)
_HEADER_ONLY = "An access token belongs in the Authorization header only."
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]+) *", re.IGNORECASE)  # RFC 6750 section 2.1


class UserinfoEndpoint(Endpoint):
    """Tells the subject, its administration and its bare name, and nothing about the owner."""

    ENDPOINT_NAME = "userinfo"
    server: OAuthServer

    def create_endpoint_response(self, request: OAuth2Request) -> Reply:
        """Answer for the token in the Authorization header.

        Raises:
            BearerMissing: there is none.
            BearerRefused: not ours, ended, or its user was blocked or changed (S46).
            NobodyBehind: a client has it on its own behalf.
            InvalidRequestError: a token in the body as well; one in the query was refused before (S36).
        """
        token = _bearer(form_of(request))
        try:
            claims = self.server.access_tokens.verify(token)
            live = self.server.parts.grants.inspect_access(claims["jti"])
            assert_shown(live.token, form_of(request))
        except NotUsable:
            raise BearerRefused from None
        if live.user is None:
            raise NobodyBehind
        facts: dict[str, object] = {"sub": live.user.entry_uuid, **{name: of(live.user) for name, of in ON_REQUEST.items()}}
        return 200, facts, [*_HEADERS]


def _bearer(request: FormRequest) -> str:
    header = request.raw.authorization
    if "access_token" in request.form:
        raise InvalidRequestError(_HEADER_ONLY)
    if header is None:
        raise BearerMissing
    found = _BEARER.fullmatch(header)
    if found is None:
        raise BearerRefused
    return found[1]
