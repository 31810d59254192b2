"""What programs read before they ask for a token: the issuer's metadata and its public keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, request

from idp.oauth.key_life import JWKS_MAX_AGE
from idp.oauth.metadata import JWKS_PATH, describe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from idp.oauth.server import OAuthServer

_CACHE = f"public, max-age={int(JWKS_MAX_AGE.total_seconds())}"


def metadata_blueprint(oauth: OAuthServer) -> Blueprint:
    """Make the routes.

    Args:
        oauth: the issuer that is described.
    """
    issuer = oauth.parts.issuer
    routes = Blueprint(f"metadata_{issuer.id}", __name__)
    well_known = {
        # RFC 8414 section 3.1: the path of an issuer comes behind it; OpenID Connect Discovery section 4: before it.
        "oauth_metadata": f"/.well-known/oauth-authorization-server{issuer.path}",
        "openid_metadata": f"{issuer.path}/.well-known/openid-configuration",
    }
    for name, path in well_known.items():
        routes.add_url_rule(path, name, lambda: _cached(lambda: describe(oauth)))
    routes.add_url_rule(issuer.prefix + JWKS_PATH, "jwks", lambda: _cached(oauth.parts.keys.public))
    return routes


def _cached(document: Callable[[], Mapping[str, object]]) -> Response:
    response = jsonify(document())
    response.headers["Cache-Control"] = _CACHE
    # For browsers that read it from another origin; there is nothing secret in it.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.add_etag()
    response.make_conditional(request)
    return response
