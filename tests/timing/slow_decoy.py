"""Between the service and slapd: passes everything on, and holds a bind to the decoy back for as long as it is told to."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Self

_PIECE_BYTES = 65536


class SlowDecoy:
    """One listener on loopback, in a `with` statement.

    Args:
        port: of slapd.
        name: as it stands in a bind to the decoy.
    """

    def __init__(self, port: int, name: str) -> None:
        self._upstream = port
        self._name = name.encode()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._wait = threading.Event()
        self.leak_s = 0.0

    def __enter__(self) -> Self:
        """Answer from now on."""
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        """Take no more connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    @property
    def url(self) -> str:
        """How the service reaches slapd through it."""
        return f"ldap://127.0.0.1:{self._listener.getsockname()[1]}"

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._upstream))
                for one, other, watched in ((client, server, True), (server, client, False)):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    threading.Thread(target=self._pass_on, args=(one, other, watched), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket, watched: bool) -> None:  # noqa: FBT001  # one of two directions
        with contextlib.suppress(OSError):
            while piece := one.recv(_PIECE_BYTES):
                if watched and self.leak_s and self._name in piece:
                    self._wait.wait(self.leak_s)
                other.sendall(piece)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
