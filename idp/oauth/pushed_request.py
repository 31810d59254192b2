"""Pushed authorization requests (RFC 9126): a client brings its request itself, proves who it is, and gets a name for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749.endpoint import Endpoint

from idp.oauth import dpop
from idp.oauth.authorization import AuthorizationEndpoint
from idp.oauth.client import METHODS
from idp.oauth.endpoint import JSON
from idp.oauth.request import form_of

if TYPE_CHECKING:
    from authlib.oauth2.rfc6749 import OAuth2Request

    from idp.oauth.endpoint import Reply
    from idp.oauth.server import OAuthServer

_PUSHED_TWICE = "The parameter request_uri has no place in a request that is being pushed."


class PushedRequestEndpoint(Endpoint):
    """Judges the whole request at once, and keeps it for the owner's browser (S12)."""

    ENDPOINT_NAME = "pushed_authorization_request"
    server: OAuthServer

    def create_endpoint_response(self, request: OAuth2Request) -> Reply:
        """Authenticate the client first, whatever the request (section 2.1).

        Raises:
            ClientRefused: not authenticated.
            ProofRefused, NonceWanted: see `idp.oauth.dpop`.
            OAuth2Error: of the kind that an owner's browser would have brought back (section 2.3).
            Throttled: the client's own budget is used up, or that of its network where it proves nothing.
        """
        form, parts = form_of(request), self.server.parts
        client = self.server.authenticate_client(form, METHODS, self.ENDPOINT_NAME)
        self.server.count_row(client, form.raw.network)
        if "request_uri" in form.form:
            raise InvalidRequestError(_PUSHED_TWICE)
        shown = dpop.shown(parts, form)
        confirmation = shown.use_up(parts) if shown else None
        pushed = AuthorizationEndpoint(parts).push(form, client, confirmation)
        body = {"request_uri": pushed.request_uri, "expires_in": int(pushed.lifetime.total_seconds())}
        return 201, body, [*JSON]
