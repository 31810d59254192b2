"""A mail server that misbehaves as it is told; plain sockets, since no honest library does these things."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from types import TracebackType

GREETING, END = "greeting", "."
"""Steps that are no verbs: before the first word, and after the message's last line."""

HONEST: Mapping[str, bytes] = {
    GREETING: b"220 mail.test",
    "EHLO": b"250-mail.test\r\n250 8BITMIME",
    "HELO": b"250 mail.test",
    "STARTTLS": b"220 go ahead",
    "MAIL": b"250 ok",
    "RCPT": b"250 ok",
    "DATA": b"354 go on",
    END: b"250 taken",
    "RSET": b"250 ok",
    "QUIT": b"221 bye",
}


@dataclass(frozen=True)
class Late:
    """Answers after some seconds."""

    answer: bytes
    seconds: float


@dataclass(frozen=True)
class Drip:
    """Sends one byte at a time, with pauses shorter than any time-out; so often and then no more."""

    seconds: float = 0.05
    times: int = 200


class Hang:
    """Says nothing any more, and keeps the connection."""


class Drop:
    """Ends the connection without a word."""


@dataclass(frozen=True)
class Flood:
    """Sends lines without an end."""

    line: bytes = b"250-" + b"x" * 1000 + b"\r\n"


Act = bytes | Late | Drip | Hang | Drop | Flood


class _Gone(Exception):  # as the errors of the project
    pass


@dataclass
class ScriptedServer:
    """Answers one connection, in a `with` statement.

    Args:
        acts: what it does at a step, where that is not the honest thing; a verb in its own right, such as ``MAIL``.
        starttls: becomes TLS at STARTTLS.
        heard: the commands.
    """

    acts: Mapping[str, Act] = field(default_factory=dict)
    starttls: ssl.SSLContext | None = None
    heard: list[str] = field(default_factory=list)
    content: bytes = b""

    def __enter__(self) -> Self:
        """Answer from now on."""
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Leave no thread and no socket behind."""
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread if nobody ever came
        self._thread.join(10)
        self._listener.close()
        assert not self._thread.is_alive()

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def verbs(self) -> list[str]:
        """The commands without what follows."""
        return [line.split()[0].upper() for line in self.heard]

    def _run(self) -> None:
        try:
            self._connection, _ = self._listener.accept()
        except OSError:
            return
        try:
            self._converse()
        except (OSError, _Gone):
            pass
        finally:
            self._connection.close()

    def _converse(self) -> None:
        self._connection.settimeout(10)
        self._act(GREETING)
        while True:
            line = self._line()
            self.heard.append(line.decode())
            verb = line.split()[0].decode().upper()
            self._act(verb)
            if verb == "STARTTLS" and self.starttls:
                self._connection = self.starttls.wrap_socket(self._connection, server_side=True)
            if verb == "DATA" and "DATA" not in self.acts:
                self._take_content()

    def _line(self) -> bytes:
        line = b""
        while not line.endswith(b"\r\n"):
            line += self._byte()
        return line.strip()

    def _byte(self) -> bytes:
        byte = self._connection.recv(1)
        if not byte:
            raise _Gone
        return byte

    def _take_content(self) -> None:
        while not self.content.endswith(b"\r\n.\r\n"):
            self.content += self._byte()
        self._act(END)

    def _act(self, step: str) -> None:
        match self.acts.get(step, HONEST.get(step, b"502 what?")):
            case bytes() as answer:
                self._connection.sendall(answer + b"\r\n")
            case Late(answer, seconds):
                self._over.wait(seconds)
                self._connection.sendall(answer + b"\r\n")
            case Drip(seconds, times):
                for _ in range(times):
                    self._connection.sendall(b"2")
                    self._over.wait(seconds)
                raise _Gone
            case Flood(line):
                while not self._over.is_set():
                    self._connection.sendall(line)
            case Hang():
                while True:
                    self._byte()
            case Drop():
                raise _Gone
