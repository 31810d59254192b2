"""What introspection and revocation share (RFC 7662, RFC 7009): the client proves itself, and a token is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import TokenEndpoint

from idp.errors import TokenInvalid
from idp.oauth.errors import NO_STORE
from idp.oauth.request import form_of

if TYPE_CHECKING:
    from authlib.oauth2.rfc6749 import OAuth2Request

    from idp.oauth.client import OAuthClient
    from idp.oauth.parts import OAuthParts
    from idp.oauth.server import OAuthServer

JSON = (("Content-Type", "application/json"), *NO_STORE)
"""Of every answer in JSON that is about somebody's access."""

Reply = tuple[int, dict[str, object], list[tuple[str, str]]]


class ClientEndpoint(TokenEndpoint):
    """An endpoint for authenticated clients that is about one token.

    `token_type_hint` is not read: a JWT and a refresh token can't be mistaken for each other, and a hint is no more than
    that (RFC 7009 section 2.1).
    """

    server: OAuthServer

    @property
    def parts(self) -> OAuthParts:
        """What the endpoint uses."""
        return self.server.parts

    def create_endpoint_response(self, request: OAuth2Request) -> Reply:
        """Authenticate the client first, whatever the token.

        Raises:
            ClientRefused: not authenticated.
            InvalidRequestError: no token.
            Throttled: the client's own budget is used up.
        """
        form = form_of(request)
        client = self.server.authenticate_client(form, self.CLIENT_AUTH_METHODS, self.ENDPOINT_NAME or "")
        return self.about(client, form.required("token"))

    def about(self, client: OAuthClient, token: str) -> Reply:
        """Answer about a token.

        Args:
            client: authenticated.
            token: as sent; anything.
        """
        raise NotImplementedError

    def jti_of(self, token: str) -> str | None:
        """Give the `jti` of an access token of ours, or None for anything else: a refresh token, or nothing that we know."""
        try:
            return str(self.server.access_tokens.verify(token)["jti"])
        except TokenInvalid:
            return None
