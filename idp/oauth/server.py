"""The authorization server: Authlib's dispatch over our grants and endpoints, with our client authentication and answers."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog
from authlib.oauth2 import AuthorizationServer, OAuth2Error

from connectors.base import CLASSIC, OPENID
from idp.errors import IdpError
from idp.oauth import client as client_authentication
from idp.oauth.access_token import AccessTokens
from idp.oauth.authorization_code_grant import AuthorizationCodeGrant
from idp.oauth.client_credentials_grant import ClientCredentialsGrant
from idp.oauth.device_authorization import DEVICE_AUTHORIZATION_PATH, DeviceAuthorizationEndpoint
from idp.oauth.device_grant import DeviceGrant
from idp.oauth.dpop_nonce import HEADER, DPoPNonces
from idp.oauth.errors import MethodRefused, UnsupportedGrantType, translated
from idp.oauth.grant import GatedGrant
from idp.oauth.http import Answer
from idp.oauth.id_token import IdTokens
from idp.oauth.introspection import IntrospectionEndpoint
from idp.oauth.password_grant import PasswordGrant
from idp.oauth.possession import token_type
from idp.oauth.pushed_request import PushedRequestEndpoint
from idp.oauth.refresh_grant import RefreshGrant
from idp.oauth.registration import REGISTRATION_PATH, RegistrationEndpoint, RegistrationRequest
from idp.oauth.request import form_of, read_form, read_nothing
from idp.oauth.revocation import RevocationEndpoint
from idp.oauth.userinfo import UserinfoEndpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from authlib.oauth2.rfc6749 import BaseGrant, OAuth2Request

    from idp.oauth.client import OAuthClient
    from idp.oauth.http import RawRequest
    from idp.oauth.parts import OAuthParts
    from idp.oauth.request import FormRequest
    from idp.services.issued import Issued

TOKEN_PATH = "/token"  # noqa: S105  # a path
INTROSPECTION_PATH = "/introspect"
REVOCATION_PATH = "/revoke"
USERINFO_PATH = "/userinfo"
PUSHED_REQUEST_PATH = "/par"
"""Below an issuer's prefix."""


