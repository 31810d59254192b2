"""Refreshing (RFC 6749 section 6).

The refresh token of a confidential client stays as it is; that of a public one is changed for another each time (RFC 9700 section
4.14.2, S30). There is no new ID token with either (OpenID Connect Core section 12.2): nobody has logged in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.oauth import wanted
from idp.oauth.grant import GatedGrant
from idp.services.refreshing import Refreshing

if TYPE_CHECKING:
    from idp.oauth.client import OAuthClient
    from idp.services.issued import Issued


class RefreshGrant(GatedGrant):
    """A new access token for a refresh token, never for more than was granted, nor than there is now (S33)."""

    GRANT_TYPE = "refresh_token"

    def issue(self, client: OAuthClient) -> Issued:
        """Have a new access token issued, if the gate is still open.

        Raises:
            InvalidRequestError: no refresh token.
            NotUsable: unknown, revoked, expired, another client's; or the user was blocked or changed (S46).
            InvalidScopeError: see `idp.oauth.wanted.scope`.
            ScopeTooWide: more than was granted, or its connector has lost all of it since.
            TargetRefused: see `wanted_audience`.
            ResourceNotGranted: another one than was granted, or the configuration names it no more.
        """
        asked = Refreshing(
            token=self.request.required("refresh_token"),
            scope=wanted.scope(self.request, client.connector, with_openid=True),
            audience=self.wanted_audience(),
            access_lifetime=client.connector.access_token_lifetime,
            scopes=client.connector.scopes,
            audiences=wanted.audiences(self.parts),
            confirmation=self.confirmation,
            rotates=client.connector.is_public,
        )
        return self.parts.grants.refresh(client.client, asked, self.request.raw.address)
