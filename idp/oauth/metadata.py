"""What this issuer tells of itself (RFC 8414, OpenID Connect Discovery): made from what is registered, so no more than that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.oauth.algorithms import ALGORITHMS
from idp.oauth.client import PRIVATE_KEY_JWT
from idp.oauth.server import INTROSPECTION_PATH, REVOCATION_PATH, TOKEN_PATH, USERINFO_PATH

if TYPE_CHECKING:
    from idp.oauth.server import OAuthServer

JWKS_PATH = "/oauth/jwks"
_WITH_CLIENTS = ("token", "introspection", "revocation")
"""Endpoints at which clients authenticate."""


def describe(server: OAuthServer) -> dict[str, object]:
    """Give the metadata document; both well-known addresses serve it.

    There is no authorization endpoint, hence no response types, and no ID token, hence no algorithms for one.
    """
    parts = server.parts
    methods = _methods(server)
    return {
        "issuer": parts.origin,
        "token_endpoint": parts.origin + TOKEN_PATH,
        "jwks_uri": parts.origin + JWKS_PATH,
        "introspection_endpoint": parts.origin + INTROSPECTION_PATH,
        "revocation_endpoint": parts.origin + REVOCATION_PATH,
        "userinfo_endpoint": parts.origin + USERINFO_PATH,
        "grant_types_supported": _grant_types(server),
        "response_types_supported": [],
        "scopes_supported": sorted({scope for connector in parts.connectors.values() for scope in connector.scopes}),
        "subject_types_supported": ["public"],
        **{f"{endpoint}_endpoint_auth_methods_supported": methods for endpoint in _WITH_CLIENTS},
        **_signing_algorithms(methods),
    }


def _grant_types(server: OAuthServer) -> list[str]:
    # S28: a grant that no connector may use any more is not advertised either.
    today = server.parts.clock.now().date()
    connectors = server.parts.connectors.values()
    return [grant for grant in server.grant_types if any(connector.grant_allowed_on(grant, today) for connector in connectors)]


def _methods(server: OAuthServer) -> list[str]:
    connectors = server.parts.connectors.values()
    return sorted({method for connector in connectors for method in connector.client_auth_methods})


def _signing_algorithms(methods: list[str]) -> dict[str, object]:
    # RFC 8414 section 2: there must be such a list where clients sign, and there is nothing to list where none does.
    if PRIVATE_KEY_JWT not in methods:
        return {}
    return {f"{endpoint}_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS) for endpoint in _WITH_CLIENTS}
