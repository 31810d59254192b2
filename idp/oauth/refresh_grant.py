"""Refreshing (RFC 6749 section 6).

The refresh token stays as it is: all our clients are confidential (RFC 9700 section 4.14.2). There is no new ID token with it
(OpenID Connect Core section 12.2): nobody has logged in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.errors import GrantEnded
from idp.oauth import wanted
from idp.oauth.errors import TargetRefused
from idp.oauth.grant import GatedGrant

if TYPE_CHECKING:
    from idp.oauth.client import OAuthClient
    from idp.services.grants import Issued


class RefreshGrant(GatedGrant):
    """A new access token for a refresh token, never for more than was granted (S33)."""

    GRANT_TYPE = "refresh_token"

    def issue(self, client: OAuthClient) -> Issued:
        """Have a new access token issued, if the gate is still open.

        Raises:
            InvalidRequestError: no refresh token.
            NotUsable: unknown, revoked, expired, another client's; or the user was blocked or changed (S46).
            InvalidScopeError: see `idp.oauth.wanted.scope`.
            ScopeTooWide: more than was granted.
            TargetRefused: another resource than was granted.
        """
        token = self.request.required("refresh_token")
        self._check_audience(client, token)
        return self.parts.grants.refresh(
            client.client,
            token,
            wanted.scope(self.request, client.connector, with_openid=True),
            client.connector.access_token_lifetime,
            self.request.raw.address,
            self.confirmation,
        )

    def _check_audience(self, client: OAuthClient, token: str) -> None:
        audience = self.wanted_audience()
        if audience is None:
            return
        granted = self.parts.grants.inspect_refresh(token).token
        if granted.client_id != client.client.client_id:
            raise GrantEnded
        if audience != granted.audience:
            raise TargetRefused
