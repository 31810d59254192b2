"""Where the browser is led back to: a server on this machine, for one answer (RFC 8252 section 7.3)."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from idp.errors import NotGranted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HOST, PATH = "127.0.0.1", "/callback"
WAIT_S = 300.0
"""For somebody who has to look a password up."""

_PATIENCE_S = 5.0
_LENGTH = re.compile("[0-9]{1,5}", re.ASCII)
"""Of a form, in bytes; ours are much shorter."""

_PAGE = b"<!doctype html><title>idp connector try</title><p>This window can be closed."
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Loopback:
    """Takes answers.

    Args:
        uri: where it is.
        answers: what came, each as its parameters.
        wait_s: how long to wait for somebody to decide, in seconds.
    """

    uri: str
    wait_s: float
    answers: Queue[Mapping[str, str]] = field(default_factory=Queue, repr=False)

    def answer(self, state: str) -> Mapping[str, str]:
        """Wait for the answer to a request; whatever else is led here is none.

        Args:
            state: of the request, which nobody else can know.

        Raises:
            NotGranted: there was none in time.
        """
        try:
            while (found := self.answers.get(timeout=self.wait_s)).get("state") != state:
                pass
        except Empty:
            message = (
                f"nobody was led back to {self.uri} within {self.wait_s:g} seconds; look what the browser shows, and whether "
                "this address is registered (idp client show)"
            )
            raise NotGranted(message) from None
        return found


class _Handler(BaseHTTPRequestHandler):
    """One visit."""

    timeout = _PATIENCE_S

    def __init__(self, answers: Queue[Mapping[str, str]], *args: Any) -> None:  # noqa: ANN401  # as in the base
        self._answers = answers
        super().__init__(*args)

    def do_GET(self) -> None:
        """Take an answer in the address."""
        self._take(urlsplit(self.path).query)

    def do_POST(self) -> None:
        """Take one that the browser posts (OAuth 2.0 Form Post Response Mode section 2)."""
        length = self.headers.get("Content-Length", "")
        body = self.rfile.read(int(length)) if _LENGTH.fullmatch(length) else b""
        self._take(body.decode("ascii", errors="replace"))

    def _take(self, parameters: str) -> None:
        is_here = urlsplit(self.path).path == PATH
        self.send_response(200 if is_here else 404)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(_PAGE if is_here else b"")
        if is_here:
            self._answers.put(dict(parse_qsl(parameters, keep_blank_values=True)))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as in the base
        """Say nothing: the address has a code in it."""


@contextmanager
def listening(port: int = 0, wait_s: float = WAIT_S) -> Iterator[Loopback]:
    """Listen until the block has ended.

    Args:
        port: 0 for any that is free.
        wait_s: see `Loopback`.

    Raises:
        NotGranted: something else listens there.
    """
    answers: Queue[Mapping[str, str]] = Queue()

    try:
        server = ThreadingHTTPServer((HOST, port), partial(_Handler, answers))
    except OSError as exc:
        message = f"port {port} of this machine can't be used ({exc.strerror}); name another one with --port"
        raise NotGranted(message) from exc
    with server:
        # A browser opens connections that it may need: each has a thread, which ends with this process.
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()
        try:
            yield Loopback(f"http://{HOST}:{server.server_port}{PATH}", wait_s, answers)
        finally:
            server.shutdown()
            thread.join()
