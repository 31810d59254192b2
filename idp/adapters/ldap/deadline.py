"""One time-out for a request and its whole answer: a server that sends a byte now and then is no better than a silent one."""

from __future__ import annotations

import time
from ssl import SSLWantReadError
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable


class TimedSocket:
    """A connected socket, plain or with TLS, whose time-out begins with each request.

    A socket's own begins anew with each byte that comes.

    Args:
        connected: the socket.
        timeout_s: from the beginning of a request to the end of its answer, in seconds; may be changed between two.
        monotonic: seconds that never go backwards.
    """

    def __init__(self, connected: socket.socket, timeout_s: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._connected = connected
        self.timeout_s = timeout_s
        self._monotonic = monotonic
        self._ends_at = monotonic() + timeout_s

    def sendall(self, request: bytes) -> None:
        """Send a request. Raises `OSError`; `TimeoutError` is one."""
        self._ends_at = self._monotonic() + self.timeout_s
        self._connected.settimeout(self.timeout_s)
        self._connected.sendall(request)

    def recv(self, size: int) -> bytes:
        """Receive more of the answer, at most `size` bytes; what has come already even when time is over. Raises as `sendall`."""
        left_s = max(0.0, self._ends_at - self._monotonic())
        self._connected.settimeout(left_s)
        try:
            return self._connected.recv(size)
        except (BlockingIOError, SSLWantReadError) as exc:  # those of a socket that may not wait
            raise TimeoutError from exc

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever else sockets have
        """Leave all the rest to the socket."""
        return getattr(self._connected, name)
