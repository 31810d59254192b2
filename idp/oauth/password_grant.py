"""The password grant (RFC 6749 section 4.3), for connectors that list it (S28)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.oauth import wanted
from idp.oauth.grant import GatedGrant
from idp.services.issued import TokenPlan

if TYPE_CHECKING:
    from idp.oauth.client import OAuthClient
    from idp.services.issued import Issued


class PasswordGrant(GatedGrant):
    """Tokens for a koppelgebruiker's bare name and password."""

    GRANT_TYPE = "password"

    def issue(self, client: OAuthClient) -> Issued:
        """Have the password checked, last of all: what is wrong with the request itself costs no look at the directory.

        Raises:
            InvalidRequestError: no name or no password; an empty one counts as none (S50).
            InvalidScopeError: see `wanted_scope`.
            TargetRefused: see `wanted_audience`.
            UsernameHasSuffix: more than the bare name (R21).
            InvalidCredentials: wrong, unknown, blocked, locked: all alike (S29).
            Throttled: for this client and this name.
        """
        username, password = self.request.required("username"), self.request.required("password")
        plan = TokenPlan(
            scope=self.wanted_scope(client),
            audience=wanted.audience_or_default(self.request, self.parts),
            access_lifetime=client.connector.access_token_lifetime,
            refresh_lifetime=client.connector.refresh_token_lifetime,
            confirmation=self.confirmation,
        )
        user = self.parts.login.koppelgebruiker(client.client, username, password)
        return self.parts.grants.issue(client.client, user, self.request.raw.address, plan)
