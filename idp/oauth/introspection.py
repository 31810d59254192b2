"""Introspection (RFC 7662): what a client's own token, or one that is for it, is worth at this moment (S37, S46)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.errors import NotUsable
from idp.oauth.client import PROVING_METHODS
from idp.oauth.endpoint import JSON, ClientEndpoint
from idp.oauth.possession import token_type

if TYPE_CHECKING:
    from idp.domain.client import Client
    from idp.domain.grant import Token
    from idp.oauth.client import OAuthClient
    from idp.oauth.endpoint import Reply
    from idp.services.issued import Live

_INACTIVE: dict[str, object] = {"active": False}


class IntrospectionEndpoint(ClientEndpoint):
    """Tells whether a token is active; a JWT that still verifies but was revoked is not."""

    ENDPOINT_NAME = "introspection"
    CLIENT_AUTH_METHODS = PROVING_METHODS  # RFC 7662 section 2.1: not just anybody may ask

    def about(self, client: OAuthClient, token: str) -> Reply:
        """Tell; unknown, ended, changed and another client's are all just inactive (RFC 7662 section 2.2)."""
        try:
            return 200, self._facts(client, token), [*JSON]
        except NotUsable:
            return 200, _INACTIVE, [*JSON]

    def _facts(self, client: OAuthClient, token: str) -> dict[str, object]:
        jti = self.jti_of(token)
        grants = self.parts.grants
        live = grants.inspect_access(jti) if jti else grants.inspect_refresh(token)
        if not _may_be_told(client.client, live.token):
            return _INACTIVE
        facts = self._described(live)
        if jti:
            facts |= {"token_type": token_type(live.token.confirmation), "jti": jti}
        if live.token.confirmation is not None:
            facts["cnf"] = live.token.confirmation.claim()
        return facts

    def _described(self, live: Live) -> dict[str, object]:
        facts = {
            "active": True,
            "iss": self.parts.issuer.url,
            "sub": live.grant.sub,
            "aud": live.token.audience,
            "client_id": live.token.client_id,
            "scope": live.token.scope,
            "iat": int(live.token.issued_at.timestamp()),
            "exp": int(live.token.expires_at.timestamp()),
        }
        if live.user is not None:
            facts |= {"username": live.user.uid, "administratie": live.user.administratie}
        return facts


def _may_be_told(client: Client, token: Token) -> bool:
    """Tell whether a token is the client's own, or was presented to it: a refresh token is nobody's but its client's."""
    return token.client_id == client.client_id or (token.kind == "access" and token.audience in client.audiences)
