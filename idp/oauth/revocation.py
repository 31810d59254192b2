"""Revocation (RFC 7009): a client ends its own token. Not behind the gate: a blocked user's token can still be revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.oauth.client import METHODS
from idp.oauth.endpoint import JSON, ClientEndpoint

if TYPE_CHECKING:
    from idp.oauth.client import OAuthClient
    from idp.oauth.endpoint import Reply


class RevocationEndpoint(ClientEndpoint):
    """Ends an access token, or a refresh token with its whole grant; anything else is silence (section 2.2)."""

    ENDPOINT_NAME = "revocation"
    CLIENT_AUTH_METHODS = METHODS

    def about(self, client: OAuthClient, token: str) -> Reply:
        """End it, if it is this client's (S37)."""
        jti = self.jti_of(token)
        if jti:
            self.parts.grants.revoke_access(client.client, jti)
        else:
            self.parts.grants.revoke_refresh(client.client, token)
        return 200, {}, [*JSON]
