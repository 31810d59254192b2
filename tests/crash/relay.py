"""Between the service and slapd: passes everything on, and kills slapd at a chosen answer."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from tests.slapd import RunningSlapd

# RFC 4511 section 4.5.2, 4.13: searchResEntry, searchResRef and intermediateResponse; more is to come after them.
_UNFINISHED = (0x64, 0x73, 0x79)
_LONG_FORM = 0x80
_PIECE_BYTES = 65536


class Relay:
    """One listener on loopback.

    Args:
        slapd: what it leads to.
    """

    def __init__(self, slapd: RunningSlapd) -> None:
        self._slapd = slapd
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._kill_at: int | None = None
        self._lose = False
        self.answers = 0
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """How the service reaches slapd."""
        return f"ldap://127.0.0.1:{self._listener.getsockname()[1]}"

    def count(self, kill_at: int | None = None, *, lose: bool = False) -> None:
        """Count answers from now on.

        Args:
            kill_at: number of the answer at which slapd is killed: when it has done what was asked, and said so.
            lose: that answer gets lost.
        """
        with self._lock:
            self.answers, self._kill_at, self._lose = 0, kill_at, lose

    def close(self) -> None:
        """Take no more connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # an answer in two pieces would wait for an ACK
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            server = socket.create_connection(("127.0.0.1", self._slapd.embedded.port))
            upwards = threading.Thread(target=_pass_on, args=(client, server), daemon=True)
            upwards.start()
            with server, server.makefile("rb") as answers:
                while (message := _read_message(answers)) and self._may_pass(message):
                    client.sendall(message)
                _hang_up(client)
                _hang_up(server)
                upwards.join()

    def _may_pass(self, message: bytes) -> bool:
        if _operation(message) in _UNFINISHED:
            return True
        with self._lock:
            self.answers += 1
            if self.answers != self._kill_at:
                return True
            self._slapd.process.kill()
            self._slapd.process.wait()
            return not self._lose


def _pass_on(client: socket.socket, server: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := client.recv(_PIECE_BYTES):
            server.sendall(piece)
        _hang_up(server)


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _read_message(answers: BinaryIO) -> bytes:
    """Read one LDAPMessage: a SEQUENCE (X.690 section 8.1). Empty when the server has hung up, in the middle of one too."""
    head = answers.read(2)
    if len(head) < 2:
        return b""
    if head[1] & _LONG_FORM:
        head += answers.read(head[1] & ~_LONG_FORM)
        length = int.from_bytes(head[2:])
    else:
        length = head[1]
    body = answers.read(length)
    return head + body if len(body) == length else b""


def _operation(message: bytes) -> int:
    """Give the tag of protocolOp, which follows messageID, an INTEGER."""
    start = 2 + (message[1] & ~_LONG_FORM if message[1] & _LONG_FORM else 0)
    return message[start + 2 + message[start + 1]]
