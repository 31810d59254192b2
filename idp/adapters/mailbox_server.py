"""The demo's mail server: a real one, on this machine only, that puts every message into a folder.

`idp.web.demo_mail` reads that folder. It has no TLS, no log-in and no queue, and is for nothing but the demo.
"""

from __future__ import annotations

import asyncio
import secrets
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog
from aiosmtpd.smtp import SMTP

from idp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aiosmtpd.smtp import Envelope, Session

HOST = "127.0.0.1"
_MAX_MESSAGE_BYTES = 1024 * 1024
_PRIVATE, _PRIVATE_FOLDER = 0o600, 0o700


@dataclass(frozen=True)
class MailboxFolder:
    """What the server does with a message.

    Args:
        folder: for the ``*.eml`` files; a message appears in it as a whole or not at all.
        nanoseconds: of the wall clock; names begin with them, so that their order is that of arrival.
    """

    folder: Path
    nanoseconds: Callable[[], int] = field(default=time.time_ns)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        """Take a message; the answer to its sender is a 250 only when the file is there."""
        del server, session
        content = envelope.content
        try:
            self.keep(content if isinstance(content, bytes) else (content or "").encode())
        except OSError as exc:
            structlog.get_logger("idp.mailbox").warning("message_not_kept", reason=type(exc).__name__)
            return "452 4.3.1 No room for the message"
        return "250 2.0.0 OK"

    def keep(self, content: bytes) -> None:
        """Write one message, its lines ended as in any file here. Raises `OSError`, and leaves nothing behind then."""
        name = f"{self.nanoseconds():020d}-{secrets.token_hex(4)}"
        unfinished = self.folder / f".{name}.new"
        try:
            unfinished.touch(_PRIVATE, exist_ok=False)
            unfinished.write_bytes(content.replace(b"\r\n", b"\n"))
            unfinished.rename(self.folder / f"{name}.eml")
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise


def run_mailbox_server(folder: Path, port: int) -> None:
    """Serve in the foreground until SIGTERM or SIGINT.

    Args:
        folder: for the messages; made, readable to its owner only, if it is missing.
        port: TCP port on 127.0.0.1.

    Raises:
        ConfigurationError: the folder can't be made, or the port is taken.
    """
    try:
        folder.mkdir(_PRIVATE_FOLDER, parents=True, exist_ok=True)
    except OSError as exc:
        message = f"the mailbox {folder} can't be made: {exc.strerror}"
        raise ConfigurationError(message) from exc
    asyncio.run(_serve(MailboxFolder(folder), port))


async def _serve(mailbox: MailboxFolder, port: int) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def conversation() -> SMTP:
        return SMTP(mailbox, data_size_limit=_MAX_MESSAGE_BYTES, enable_SMTPUTF8=True, hostname="localhost", loop=loop)

    try:
        server = await loop.create_server(conversation, HOST, port)
    except OSError as exc:
        message = f"the demo's mail server can't listen on {HOST}:{port}: {exc.strerror}"
        raise ConfigurationError(message) from exc
    await stop.wait()
    server.close()
