"""The endpoints that applications call: for tokens, about them, to push requests, to register; and the vendor's present one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, request

from connectors.base import CLASSIC
from idp.oauth.device_authorization import DEVICE_AUTHORIZATION_PATH
from idp.oauth.registration import REGISTRATION_PATH
from idp.oauth.server import INTROSPECTION_PATH, PUSHED_REQUEST_PATH, REVOCATION_PATH, TOKEN_PATH, USERINFO_PATH
from idp.web.access_log import note_refusal
from idp.web.cross_origin import CrossOrigin
from idp.web.raw_request import VENDOR_FOLDERS, assert_release, raw_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.oauth.http import Answer, RawRequest
    from idp.oauth.server import OAuthServer

# All of them come in, so that each endpoint itself says in JSON what it does not take.
_EVERY_METHOD = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def token_blueprint(oauth: OAuthServer) -> Blueprint:
    """Make the routes.

    Args:
        oauth: answers them.
    """
    issuer = oauth.parts.issuer
    routes = Blueprint(f"token_{issuer.id}", __name__)

    def vendor_token(release: str) -> Response:
        assert_release(release)
        return answered(lambda raw: oauth.token(raw, issuer.origin + request.path))

    pages = CrossOrigin(oauth)
    _add(routes, issuer.prefix + TOKEN_PATH, "token", lambda: answered(oauth.token, pages))
    _add(routes, issuer.prefix + INTROSPECTION_PATH, "introspect", lambda: answered(oauth.introspect))
    _add(routes, issuer.prefix + REVOCATION_PATH, "revoke", lambda: answered(oauth.revoke, pages))
    _add(routes, issuer.prefix + USERINFO_PATH, "userinfo", lambda: answered(oauth.userinfo, pages))
    _add(routes, issuer.prefix + PUSHED_REQUEST_PATH, "push", lambda: answered(oauth.push))
    if oauth.parts.registration is not None:
        _add(routes, issuer.prefix + REGISTRATION_PATH, "register", lambda: answered(oauth.register))
    if issuer.id == CLASSIC:
        _add(routes, issuer.prefix + DEVICE_AUTHORIZATION_PATH, "device", lambda: answered(oauth.device))
        for folder in VENDOR_FOLDERS:
            _add(routes, f"{folder}/Token", "vendor_token", vendor_token)
    return routes


def answered(respond: Callable[[RawRequest], Answer], pages: CrossOrigin | None = None) -> Response:
    """Hand the request under way to the OAuth floor, and give its answer the form of HTTP.

    Args:
        respond: one of the server's endpoints.
        pages: lets pages of other origins read the answer; None: no page has any business there.
    """
    preflight = pages.preflight() if pages else None
    if preflight is not None:
        return preflight
    raw = raw_request()
    answer = respond(raw)
    if "error" in answer.body:
        note_refusal(str(answer.body["error"]))
    response = jsonify(answer.body)
    response.status_code = answer.status
    for name, value in answer.headers:
        response.headers[name] = value
    if pages is not None:
        pages.let_read(raw, response)
    return response


def _add(routes: Blueprint, path: str, name: str, view: Callable[..., Response]) -> None:
    routes.add_url_rule(path, name, view, methods=_EVERY_METHOD, provide_automatic_options=False)
