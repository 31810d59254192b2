"""The endpoints that applications call: token, introspection, revocation, userinfo, and the vendor's present token address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, jsonify, request
from werkzeug.exceptions import HTTPException

from idp.oauth.http import MAX_BODY_BYTES, RawRequest
from idp.oauth.server import INTROSPECTION_PATH, REVOCATION_PATH, TOKEN_PATH, USERINFO_PATH
from idp.web.limits import network_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.oauth.http import Answer
    from idp.oauth.server import OAuthServer

# All of them come in, so that each endpoint itself says in JSON what it does not take.
_EVERY_METHOD = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

_VENDOR_PATH = "/V<release>/OAuth/Token"
_RELEASE = re.compile(r"[0-9]+", re.ASCII)
"""Not Werkzeug's int converter: Python refuses to read a number of thousands of digits, which would be a 500."""


def token_blueprint(oauth: OAuthServer) -> Blueprint:
    """Make the routes.

    Args:
        oauth: answers them.
    """
    routes = Blueprint("token", __name__)

    def vendor_token(release: str) -> Response:
        if not _RELEASE.fullmatch(release):
            abort(404)
        return answered(oauth.token)

    _add(routes, TOKEN_PATH, "token", lambda: answered(oauth.token))
    _add(routes, INTROSPECTION_PATH, "introspect", lambda: answered(oauth.introspect))
    _add(routes, REVOCATION_PATH, "revoke", lambda: answered(oauth.revoke))
    _add(routes, USERINFO_PATH, "userinfo", lambda: answered(oauth.userinfo))
    _add(routes, _VENDOR_PATH, "vendor_token", vendor_token)
    return routes


def answered(respond: Callable[[RawRequest], Answer]) -> Response:
    """Hand the request under way to the OAuth floor, and give its answer the form of HTTP.

    Args:
        respond: one of the server's endpoints.
    """
    answer = respond(_raw())
    response = jsonify(answer.body)
    response.status_code = answer.status
    for name, value in answer.headers:
        response.headers[name] = value
    return response


def _raw() -> RawRequest:
    address = request.remote_addr or ""
    return RawRequest(
        method=request.method,
        query=request.query_string.decode("latin-1"),
        content_type=request.content_type or "",
        body=_body(),
        authorization=request.headers.get("Authorization"),
        address=address,
        network=network_of(address),
    )


def _body() -> bytes | None:
    request.max_content_length = MAX_BODY_BYTES
    try:
        body = request.get_data(cache=False)
    except HTTPException:  # too long, or the client went away in the middle
        return None
    # One that comes in chunks says no length, and Werkzeug cuts it off at the limit without a word.
    return body if len(body) < MAX_BODY_BYTES else None


def _add(routes: Blueprint, path: str, name: str, view: Callable[..., Response]) -> None:
    routes.add_url_rule(path, name, view, methods=_EVERY_METHOD, provide_automatic_options=False)
