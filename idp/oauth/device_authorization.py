"""The device authorization endpoint (RFC 8628 section 3.1): a device asks for the code that it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749.endpoint import Endpoint

from connectors.base import DEVICE_CODE
from idp.oauth import wanted
from idp.oauth.client import METHODS
from idp.oauth.endpoint import JSON
from idp.oauth.request import form_of
from idp.services.device import INTERVAL

if TYPE_CHECKING:
    from authlib.oauth2.rfc6749 import OAuth2Request

    from idp.oauth.endpoint import Reply
    from idp.oauth.server import OAuthServer

DEVICE_AUTHORIZATION_PATH = "/device"
"""Below an issuer's prefix."""

VERIFICATION_PATH = "/device"
"""Below the origin: people type it from a screen. `verification_uri_complete` is left out: it has the code in an address."""


class DeviceAuthorizationEndpoint(Endpoint):
    """Makes a device code, and a user code for whoever sits before it."""

    ENDPOINT_NAME = "device_authorization"
    server: OAuthServer

    def create_endpoint_response(self, request: OAuth2Request) -> Reply:
        """Answer for an authenticated client.

        Raises:
            ClientRefused: not authenticated.
            UnauthorizedClientError: its connector does not list the grant.
            InvalidScopeError: see `idp.oauth.wanted.scope`.
            TargetRefused: see `idp.oauth.wanted.audience`.
            Throttled: the client's own budget is used up, or that of its network where it proves nothing.
        """
        form, parts = form_of(request), self.server.parts
        client = self.server.authenticate_client(form, METHODS)
        self.server.count_row(client, form.raw.network)
        wanted.see_that_it_may(client.connector, DEVICE_CODE, parts)
        scope, audience = wanted.scope_or_default(form, client.connector), wanted.audience_or_default(form, parts)
        started = parts.devices.start(client.client, scope, audience)
        body: dict[str, object] = {
            "device_code": started.device_code,
            "user_code": started.user_code,
            "verification_uri": parts.issuer.origin + VERIFICATION_PATH,
            "expires_in": int(started.lifetime.total_seconds()),
            "interval": int(INTERVAL.total_seconds()),
        }
        return 200, body, [*JSON]
