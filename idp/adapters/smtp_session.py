"""One conversation with a mail server, with an end in time.

The standard library's time-out is for each operation on the socket: a server that sends one byte every few seconds would keep
the worker for ever. Here every operation gets only what is left of the time for the whole.
"""

from __future__ import annotations

import contextlib
import io
import smtplib
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from types import TracebackType

    from _typeshed import ReadableBuffer, WriteableBuffer

_GO_AHEAD = 354  # RFC 5321 section 4.2.3
_NO = 400
_PIECE_BYTES = 16 * 1024
_MAX_RECEIVED_BYTES = 256 * 1024
"""Far more than any server says about one message; one that says more is not listened to."""

_GOODBYE_S = 2.0
"""What is left to say has no more consequences."""

Reply = tuple[int, bytes]


class TalksTooMuch(OSError):
    """The server floods us."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long we wait.

    Args:
        before_end_s: seconds to connect, for each address that the host has, and again for everything from then on until the
            whole message was sent.
        after_end_s: seconds for the answer to the message's end. Giving up here is what makes doubles, hence the ten minutes
            that RFC 5321 section 4.5.3.2.6 asks for.
        monotonic: seconds that never go backwards.
    """

    before_end_s: float
    after_end_s: float
    monotonic: Callable[[], float]


class Session(smtplib.SMTP):
    """A connection; use it in a `with` statement, which says goodbye."""

    def __init__(self, host: str, port: int, patience: Patience, tls: ssl.SSLContext | None) -> None:
        """Connect, and read the greeting.

        Args:
            host: name or address; the server's certificate must be for it.
            port: TCP port.
            patience: how long we wait.
            tls: speak TLS from the first byte on; None for servers that begin in the clear.

        Raises:
            OSError: among them every `smtplib.SMTPException`: no connection, no certificate that fits, no greeting.
        """
        self._patience = patience
        self._tls = tls
        self._received_bytes = 0
        super().__init__(host, port, _own_name(), timeout=patience.before_end_s)

    def __enter__(self) -> Self:
        """Give the session."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /) -> None:
        """Say goodbye if there is still somebody; whatever the answer, the message's fate is already known."""
        self._give(_GOODBYE_S)
        with contextlib.suppress(OSError):
            self.docmd("QUIT")
        self.close()

    def send_content(self, content: bytes) -> Reply:
        """Send the message itself, and wait for the server to take it.

        Args:
            content: headers and body, lines ended by CRLF.

        Returns:
            the answer to the message's end, or to DATA if the server did not want it at all.

        Raises:
            OSError: among others `smtplib.SMTPDataError` when the answer to DATA makes no sense.
        """
        code, words = self.docmd("DATA")
        if code >= _NO:
            return code, words
        if code != _GO_AHEAD:
            raise smtplib.SMTPDataError(code, words)
        # RFC 5321 section 4.5.2: a dot at a line's start is doubled, a dot alone is the end.
        lines = (b"\r\n" + content).replace(b"\r\n.", b"\r\n..").removeprefix(b"\r\n")
        whole = lines + (b"" if lines.endswith(b"\r\n") else b"\r\n") + b".\r\n"
        for start in range(0, len(whole), _PIECE_BYTES):
            self.send(whole[start : start + _PIECE_BYTES])
        self._give(self._patience.after_end_s)
        return self.getreply()

    def send(self, s: ReadableBuffer | str) -> None:
        """Send, in what is left of the time."""
        self._bound()
        super().send(s)

    def getreply(self) -> Reply:
        """Read one answer, in what is left of the time."""
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_Incoming(self._receive_into))
        return super().getreply()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        # The standard library's own subclass for TLS comes in here as well.
        plain = socket.create_connection((host, port), timeout)
        self._give(self._patience.before_end_s)
        return self._tls.wrap_socket(plain, server_hostname=host) if self._tls else plain

    def _receive_into(self, buffer: WriteableBuffer) -> int:
        if self.sock is None:
            return 0
        self._bound()
        count = self.sock.recv_into(buffer)
        self._received_bytes += count
        if self._received_bytes > _MAX_RECEIVED_BYTES:
            raise TalksTooMuch
        return count

    def _give(self, seconds: float) -> None:
        self._ends_at = self._patience.monotonic() + seconds

    def _bound(self) -> None:
        if self.sock is not None:
            left = self._ends_at - self._patience.monotonic()
            if left <= 0:
                raise TimeoutError
            self.sock.settimeout(left)


class _Incoming(io.RawIOBase):
    """What the standard library reads lines from."""

    def __init__(self, receive_into: Callable[[WriteableBuffer], int]) -> None:
        self._receive_into = receive_into

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        return self._receive_into(buffer)


def _own_name() -> str:
    # RFC 5321 section 4.1.4: an address literal when there is no full name. Looking for a better one would ask a name server,
    # which may take longer than the rest.
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"
