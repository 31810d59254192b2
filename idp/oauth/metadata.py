"""What this issuer tells of itself (RFC 8414, OpenID Connect Discovery): made from what is registered, so no more than that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.base import CERTIFICATE_METHODS, DEVICE_CODE, OPENID, PUBLIC
from idp.domain.pkce import METHOD
from idp.oauth.authorization import AUTHORIZATION_PATH
from idp.oauth.authorization_code_grant import AuthorizationCodeGrant
from idp.oauth.authorization_rules import RESPONSE_TYPE
from idp.oauth.client import PRIVATE_KEY_JWT
from idp.oauth.device_authorization import DEVICE_AUTHORIZATION_PATH
from idp.oauth.end_session import END_SESSION_PATH
from idp.oauth.id_token import ACR, CLAIMS
from idp.oauth.registration import REGISTRATION_PATH
from idp.oauth.server import INTROSPECTION_PATH, PUSHED_REQUEST_PATH, REVOCATION_PATH, TOKEN_PATH, USERINFO_PATH
from idp.translations import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.base import Connector
    from idp.oauth.issuer import Issuer
    from idp.oauth.server import OAuthServer

JWKS_PATH = "/jwks"
_WITH_CLIENTS = ("token", "introspection", "revocation")
"""Endpoints at which clients authenticate."""

_WITH_CERTIFICATES = (
    "token_endpoint",
    "introspection_endpoint",
    "revocation_endpoint",
    "userinfo_endpoint",
    "pushed_authorization_request_endpoint",
    "device_authorization_endpoint",
)
"""Those at which a certificate means something, where there are such (RFC 8705 section 5): what programs ask, and no page."""


def describe(server: OAuthServer) -> dict[str, object]:
    """Give the metadata document; both well-known addresses serve it.

    Where no connector has the authorization code grant, there is no authorization endpoint (RFC 8414 section 2), nor are there ID
    tokens where none lists their scope.
    """
    issuer = server.parts.issuer
    methods = _methods(server)
    grant_types = _grant_types(server)
    scopes = {scope for connector in _connectors(server) for scope in connector.offered_scopes}
    document = {
        "issuer": issuer.url,
        "token_endpoint": issuer.uri(TOKEN_PATH),
        "jwks_uri": issuer.uri(JWKS_PATH),
        "introspection_endpoint": issuer.uri(INTROSPECTION_PATH),
        "revocation_endpoint": issuer.uri(REVOCATION_PATH),
        "userinfo_endpoint": issuer.uri(USERINFO_PATH),
        **({"registration_endpoint": issuer.uri(REGISTRATION_PATH)} if server.parts.registration else {}),
        "grant_types_supported": grant_types,
        **_authorization(server, offered=AuthorizationCodeGrant.GRANT_TYPE in grant_types),
        **_device(issuer, offered=DEVICE_CODE in grant_types),
        "scopes_supported": sorted(scopes),
        **_openid(issuer, offered=OPENID in scopes),
        **{f"{endpoint}_endpoint_auth_methods_supported": methods for endpoint in _WITH_CLIENTS},
        "introspection_endpoint_auth_methods_supported": [method for method in methods if method != PUBLIC],
        **_signing_algorithms(issuer, methods),
        "dpop_signing_alg_values_supported": list(issuer.algorithms),  # RFC 9449 section 5.1
    }
    return {**document, **_certificates(issuer, document)}


def _device(issuer: Issuer, *, offered: bool) -> dict[str, object]:
    return {"device_authorization_endpoint": issuer.uri(DEVICE_AUTHORIZATION_PATH)} if offered else {}  # RFC 8628 section 4


def _authorization(server: OAuthServer, *, offered: bool) -> dict[str, object]:
    if not offered:
        return {"response_types_supported": []}
    issuer = server.parts.issuer
    asking = [connector for connector in _connectors(server) if AuthorizationCodeGrant.GRANT_TYPE in connector.grants]
    return {
        "authorization_endpoint": issuer.uri(AUTHORIZATION_PATH),
        "response_types_supported": [RESPONSE_TYPE],
        "response_modes_supported": sorted({mode for connector in asking for mode in connector.response_modes}),
        "code_challenge_methods_supported": [METHOD],
        "authorization_response_iss_parameter_supported": True,  # RFC 9207 section 3
        "pushed_authorization_request_endpoint": issuer.uri(PUSHED_REQUEST_PATH),  # RFC 9126 section 5
        "require_pushed_authorization_requests": issuer.pushed_only,
        # Left out, it would mean True (OpenID Connect Discovery section 3). Of pushed requests it says nothing.
        "request_uri_parameter_supported": False,
        **_request_objects(server),
    }


def _request_objects(server: OAuthServer) -> dict[str, object]:
    # RFC 9101 section 10.5, OpenID Connect Discovery section 3: clients sign that have keys, as who proves itself so.
    if PRIVATE_KEY_JWT not in _methods(server):
        return {"request_parameter_supported": False}
    algorithms = list(server.parts.issuer.algorithms)
    return {"request_parameter_supported": True, "request_object_signing_alg_values_supported": algorithms}


def _connectors(server: OAuthServer) -> list[Connector]:
    return [connector for connector in server.parts.connectors.values() if server.parts.issuer.serves(connector)]


def _openid(issuer: Issuer, *, offered: bool) -> dict[str, object]:
    # OpenID Connect Discovery section 3.
    subjects: dict[str, object] = {"subject_types_supported": ["public"]}
    if not offered:
        return subjects
    return {
        **subjects,
        "backchannel_logout_supported": True,  # OpenID Connect Back-Channel Logout section 2.1
        "backchannel_logout_session_supported": True,
        "end_session_endpoint": issuer.uri(END_SESSION_PATH),  # OpenID Connect RP-Initiated Logout section 2.1
        "id_token_signing_alg_values_supported": [issuer.id_token_algorithm],
        "claims_supported": list(CLAIMS),
        "claims_parameter_supported": True,
        "acr_values_supported": [ACR],
        "display_values_supported": ["page"],
        "ui_locales_supported": list(LANGUAGES),
    }


def _grant_types(server: OAuthServer) -> list[str]:
    # S28: a grant that no connector may use any more is not advertised either.
    today = server.parts.clock.now().date()
    connectors = _connectors(server)
    return [grant for grant in server.grant_types if any(connector.grant_allowed_on(grant, today) for connector in connectors)]


def _methods(server: OAuthServer) -> list[str]:
    listed = {method for connector in _connectors(server) for method in connector.client_auth_methods}
    # Where nobody asks for certificates, nobody can show one.
    return sorted(listed if server.parts.issuer.mtls_origin else listed - set(CERTIFICATE_METHODS))


def _certificates(issuer: Issuer, document: Mapping[str, object]) -> dict[str, object]:
    if issuer.mtls_origin is None:
        return {}
    facts: dict[str, object] = {"tls_client_certificate_bound_access_tokens": True}  # RFC 8705 section 3.3
    if issuer.mtls_origin != issuer.origin:
        there = [name for name in _WITH_CERTIFICATES if name in document]
        facts["mtls_endpoint_aliases"] = {name: issuer.mtls_alias(str(document[name])) for name in there}
    return facts


def _signing_algorithms(issuer: Issuer, methods: list[str]) -> dict[str, object]:
    # RFC 8414 section 2: there must be such a list where clients sign, and there is nothing to list where none does.
    if PRIVATE_KEY_JWT not in methods:
        return {}
    return {f"{endpoint}_endpoint_auth_signing_alg_values_supported": list(issuer.algorithms) for endpoint in _WITH_CLIENTS}
