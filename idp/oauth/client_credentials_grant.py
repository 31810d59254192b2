"""A client on its own behalf (RFC 6749 section 4.4): no user, no administration, no refresh token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.oauth import wanted
from idp.oauth.grant import GatedGrant
from idp.services.issued import TokenPlan

if TYPE_CHECKING:
    from idp.oauth.client import OAuthClient
    from idp.services.issued import Issued


class ClientCredentialsGrant(GatedGrant):
    """An access token whose subject is the client itself (RFC 9068 section 2.2)."""

    GRANT_TYPE = "client_credentials"

    def issue(self, client: OAuthClient) -> Issued:
        """Have it issued; that the client has proved itself is all that it takes.

        Raises:
            ClientDisabled: a moment ago.
            InvalidScopeError: see `wanted_scope`.
            TargetRefused: see `wanted_audience`.
        """
        plan = TokenPlan(
            scope=self.wanted_scope(client),
            audience=wanted.audience_or_default(self.request, self.parts),
            access_lifetime=client.connector.access_token_lifetime,
            confirmation=self.confirmation,
        )
        return self.parts.grants.issue_to_client(client.client, self.request.raw.address, plan)
