"""What a page of another origin may read of the endpoints for programs: a public client's own page, in its user's browser.

No cookie means anything at these endpoints, so this protects nothing of ours. It keeps other pages from using what they found in
their visitors' browsers, as the redirect address keeps them from being sent it (WHATWG Fetch, "CORS protocol").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Response, request

from idp.domain.redirect_uri import is_origin_of
from idp.errors import TokenInvalid
from idp.oauth.dpop_nonce import HEADER
from idp.oauth.kind import connector_of
from idp.oauth.request import read_form

if TYPE_CHECKING:
    from idp.oauth.http import RawRequest
    from idp.oauth.server import OAuthServer

_PREFLIGHT = {
    # Before a browser sends what no form could. It names no client, and is told nothing that the metadata does not tell.
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, DPoP",
    "Access-Control-Max-Age": "600",
}
_READABLE = f"Retry-After, WWW-Authenticate, {HEADER}"


@dataclass(frozen=True, slots=True)
class CrossOrigin:
    """Knows whose page may read which answer."""

    oauth: OAuthServer

    @staticmethod
    def preflight() -> Response | None:
        """Answer a browser that asks whether it may ask; None for any other request."""
        if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
            return None
        return Response(status=204, headers=_PREFLIGHT)

    def let_read(self, raw: RawRequest, response: Response) -> None:
        """Let the page that asks read an answer, errors too, if the request's client is public and has an address there.

        Args:
            raw: the request.
            response: to it.
        """
        origin = request.headers.get("Origin")
        if origin is None:
            return
        response.vary.add("Origin")
        client_id = self._client_id(raw)
        if client_id is not None and self._is_own_page(client_id, origin):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = _READABLE

    def _is_own_page(self, client_id: str, origin: str) -> bool:
        client = self.oauth.parts.clients.find(client_id)
        connector = connector_of(self.oauth.parts, client) if client else None
        return client is not None and connector is not None and connector.is_public and is_origin_of(origin, client.redirect_uris)

    def _client_id(self, raw: RawRequest) -> str | None:
        """Give the client that a request names, in its form or by its access token."""
        try:
            if raw.authorization is not None:
                return str(self.oauth.access_tokens.verify(raw.authorization.rpartition(" ")[2])["client_id"])
            return read_form(raw, self.oauth.parts.issuer.url).form.get("client_id")
        except (TokenInvalid, InvalidRequestError):
            return None
