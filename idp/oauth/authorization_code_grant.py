"""Redeeming an authorization code (RFC 6749 section 4.1.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import InvalidGrantError

from idp.errors import NotUsable
from idp.oauth.grant import GatedGrant
from idp.services.authorization import Presented

if TYPE_CHECKING:
    from idp.oauth.client import OAuthClient
    from idp.services.issued import Issued

_NOT_VALID = "The authorization code is not valid, or not any more."


class AuthorizationCodeGrant(GatedGrant):
    """Tokens for a code that an owner's browser has brought."""

    GRANT_TYPE = "authorization_code"

    def issue(self, client: OAuthClient) -> Issued:
        """Have the code redeemed: once, by who asked for it, for what its owner has allowed.

        Raises:
            InvalidRequestError: no code, or no redirect_uri.
            InvalidGrantError: unknown, used, expired, bound to something else; or the user was blocked or changed (S46).
            TargetRefused: see `wanted_audience`.
            ResourceNotGranted: one of ours, but another one than was allowed.
        """
        presented = Presented(
            code=self.request.required("code"),
            redirect_uri=self.request.required("redirect_uri"),
            verifier=self.request.form.get("code_verifier"),
            audience=self.wanted_audience(),
            confirmation=self.confirmation,
        )
        connector, network = client.connector, self.request.raw.address
        access, refresh = connector.access_token_lifetime, connector.refresh_token_lifetime
        try:
            return self.parts.authorization.redeem(client.client, presented, network, access, refresh)
        except NotUsable as exc:
            raise InvalidGrantError(_NOT_VALID) from exc
