"""Between two parts: passes everything on, slowly, not at present, or not at all."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from enum import StrEnum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE_BYTES = 65536
_LOOPBACK = "127.0.0.1"
_BACKLOG = 256
_ABORT = struct.pack("ii", 1, 0)
"""SO_LINGER: closing sends RST, and nothing waits for an answer."""


class Way(StrEnum):
    """How what comes is treated."""

    OPEN = auto()
    SLOW = auto()  # each piece is late
    SILENT = auto()  # connections are taken, and nothing goes through them, until it is open again
    CLOSED = auto()  # connections are cut, and no other is taken


class Relay:
    """One listener on loopback.

    Args:
        target: port on loopback that it leads to.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._changed = threading.Condition()
        self._way = Way.OPEN
        self._delay_s = 0.0
        self._ended = False
        self._connections: set[socket.socket] = set()
        self._listener: socket.socket | None = socket.create_server((_LOOPBACK, 0), backlog=_BACKLOG)
        self.port: int = self._listener.getsockname()[1]
        self._accepting = self._accept_on(self._listener)

    @contextlib.contextmanager
    def treated(self, way: Way, delay_s: float = 0.0) -> Iterator[None]:
        """Treat what comes in another way for a while.

        Args:
            way: how.
            delay_s: of each piece, where it is slow.
        """
        self._set(way, delay_s)
        try:
            yield
        finally:
            self._set(Way.OPEN)

    def close(self) -> None:
        """Take no more connections, and cut those that there are."""
        with self._changed:
            self._ended = True
        self._set(Way.CLOSED)

    def _set(self, way: Way, delay_s: float = 0.0) -> None:
        with self._changed:
            self._way, self._delay_s = way, delay_s
            self._changed.notify_all()
        if way is Way.CLOSED:
            self._shut()
        elif self._listener is None and not self._ended:
            self._listener = socket.create_server((_LOOPBACK, self.port), backlog=_BACKLOG)
            self._accepting = self._accept_on(self._listener)

    def _shut(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.shutdown(socket.SHUT_RDWR)
            self._accepting.join()
            listener.close()
        with self._changed:
            connections = list(self._connections)
        for connection in connections:
            _cut(connection)

    def _accept_on(self, listener: socket.socket) -> threading.Thread:
        thread = threading.Thread(target=self._accept, args=(listener,), daemon=True)
        thread.start()
        return thread

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            self._wait()
            server = socket.create_connection((_LOOPBACK, self._target))
            with server:
                self._carry(client, server)
                return
        # Nobody is there: who asked is told so at once, as by a machine that knows the port to be closed.

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        for connection in (client, server):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else an answer in two pieces waits for an ACK
        with self._changed:
            self._connections |= {client, server}
        upwards = threading.Thread(target=self._pass_on, args=(client, server), daemon=True)
        upwards.start()
        self._pass_on(server, client)
        upwards.join()
        with self._changed:
            self._connections -= {client, server}

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while piece := source.recv(_PIECE_BYTES):
                self._wait()
                sink.sendall(piece)
            self._wait()
            sink.shutdown(socket.SHUT_WR)
        except OSError:  # one end is gone, and so is the other then
            _cut(source)
            _cut(sink)

    def _wait(self) -> None:
        with self._changed:
            if self._way is Way.SLOW:
                self._changed.wait(self._delay_s)
            while self._way is Way.SILENT:
                self._changed.wait()


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        connection.shutdown(socket.SHUT_RDWR)
