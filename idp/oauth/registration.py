"""Dynamic client registration (RFC 7591), for whoever brings an initial access token. No management of it (RFC 7592)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc7591 import ClientRegistrationEndpoint, InvalidClientMetadataError

from idp.errors import RegistrationTokenRefused
from idp.oauth.authorization_code_grant import AuthorizationCodeGrant
from idp.oauth.authorization_rules import RESPONSE_TYPE
from idp.oauth.client_metadata import ClientMetadata
from idp.oauth.initial_access import InitialAccessRefused, initial_access_token
from idp.oauth.request import refuse_query
from idp.oauth.strict_json import loads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.domain.registration_token import RegistrationToken
    from idp.oauth.http import RawRequest
    from idp.oauth.parts import OAuthParts
    from idp.oauth.server import OAuthServer
    from idp.services.registration import Registered, Registration, Wish

REGISTRATION_PATH = "/register"
"""Below an issuer's prefix."""

JSON = "application/json"

_NO_BODY = "The request body is too large or could not be read."
_NOT_JSON = f"The content type must be {JSON}."
_NO_OBJECT = "The request body is no JSON object in UTF-8, or has a member twice."


class RegistrationRequest(OAuth2Request):
    """A request whose body is read once its token was."""

    credential: RegistrationToken

    def __init__(self, raw: RawRequest, uri: str) -> None:
        """Keep what came.

        Args:
            raw: the request as it came.
            uri: of the endpoint.
        """
        super().__init__(raw.method, uri)
        self.raw = raw
        self.wish: Wish


class RegistrationEndpoint(ClientRegistrationEndpoint):
    """Authlib's order of steps, with our judgement of what an application says of itself."""

    server: OAuthServer

    @property
    def parts(self) -> OAuthParts:
        """What the endpoint uses."""
        return self.server.parts

    @property
    def registration(self) -> Registration:
        """The service; without it, this endpoint is not there."""
        assert self.parts.registration is not None  # noqa: S101  # or nobody would have registered the endpoint
        return self.parts.registration

    def create_endpoint_request(self, request: RegistrationRequest) -> RegistrationRequest:
        """Take the request as it came."""
        return request

    def authenticate_token(self, request: RegistrationRequest) -> RegistrationToken:
        """Find the initial access token (RFC 7591 section 3); nothing of the body is read before.

        Raises:
            InitialAccessMissing: there is none.
            InitialAccessRefused: it is good no more, or not at this issuer.
        """
        refuse_query(request.raw)
        presented = initial_access_token(request.raw)
        try:
            token = self.registration.token(presented)
        except RegistrationTokenRefused:
            raise InitialAccessRefused from None
        connector = self.parts.connectors.get(token.connector)
        if connector is None or not self.parts.issuer.serves(connector):
            raise InitialAccessRefused
        return token

    def extract_client_metadata(self, request: RegistrationRequest) -> dict[str, object]:
        """Judge what the application says of itself, and give what becomes of it. Raises what `ClientMetadata.wish` does."""
        today = self.parts.clock.now().date()
        connector = self.parts.connectors[request.credential.connector]
        request.wish = ClientMetadata(_members(request.raw), connector, today).wish()
        return _described(request.wish, dpop_bound=request.wish.narrowed.dpop_bound or connector.dpop_bound_tokens)

    def generate_client_info(self, request: RegistrationRequest) -> dict[str, object]:
        """Give nothing: identifier and secret come into being in the transaction that keeps them."""
        del request
        return {}

    def save_client(
        self, client_info: Mapping[str, object], client_metadata: Mapping[str, object], request: RegistrationRequest
    ) -> Registered:
        """Register. Raises `InitialAccessRefused`: somebody else has used the token up meanwhile."""
        del client_info, client_metadata
        try:
            return self.registration.register(request.credential, request.wish)
        except RegistrationTokenRefused:
            raise InitialAccessRefused from None

    def generate_client_registration_info(self, client: Registered, request: RegistrationRequest) -> dict[str, object]:
        """Say who the client is now (RFC 7591 section 3.2.1); its secret is told this once."""
        del request
        registered = client.client
        facts: dict[str, object] = {
            "client_id": registered.client_id,
            "client_id_issued_at": int(registered.created_at.timestamp()),
            "client_name": registered.name,
        }
        if client.secret is not None:
            facts |= {"client_secret": client.secret, "client_secret_expires_at": 0}
        return facts


def _members(raw: RawRequest) -> Mapping[str, object]:
    if raw.body is None:
        raise InvalidRequestError(_NO_BODY)
    if raw.content_type.partition(";")[0].strip().lower() != JSON:
        raise InvalidRequestError(_NOT_JSON)
    try:
        found = loads(raw.body)
    except ValueError:  # its message would repeat what was sent
        found = None
    if not isinstance(found, dict):
        raise InvalidClientMetadataError(_NO_OBJECT)
    return found


def _described(wish: Wish, *, dpop_bound: bool) -> dict[str, object]:
    narrowed = wish.narrowed
    facts: dict[str, object] = {
        "redirect_uris": list(wish.redirect_uris),
        "token_endpoint_auth_method": narrowed.auth_method,
        "grant_types": list(narrowed.grants),
        "response_types": [RESPONSE_TYPE] if AuthorizationCodeGrant.GRANT_TYPE in narrowed.grants else [],
        "scope": " ".join(narrowed.scopes),
    }
    if dpop_bound:
        facts["dpop_bound_access_tokens"] = True
    if wish.keys:
        facts["jwks"] = {"keys": [{**key.members, "kid": key.kid} for key in wish.keys]}
    return facts
