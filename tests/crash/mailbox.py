"""A real mail server on loopback, and what its readers find."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from idp.adapters.mailbox_server import MailboxFolder
from tests.contract.mailer.real_server import RealServer

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

RESET = "/reset/password/"
CONFIRMATION = "/not-me/"


@dataclass(frozen=True)
class Letter:
    """A mail as it was received.

    Args:
        to: its reader.
        subject: what it is about.
        message_id: says whether it is the same mail again.
        link: the path it leads to.
    """

    to: str
    subject: str
    message_id: str
    link: str


@dataclass(frozen=True)
class Mailbox:
    """All mail that was received, in a folder that several processes read.

    Args:
        folder: a file for each.
    """

    folder: Path

    def letters(self, kind: str, to: str) -> list[Letter]:
        """Give those that lead to one kind of page, the oldest first."""
        return [letter for letter in self.all() if letter.link.startswith(kind) and letter.to == to]

    def all(self) -> list[Letter]:
        """Give all of them, the oldest first."""
        return [self.read(file) for file in sorted(self.folder.glob("*.eml"))]

    def empty(self) -> None:
        """Throw all of it away."""
        for file in self.folder.glob("*.eml"):
            file.unlink()

    @staticmethod
    def read(file: Path) -> Letter:
        """Read one."""
        message = message_from_bytes(file.read_bytes(), policy=policy.default)
        plain = next(part for part in message.walk() if part.get_content_type() == "text/plain")
        text = plain.get_payload(decode=True)
        assert isinstance(text, bytes)
        paths = [urlsplit(link).path for link in re.findall(r"https?://\S+", text.decode())]
        return Letter(str(message["To"]), str(message["Subject"]), str(message["Message-ID"]), next(iter(paths), ""))


@dataclass
class PostOffice(RealServer):
    """The server: each message is a file before its 250 goes out."""

    folder: Path = Path()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        """Take a message, as the demo's server does."""
        return await MailboxFolder(self.folder).handle_DATA(server, session, envelope)
