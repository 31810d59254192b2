"""A visitor's way to a server that runs elsewhere: Flask's test client, whose application passes every request on."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response, request

if TYPE_CHECKING:
    from flask.testing import FlaskClient

TIMEOUT_S = 30

_METHODS = ["GET", "POST"]
_PASSED_ON = ("Content-Type", "Cookie")
_HOP_BY_HOP = ("connection", "transfer-encoding", "content-length")  # RFC 9110 section 7.6.1


def client_of(url: str) -> FlaskClient:
    """Give a client of the server at an address; it raises `OSError` where a browser would say that there is no connection.

    Args:
        url: of a server without TLS.
    """
    app = Flask("over http", static_folder=None)
    app.testing = True  # what goes wrong is raised
    app.url_map.merge_slashes = False

    @app.route("/", defaults={"path": ""}, methods=_METHODS)
    @app.route("/<path:path>", methods=_METHODS)
    def pass_on(path: str) -> Response:
        del path
        headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        return _ask(urlsplit(url).netloc, request.method, request.full_path, request.get_data(), headers)

    return app.test_client()


def _ask(host: str, method: str, path: str, body: bytes, headers: dict[str, str]) -> Response:
    connection = http.client.HTTPConnection(host, timeout=TIMEOUT_S)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
    except http.client.HTTPException as exc:
        raise ConnectionError(str(exc)) from exc
    finally:
        connection.close()
    kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in _HOP_BY_HOP]
    return Response(content, answer.status, kept)
