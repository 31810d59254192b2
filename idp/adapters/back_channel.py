"""Tells applications something over HTTPS, at addresses that the operator has registered.

No proxy of the environment is used and no redirect is followed; of the answer, only the status is read.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from idp.errors import ApplicationUnavailable
from idp.tls import verifying_context

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

TIMEOUT_S = 5.0
"""For all of it: who answers one byte at a time holds up everybody else who is to be told."""

_HEADERS = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "koppel-idp", "Connection": "close"}


class HttpBackChannel:
    """`ports.outside.BackChannel`."""

    def __init__(self, tls: ssl.SSLContext | None = None, timeout_s: float = TIMEOUT_S) -> None:
        """Say whom to trust.

        Args:
            tls: None: the authorities of the system.
            timeout_s: for the whole of one request.
        """
        self._tls = tls or verifying_context()
        self._timeout_s = timeout_s

    def post(self, uri: str, form: Mapping[str, str]) -> int:
        """Send a form; gives the status. Raises `ApplicationUnavailable`."""
        body = urlencode(form).encode()
        try:
            return self._status(uri, body)
        # ssl.SSLError is an OSError; a ValueError is of an address with a port, or a label, that there can't be.
        except (OSError, HTTPException, ValueError) as exc:
            raise ApplicationUnavailable from exc

    def _status(self, uri: str, body: bytes) -> int:
        parts = urlsplit(uri)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = self._connection(parts.scheme, parts.hostname or "", parts.port)
        over = Timer(self._timeout_s, _hang_up, [connection])
        over.start()
        try:
            connection.request("POST", path, body, _HEADERS)
            return connection.getresponse().status
        finally:
            over.cancel()
            connection.close()

    def _connection(self, scheme: str, host: str, port: int | None) -> HTTPConnection:
        if scheme == "https":
            return HTTPSConnection(host, port, timeout=self._timeout_s, context=self._tls)
        return HTTPConnection(host, port, timeout=self._timeout_s)


def _hang_up(connection: HTTPConnection) -> None:
    held: socket.socket | None = connection.sock
    if held is not None:
        with suppress(OSError):  # it was closed at this very moment
            held.shutdown(socket.SHUT_RDWR)
