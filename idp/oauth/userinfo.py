"""Who a token is about (OpenID Connect Core section 5.3), for whoever holds a live access token of this issuer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749.endpoint import Endpoint

from idp.errors import NotUsable
from idp.oauth.dpop import NonceWanted
from idp.oauth.dpop_proof import ProofRefused
from idp.oauth.endpoint import JSON
from idp.oauth.id_token import ON_REQUEST
from idp.oauth.possession import assert_shown
from idp.oauth.presented_token import AccessRefused, NobodyBehind, presented_token
from idp.oauth.request import form_of

if TYPE_CHECKING:
    from authlib.oauth2.rfc6749 import OAuth2Request

    from idp.oauth.endpoint import Reply
    from idp.oauth.presented_token import PresentedToken
    from idp.oauth.request import FormRequest
    from idp.oauth.server import OAuthServer
    from idp.services.issued import Live


class UserinfoEndpoint(Endpoint):
    """Tells the subject, its administration and its bare name, and nothing about the owner."""

    ENDPOINT_NAME = "userinfo"
    server: OAuthServer

    def create_endpoint_response(self, request: OAuth2Request) -> Reply:
        """Answer for the token in the Authorization header.

        Raises:
            AccessMissing: there is none.
            AccessRefused: not ours, ended, its key not shown, or its user was blocked or changed (S15, S46).
            NobodyBehind: a client has it on its own behalf.
            InvalidRequestError: see `presented_token`.
        """
        form, issuer = form_of(request), self.server.parts.issuer
        presented = presented_token(form, issuer)
        try:
            live = self._live(presented, form)
        except NotUsable:
            raise AccessRefused(issuer, presented.scheme) from None
        except (ProofRefused, NonceWanted) as error:
            raise AccessRefused(issuer, presented.scheme, error) from None
        if live.user is None:
            raise NobodyBehind(issuer, presented.scheme)
        facts: dict[str, object] = {"sub": live.user.entry_uuid, **{name: of(live.user) for name, of in ON_REQUEST.items()}}
        return 200, facts, [*JSON]

    def _live(self, presented: PresentedToken, request: FormRequest) -> Live:
        claims = self.server.access_tokens.verify(presented.text)
        live = self.server.parts.grants.inspect_access(claims["jti"])
        assert_shown(self.server.parts, presented, live.token, request)
        return live
