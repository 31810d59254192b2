"""An application's server, which answers as a test wants it to."""

from __future__ import annotations

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from threading import Event, Thread
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl

from idp.domain.reachable import Reachable

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

HERE = Reachable((ip_network("127.0.0.0/8"),))
"""Where these servers are."""


class Application(HTTPServer):
    """Keeps what it was sent.

    Args:
        answers: the statuses that it gives, in this order; the last one for ever.
        sent: path and form of each request.
    """

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[int] = [200]
        self.sent: list[tuple[str, dict[str, str]]] = []
        self.over = Event()
        self.scheme = "https" if tls else "http"
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def uri(self) -> str:
        """Where it is told of logouts."""
        return f"{self.scheme}://127.0.0.1:{self.server_port}/out?of=here"

    def handle_error(self, *_: object) -> None:
        """Say nothing of who hung up."""


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        application = cast("Application", self.server)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        assert self.headers["Content-Type"] == "application/x-www-form-urlencoded"
        application.sent.append((self.path, dict(parse_qsl(body, strict_parsing=True))))
        status = application.answers.pop(0) if len(application.answers) > 1 else application.answers[0]
        if status == DRIP:
            while not application.over.wait(0.05):
                self.wfile.write(b"H")
            return
        self.send_response(status)
        self.send_header("Location", f"{application.uri}&redirected=yes")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


DRIP = 0
"""Answers a byte at a time, and never to the end."""


@contextmanager
def running_application(tls: ssl.SSLContext | None = None) -> Iterator[Application]:
    """Serve."""
    with Application(tls) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()
