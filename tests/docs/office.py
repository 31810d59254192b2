"""Where recipes are tried: a directory on its socket and behind TLS, the service on it, and who works there."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from idp.adapters.system_clock import SystemClock
from idp.app import create_app
from tests.contract.mailer.real_server import RealServer
from tests.docs.desk import Desk
from tests.docs.recipe import recipes, ways_to_bind
from tests.free_ports import free_port
from tests.opened_ports import opened_ports
from tests.slapd import SUPPORT_DN, RunningSlapd
from tests.system.service import Service as Configured
from tests.system.two_ways import Service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLLEAGUE = f"uid=els,{SUPPORT_DN}"
COLLEAGUES_PASSWORD = "de wachtzin van een collega"


@dataclass
class Office:
    """One installation.

    Args:
        folder: for files.
        service: pages, endpoints and a worker.
        config: of the service, by the directory's socket.
        mail: its mail server.
    """

    folder: Path
    service: Service
    config: Path
    mail: RealServer

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, before: tuple[str, ...] = ()) -> Iterator[Office]:
        """Set one up, for a while.

        Args:
            folder: for its files.
            before: what starts slapd.
        """
        slapd = _behind_tls(folder, before)
        with RealServer() as mail:
            configured = Configured.install(folder, slapd, mail)
            with opened_ports(configured.settings, SystemClock()) as ports:
                service = Service(configured.settings, slapd, ports, create_app(configured.settings, ports))
                yield cls(folder, service, configured.config, mail)
        slapd.stop()

    @property
    def slapd(self) -> RunningSlapd:
        """The directory."""
        return self.service.slapd

    @property
    def ldaps_url(self) -> str:
        """Of the directory, for who is not on the server."""
        url = self.slapd.embedded.ldaps_url
        assert url is not None
        return url

    @property
    def authority(self) -> Path:
        """Of the directory's certificate."""
        return self.slapd.embedded.ca_file

    def config_for(self, url: str) -> Path:
        """Give a configuration of the same service that reaches the directory there."""
        if url != self.ldaps_url:
            return self.config
        path = self.config.with_name("elsewhere.toml")
        there = f'url = "{url}"\nca_file = "{self.authority}"'
        path.write_text(self.config.read_text().replace(f'url = "{self.slapd.embedded.ldapi_url}"', there))
        return path

    def letters(self) -> list[tuple[str, str, str]]:
        """Let the worker do what is due; gives all that was delivered since the last time: to whom, subject, text."""
        for _ in range(2):
            self.service.worker.step()
        messages = [message_from_bytes(sent.content, policy=policy.default) for sent in self.mail.delivered]
        self.mail.delivered.clear()
        texts = [message.get_body(("plain",)) for message in messages]
        return [
            (str(message["To"]), str(message["Subject"]), text.get_content() if text else "")
            for message, text in zip(messages, texts, strict=True)
        ]

    def everything(self) -> str:
        """Give every entry and the configuration, with all that the directory knows of them."""
        bases = (self.service.settings.directory.base_dn, "cn=config")
        read = ("ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-z", "none", "-b")
        return "".join(self.slapd.tool(*read, base, "*", "+").stdout for base in bases)

    # -- who works there --

    def on_the_server(self, folder: Path) -> Desk:
        """Whom the socket knows."""
        return Desk(self, ways_to_bind()[0], self.slapd.embedded.ldapi_url, folder)

    def admin(self, folder: Path) -> Desk:
        """The admin, on another machine."""
        embedded = self.slapd.embedded
        return Desk(self, ways_to_bind()[1], self.ldaps_url, folder, embedded.admin_dn, embedded.admin_password_file)

    def supporter(self, folder: Path) -> Desk:
        """A colleague of support, on another machine; the document's recipe gives them their rights."""
        desk = self.on_the_server(folder)
        password_file = desk.write("els-password.txt", COLLEAGUES_PASSWORD)
        desk.paste(recipes()["Give a colleague of support their rights"].block)
        return Desk(self, ways_to_bind()[1], self.ldaps_url, folder, COLLEAGUE, password_file)


def _behind_tls(folder: Path, before: tuple[str, ...]) -> RunningSlapd:
    """Start a directory that can be reached from elsewhere as well."""
    slapd = RunningSlapd.start_in(folder)
    slapd.stop()
    slapd.embedded = replace(slapd.embedded, tls_port=free_port())
    command = [*before, *slapd.embedded.command()]
    slapd.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603  # our own words
    slapd.embedded.wait_until_ready(10, slapd.process)
    return slapd
