"""Tells applications something over HTTPS, at addresses that the operator has registered.

No proxy of the environment is used and no redirect is followed; of the answer, only the status is read. A name is looked up once:
what it stands for is judged, and that is connected to, so that nobody's name leads into our network, not even on a second look.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Thread, Timer
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from idp.errors import ApplicationOutOfReach, ApplicationUnavailable
from idp.tls import verifying_context

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping, Sequence

    from idp.domain.reachable import Reachable

TIMEOUT_S = 5.0
"""For the look-up, for the connection, and for all that is said: who answers a byte at a time holds up all others."""

_HEADERS = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "koppel-idp", "Connection": "close"}


def look_up(host: str, port: int) -> Sequence[str]:
    """Ask the system which addresses a name stands for, the best one first. Raises OSError: none."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class HttpBackChannel:
    """`ports.outside.BackChannel`."""

    def __init__(
        self,
        reachable: Reachable,
        tls: ssl.SSLContext | None = None,
        timeout_s: float = TIMEOUT_S,
        resolve: Callable[[str, int], Sequence[str]] = look_up,
    ) -> None:
        """Say whom to trust.

        Args:
            reachable: where applications may be.
            tls: None: the authorities of the system.
            timeout_s: for the look-up, for the connection, and for all that is said on it.
            resolve: gives the addresses of a host and port, or raises OSError.
        """
        self._reachable = reachable
        self._tls = tls or verifying_context()
        self._timeout_s = timeout_s
        self._resolve = resolve

    def post(self, uri: str, form: Mapping[str, str]) -> int:
        """Send a form; gives the status. Raises `ApplicationUnavailable`, and of these `ApplicationOutOfReach`."""
        body = urlencode(form).encode()
        try:
            return self._status(uri, body)
        # ssl.SSLError is an OSError; a ValueError is of an address with a port, or a label, that there can't be.
        except (OSError, HTTPException, ValueError) as exc:
            raise ApplicationUnavailable from exc

    def _status(self, uri: str, body: bytes) -> int:
        parts = urlsplit(uri)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=self._timeout_s)
        # What has a socket looks no name up.
        connection.sock = socket.create_connection(self._address_of(connection), self._timeout_s)
        over = Timer(self._timeout_s, _hang_up, [connection])
        over.start()
        try:
            self._encrypt(connection)
            connection.request("POST", path, body, _HEADERS)
            return connection.getresponse().status
        finally:
            over.cancel()
            connection.close()

    def _address_of(self, connection: HTTPConnection) -> tuple[str, int]:
        found = _in_time(self._timeout_s, lambda: self._resolve(connection.host, connection.port))
        # All of them: a name that stands for one of ours too is nobody's by mistake.
        if not found or not all(map(self._reachable.holds, found)):
            raise ApplicationOutOfReach
        return found[0], connection.port

    def _encrypt(self, connection: HTTPConnection) -> None:
        if isinstance(connection, HTTPSConnection):
            connection.sock = self._tls.wrap_socket(connection.sock, server_hostname=connection.host)


def _in_time(seconds: float, look: Callable[[], Sequence[str]]) -> Sequence[str]:
    """Wait for a look-up no longer than that: the system's own patience is half a minute, and can't be set by a program."""
    found: list[Sequence[str] | OSError | ValueError] = []

    def note() -> None:
        try:
            found.append(look())
        except (OSError, ValueError) as exc:  # ValueError: of a label that there can't be
            found.append(exc)

    looking = Thread(target=note, daemon=True)
    looking.start()
    looking.join(seconds)
    answer = found[0] if found else TimeoutError()
    if isinstance(answer, Exception):
        raise answer
    return answer


def _hang_up(connection: HTTPConnection) -> None:
    held: socket.socket | None = connection.sock
    if held is not None:
        with suppress(OSError):  # it was closed at this very moment
            held.shutdown(socket.SHUT_RDWR)
