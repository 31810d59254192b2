"""What every grant does, in one order, so that none can leave a step out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import BaseGrant, TokenEndpointMixin

from idp.oauth import possession, wanted
from idp.oauth.client import METHODS

if TYPE_CHECKING:
    from idp.domain.grant import Confirmation
    from idp.oauth.client import OAuthClient
    from idp.oauth.endpoint import Reply
    from idp.oauth.parts import OAuthParts
    from idp.oauth.request import FormRequest
    from idp.oauth.server import OAuthServer
    from idp.services.issued import Issued


class GatedGrant(TokenEndpointMixin, BaseGrant):
    """A grant of the token endpoint.

    A new one says only how it comes by an `Issued`, and of those there is one source: `GrantService`, behind the gate.
    """

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    request: FormRequest
    server: OAuthServer
    confirmation: Confirmation | None = None
    """The key that the request shows, once its client is known."""

    @property
    def parts(self) -> OAuthParts:
        """What the grant uses."""
        return self.server.parts

    def issue(self, client: OAuthClient) -> Issued:
        """Check what this grant is about, and have tokens issued.

        Args:
            client: authenticated, and allowed to use this grant.
        """
        raise NotImplementedError

    def validate_token_request(self) -> None:
        """Authenticate the client, and see that it may use this grant (RFC 6749 section 5.2).

        Raises:
            ClientRefused: not authenticated.
            UnauthorizedClientError: its connector does not list this grant, or its time is over.
            Throttled: the client's own budget is used up.
            InvalidRequestError, ProofRefused, NonceWanted: see `possession.shown_for_token`.
        """
        client = self.server.authenticate_client(self.request, METHODS)
        self.request.oauth_client = client
        wanted.see_that_it_may(client.connector, self.GRANT_TYPE, self.parts)
        self.confirmation = possession.shown_for_token(self.parts, self.request)

    def create_token_response(self) -> Reply:  # type: ignore[override]  # the stubs have the body as text; it is a dict
        """Issue, sign and answer (RFC 6749 section 5.1)."""
        assert self.request.oauth_client is not None  # noqa: S101  # Authlib calls validate_token_request first
        issued = self.issue(self.request.oauth_client)
        return 200, self.server.token_body(issued), [*self.TOKEN_RESPONSE_HEADER]

    def wanted_scope(self, client: OAuthClient) -> str:
        """Give the scopes asked for, or the usual ones; see `idp.oauth.wanted.scope_or_default`."""
        return wanted.scope_or_default(self.request, client.connector)

    def wanted_audience(self) -> str | None:
        """Give the resource asked for; see `idp.oauth.wanted.audience`."""
        return wanted.audience(self.request, self.parts)
