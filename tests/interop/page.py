"""A page on this machine that is an application: a library from npm, and a script that uses it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from tests.free_ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PROGRAMS = Path(__file__).parent / "programs"
_SCRIPTS = {
    "/library.js": _PROGRAMS / "node_modules" / "oidc-client-ts" / "dist" / "browser" / "oidc-client-ts.min.js",
    "/application.js": _PROGRAMS / "with-oidc-client-ts.js",
}
_PAGE = (
    "<!doctype html><title>App</title><link rel=icon href='data:,'><main></main>"
    "<script type=application/json id=task>{task}</script><script src=/library.js></script><script src=/application.js></script>"
)


@contextmanager
def served(port: int, task: Mapping[str, object]) -> Iterator[str]:
    """Serve it; gives its address.

    Args:
        port: on 127.0.0.1.
        task: what it is told.
    """
    page = _PAGE.format(task=json.dumps(task)).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script = _SCRIPTS.get(self.path)
            body = script.read_bytes() if script else page
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if script else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.shutdown()
            thread.join()


def new_address() -> tuple[int, str]:
    """Give a port, and the redirect address of a page there."""
    port = free_port()
    return port, f"http://127.0.0.1:{port}/"