class OAuthServer(AuthorizationServer):
    """One issuer. Each public method takes a request as it came and always gives an answer."""

    def __init__(self, parts: OAuthParts) -> None:
        """Register what this issuer can do; the metadata tells no more than that.

        Args:
            parts: what grants and endpoints use.
        """
        super().__init__()
        self._grants: list[type[GatedGrant]] = []
        _silence_authlib()
        self.parts = parts
        self.access_tokens = AccessTokens(parts.keys, parts.issuer, parts.clock)
        self.id_tokens = IdTokens(parts.keys, parts.issuer)
        self.register_grant(AuthorizationCodeGrant)
        if parts.issuer.id == CLASSIC:  # FAPI 2.0 section 5.3.2.1 (S28); nobody acts for itself at the strict one
            self.register_grant(ClientCredentialsGrant)
            self.register_grant(DeviceGrant)
            self.register_endpoint(DeviceAuthorizationEndpoint)
            self.register_grant(PasswordGrant)
        self.register_grant(RefreshGrant)
        self.register_endpoint(IntrospectionEndpoint)
        self.register_endpoint(RevocationEndpoint)
        self.register_endpoint(UserinfoEndpoint)
        self.register_endpoint(PushedRequestEndpoint)
        if parts.registration is not None:
            self.register_endpoint(RegistrationEndpoint)  # type: ignore[arg-type]  # the stubs know one base class, Authlib none

    @property
    def grant_types(self) -> tuple[str, ...]:
        """The registered grants."""
        return tuple(str(grant.GRANT_TYPE) for grant in self._grants)

    def token(self, raw: RawRequest, uri: str | None = None) -> Answer:
        """Answer `POST /token` (RFC 6749 section 3.2).

        Args:
            raw: the request.
            uri: where it was sent to, if that is another address than the metadata tells.
        """
        return self._answered(raw, ("POST",), lambda: self._token(read_form(raw, uri or self._uri(TOKEN_PATH))))

    def introspect(self, raw: RawRequest) -> Answer:
        """Answer `POST /introspect` (RFC 7662 section 2)."""
        return self._form(raw, INTROSPECTION_PATH, IntrospectionEndpoint.ENDPOINT_NAME)

    def revoke(self, raw: RawRequest) -> Answer:
        """Answer `POST /revoke` (RFC 7009 section 2)."""
        return self._form(raw, REVOCATION_PATH, RevocationEndpoint.ENDPOINT_NAME)

    def device(self, raw: RawRequest) -> Answer:
        """Answer `POST /device` (RFC 8628 section 3.1)."""
        return self._form(raw, DEVICE_AUTHORIZATION_PATH, DeviceAuthorizationEndpoint.ENDPOINT_NAME)

    def userinfo(self, raw: RawRequest) -> Answer:
        """Answer `GET` and `POST /userinfo` (OpenID Connect Core section 5.3.1)."""
        return self._answered(
            raw, ("GET", "POST"), lambda: self._endpoint("userinfo", read_nothing(raw, self._uri(USERINFO_PATH)))
        )

    def push(self, raw: RawRequest) -> Answer:
        """Answer `POST /par` (RFC 9126 section 2)."""
        return self._form(raw, PUSHED_REQUEST_PATH, PushedRequestEndpoint.ENDPOINT_NAME)

    def register(self, raw: RawRequest) -> Answer:
        """Answer `POST /register` (RFC 7591 section 3)."""

        def respond() -> Answer:
            self.parts.limits.hit("registration-address", raw.network)
            return self._endpoint(RegistrationEndpoint.ENDPOINT_NAME, RegistrationRequest(raw, self._uri(REGISTRATION_PATH)))

        return self._answered(raw, ("POST",), respond)

    def token_body(self, issued: Issued) -> dict[str, object]:
        """Sign, and say what was issued (RFC 6749 section 5.1, OpenID Connect Core section 3.1.3.3)."""
        access_token = self.access_tokens.sign(issued)
        body: dict[str, object] = {
            "access_token": access_token,
            "token_type": token_type(issued.confirmation),
            "expires_in": int((issued.expires_at - issued.issued_at).total_seconds()),
            "scope": issued.scope,
        }
        if issued.refresh_token is not None:
            body["refresh_token"] = issued.refresh_token
        if issued.authentication is not None and OPENID in issued.scope.split():
            body["id_token"] = self.id_tokens.sign(issued, issued.authentication, access_token)
        return body

    # -- what Authlib asks of a framework ------------------------------------------------------------------------------

    def register_grant(
        self, grant_cls: type[BaseGrant], extensions: Collection[Callable[[BaseGrant], None]] | None = None
    ) -> None:
        """Register a grant. Raises `TypeError` for one that does not pass the gate."""
        if not issubclass(grant_cls, GatedGrant):
            message = f"{grant_cls.__name__} is no GatedGrant"
            raise TypeError(message)
        super().register_grant(grant_cls, extensions)
        self._grants.append(grant_cls)

    def authenticate_client(self, request: OAuth2Request, methods: Collection[str], endpoint: str = "token") -> OAuthClient:
        """Authenticate a client, and count its request; see `idp.oauth.client.authenticate`.

        Authlib's own would try one method after another.

        Raises:
            ClientRefused: not authenticated.
            InvalidRequestError: more than one method.
            Throttled: too many failures, or the client's own budget is used up.
        """
        del endpoint
        form = form_of(request)
        client = client_authentication.authenticate(self.parts, form, methods)
        # Whose limit is reached stands in the log only then: before, it may be anything that somebody has typed there.
        structlog.contextvars.bind_contextvars(client_id=client.get_client_id())
        # Only after the client has proved itself: client_ids are public, no stranger may spend a bank's budget.
        self.parts.limits.hit("token-client", *client.counted_by(form.raw.network))
        return client

    def count_row(self, client: OAuthClient, network: str) -> None:
        """Count what a request adds to the database, by network, where its client proves nothing: everybody knows its name.

        Raises:
            Throttled: the network's budget is used up.
        """
        if client.connector.is_public:
            self.parts.limits.hit("authorize-address", network)

    def create_oauth2_request(self, request: OAuth2Request) -> FormRequest:
        """Take the request as it was read once."""
        return form_of(request)

    def get_token_grant(self, request: OAuth2Request) -> BaseGrant:
        """Find the grant. Raises `InvalidRequestError` without a grant type, `UnsupportedGrantType` for another one."""
        wanted = form_of(request).required("grant_type")
        if wanted not in self.grant_types:
            raise UnsupportedGrantType
        return super().get_token_grant(request)

    def handle_response(
        self,
        status: int,
        body: Mapping[str, object],
        headers: Collection[tuple[str, str]],  # type: ignore[override]  # the stubs say a mapping; it is a list of pairs
    ) -> Answer:
        """Make an answer of what a grant or an endpoint gave."""
        return Answer(status, body, tuple(headers))

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Tell nobody: the services audit."""

    # -- ---------------------------------------------------------------------------------------------------------------

    def _token(self, request: FormRequest) -> Answer:
        answer: object = self.create_token_response(request)
        assert isinstance(answer, Answer)  # noqa: S101  # Authlib gives back what handle_response made
        return answer

    def _form(self, raw: RawRequest, path: str, name: str) -> Answer:
        return self._answered(raw, ("POST",), lambda: self._endpoint(name, read_form(raw, self._uri(path))))

    def _endpoint(self, name: str, request: OAuth2Request) -> Answer:
        answer: object = self.create_endpoint_response(name, request)  # type: ignore[no-untyped-call]  # untyped in the stubs
        assert isinstance(answer, Answer)  # noqa: S101  # as above
        return answer

    def _answered(self, raw: RawRequest, methods: tuple[str, ...], respond: Callable[[], Answer]) -> Answer:
        answer = self._answer(raw, methods, respond)
        if not raw.dpop:
            return answer
        # RFC 9449 section 8.2: whatever the answer, the next proof can have the newest nonce.
        nonce = DPoPNonces(self.parts.digests, self.parts.clock).current()
        return replace(answer, headers=(*answer.headers, (HEADER, nonce)))

    def _answer(self, raw: RawRequest, methods: tuple[str, ...], respond: Callable[[], Answer]) -> Answer:
        try:
            if raw.method not in methods:
                raise MethodRefused(methods)
            self.parts.limits.hit("token-address", raw.network)
            return respond()
        except OAuth2Error as error:
            return self.handle_response(*error())
        except IdpError as error:
            return self.handle_response(*translated(error)())
        finally:
            structlog.contextvars.unbind_contextvars("client_id")

    def _uri(self, path: str) -> str:
        return self.parts.issuer.uri(path)


def _silence_authlib() -> None:
    # S35: at DEBUG, Authlib's grants log user names and whole token responses. Nothing in it logs anything worse.
    logger = logging.getLogger("authlib")
    logger.setLevel(logging.CRITICAL + 1)
    logger.propagate = False
    logger.addHandler(logging.NullHandler())
