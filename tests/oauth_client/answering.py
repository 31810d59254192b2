"""A real HTTP server that is not this service: it answers each path with what it was given."""

from __future__ import annotations

import json
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Answers:
    """What it answers, and what it was sent.

    Args:
        origin: where it is.
        by_path: status, headers and body.
        received: bodies and headers, as they came.
    """

    origin: str
    by_path: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    received: list[str] = field(default_factory=list)

    def give(self, path: str, document: object, status: int = 200, **headers: str) -> None:
        """Answer a path with JSON."""
        self.by_path[path] = status, {"Content-Type": "application/json", **headers}, json.dumps(document).encode()

    def give_metadata(self, **other: object) -> None:
        """Say of itself what this service would, unless told otherwise."""
        names = {"token_endpoint": "token", "introspection_endpoint": "introspect", "revocation_endpoint": "revoke"}
        names |= {"userinfo_endpoint": "userinfo", "jwks_uri": "jwks"}
        document: dict[str, object] = {name: f"{self.origin}/{path}" for name, path in names.items()}
        document |= {"issuer": self.origin, "grant_types_supported": ["password"], **other}
        self.give("/.well-known/oauth-authorization-server", document)


@contextmanager
def answering(certificate: tuple[Path, Path] | None = None, host: str = "127.0.0.1") -> Iterator[Answers]:
    """Run it.

    Args:
        certificate: and its key, for TLS.
        host: by which it is called.
    """
    answers = Answers("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            answers.received.append(f"{self.headers}{self.rfile.read(length).decode()}")
            status, headers, body = answers.by_path.get(self.path, (404, {"Content-Type": "text/html"}, b"<p>none"))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815  # as the base calls it

        def log_message(self, *_: Any) -> None:  # noqa: ANN401  # as in the base
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:  # noqa: ANN401  # as in the base
            """Say nothing of visitors who don't trust it."""

    with Server(("127.0.0.1", 0), Handler) as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        answers.origin = f"{'https' if certificate else 'http'}://{host}:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield answers
        finally:
            server.shutdown()
            thread.join()
