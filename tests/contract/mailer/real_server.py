"""A real SMTP server on loopback, in a thread."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

if TYPE_CHECKING:
    import ssl
    from types import TracebackType


@dataclass(frozen=True)
class Delivered:
    """What the server was given."""

    mail_from: str
    rcpt_tos: list[str]
    content: bytes
    was_encrypted: bool


@dataclass
class RealServer:
    """Takes every message, in a `with` statement.

    Args:
        starttls: offers STARTTLS with this certificate, and insists on it.
        tls: speaks TLS from the first byte on.
        login: user name and password that it takes, and after STARTTLS insists on.
        smtputf8: offers SMTPUTF8.
    """

    starttls: ssl.SSLContext | None = None
    tls: ssl.SSLContext | None = None
    login: tuple[str, str] | None = None
    smtputf8: bool = True
    delivered: list[Delivered] = field(default_factory=list)
    port: int = 0

    def __enter__(self) -> Self:
        """Answer from now on."""
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Leave no thread and no connection behind."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        self._loop.close()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        """Take a message."""
        del server
        content = envelope.original_content
        assert isinstance(content, bytes)
        encrypted = session.ssl is not None or self.tls is not None
        self.delivered.append(Delivered(envelope.mail_from or "", envelope.rcpt_tos, content, encrypted))
        return "250 OK"

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        server = await self._loop.create_server(self._protocol, "127.0.0.1", 0, ssl=self.tls)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()

    def _protocol(self) -> SMTP:
        return SMTP(
            self,
            hostname="mail.test",
            enable_SMTPUTF8=self.smtputf8,
            tls_context=self.starttls,
            require_starttls=self.starttls is not None,
            auth_required=self.starttls is not None and self.login is not None,
            auth_require_tls=self.tls is None,  # it knows of its own STARTTLS only
            authenticator=self._authenticate,
            loop=self._loop,
        )

    def _authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        del server, session, envelope, mechanism
        assert isinstance(data, LoginPassword)
        return AuthResult(success=(data.login.decode(), data.password.decode()) == self.login)
