"""What docs/production.md begins with: a machine, a directory that never heard of us, a mail server; and who pastes its blocks.

All of it stands in one folder, on ports of its own, as whoever runs the test.
"""

from __future__ import annotations

import getpass
import json
import os
import ssl
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.contract.directory.certificates import Authority
from tests.contract.mailer.certificates import make_certificate
from tests.contract.mailer.real_server import RealServer
from tests.docs.document import blocks_of, variables_of
from tests.docs.proxy import PROXY_UNIT, prepare_proxy
from tests.free_ports import free_port
from tests.plain_slapd import ADMIN_DN, CONFIG_ADMIN_DN, PlainSlapd
from tests.slapd import BASE_DN
from tests.system.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TREE = Path(__file__).parents[2]
DOCUMENT = TREE / "docs" / "production.md"
MAIL_PASSWORD = "wachtwoord van de mailserver"  # nobody's
_FOLDERS = ("program", "etc", "state", "backups", "units", "nginx", "bin", "run", "logs", "given", "ldap")
_STANDARD_FOLDERS = {
    "/opt/koppel-idp": "program",
    "/etc/koppel-idp": "etc",
    "/var/lib/koppel-idp": "state",
    "/var/backups/koppel-idp": "backups",
    "/etc/nginx": "nginx",
    "/var/log/nginx": "logs",
}


@dataclass
class Site:
    """Where the document is followed.

    Args:
        folder: holds all of it.
        authority: of the proxy's and the directory's certificates.
        slapd: the directory, not yet made fit.
        mail: the mail server.
        variables: what the reader sets.
        blocks: of the document, by heading.
    """

    folder: Path
    authority: Authority
    slapd: PlainSlapd
    mail: RealServer
    variables: dict[str, str] = field(default_factory=dict)
    blocks: Mapping[str, list[str]] = field(default_factory=lambda: blocks_of(DOCUMENT))

    @classmethod
    @contextmanager
    def open_in(cls, folder: Path) -> Iterator[Site]:
        """Make it, with directory, mail server and proxy at work; however far the reader comes, no process is left behind.

        Args:
            folder: empty.
        """
        for name in _FOLDERS:
            (folder / name).mkdir()
        certificate = make_certificate(folder / "mail")
        authority = Authority.found(folder / "given", "authority")
        slapd = PlainSlapd.start_in(folder / "slapd", authority.issue(folder / "ldap", "127.0.0.1", days=90))
        try:
            with RealServer(starttls=certificate.server_context(), login=("koppel-idp", MAIL_PASSWORD)) as mail:
                site = cls(folder, authority, slapd, mail)
                try:
                    site._prepare(certificate.chain)
                    yield site
                finally:
                    site._end()
        finally:
            slapd.stop()

    def _prepare(self, mail_ca: Path) -> None:
        self.authority.issue(self.folder / "given", "localhost")
        self.variables = self.as_set_here(mail_ca)
        assert list(self.variables) == variables_of(DOCUMENT)
        moved = {there: str(self.folder / here) for there, here in _STANDARD_FOLDERS.items()}
        self._stand_in("systemctl", moved)
        prepare_proxy(self.folder, {80: self.http_port, 443: self.https_port, 8443: self.mtls_port}, moved)
        self.run(f"systemctl start {PROXY_UNIT}")

    def as_set_here(self, mail_ca: Path) -> dict[str, str]:
        """Give what the reader sets, in the document's order."""
        given, admin = self.folder / "given", str(self.slapd.password_file)
        (given / "mail-password").write_text(MAIL_PASSWORD)
        self.http_port, self.https_port, self.mtls_port = free_port(), free_port(), free_port()
        there = {name: str(self.folder / name) for name in _FOLDERS}
        return {
            "SOURCE": str(TREE),
            "VERSION": "0.1.0",
            "PROGRAM": there["program"],
            "CONFIG": there["etc"],
            "STATE": there["state"],
            "BACKUPS": there["backups"],
            "UNITS": there["units"],
            "PROXY": there["nginx"],
            "BIN": there["bin"],
            "ACCOUNT": getpass.getuser(),
            "HOST": "localhost",
            "ORIGIN": f"https://localhost:{self.https_port}",
            "PORT": str(free_port()),
            "MTLS_ORIGIN": f"https://localhost:{self.mtls_port}",
            "CLIENT_CA": str(self.authority.certificate),
            "CHAIN": str(given / "server.pem"),
            "KEY": str(given / "server.key"),
            "LDAP": f"ldaps://127.0.0.1:{self.slapd.tls_port}",
            "BASE": BASE_DN,
            "LDAP_CA": str(self.authority.certificate),
            "ADMIN": ADMIN_DN,
            "ADMIN_PASSWORD": admin,
            "CONFIG_ADMIN": CONFIG_ADMIN_DN,
            "CONFIG_PASSWORD": admin,
            "LOG_FOLDER": str(self.slapd.folder / "log"),
            "MAIL": "127.0.0.1",
            "MAIL_PORT": str(self.mail.port),
            "MAIL_CA": str(mail_ca),
            "MAIL_USER": "koppel-idp",
            "MAIL_PASSWORD": str(given / "mail-password"),
            "FROM": "noreply@example.nl",
        }

    def paste(self, title: str, block: int | None = None, **changed: str) -> str:
        """Run the blocks below a heading, or one of them; gives what they say.

        Args:
            title: the heading.
            block: which one, from 0; None: all.
            changed: variables that the reader sets anew.
        """
        wanted = self.blocks[title] if block is None else [self.blocks[title][block]]
        self.variables |= changed
        return "".join(self.run(text) for text in wanted)

    def run(self, words: str) -> str:
        """Run words of a shell as the reader would; they must be done."""
        ran = subprocess.run(  # noqa: S603  # our own words
            ["/bin/sh", "-eu", "-c", f"umask 022\n{words}"],
            env={**os.environ, **self._environment, **self.variables},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, (words, ran.stdout, ran.stderr, self.said())
        return ran.stdout

    def said(self, unit: str = "koppel-idp-web") -> str:
        """Give what a unit's processes have said."""
        log = self.folder / "run" / f"{unit}.service.log"
        return log.read_text("utf-8") if log.exists() else ""

    def visitor(self, address: str = "127.0.0.1") -> Visitor:
        """Give a visitor who has never been there, and believes the site's authority alone."""
        return Visitor(self.variables["ORIGIN"], address, ssl.create_default_context(cafile=self.authority.certificate))

    def beside(self, port: str | int) -> Visitor:
        """Give somebody on this machine who asks a port in the clear."""
        return Visitor(f"http://127.0.0.1:{port}")

    def _end(self) -> None:
        for started in list((self.folder / "run").glob("*.service.pid")):
            self.run(f"systemctl stop {started.stem}")

    @property
    def _environment(self) -> dict[str, str]:
        # The packages of the lock are in a folder that `./dev` fills; no index is asked.
        pip = {
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(TREE / ".venv" / "wheels"),
            "PIP_NO_COMPILE": "1",
            "PIP_NO_CACHE_DIR": "1",
        }
        return {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}:/usr/sbin:/sbin",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            **pip,
        }

    def _stand_in(self, name: str, moved: Mapping[str, str]) -> None:
        machine = self.folder / "machine.json"
        told = {"units": str(self.folder / "units"), "run": str(self.folder / "run"), "moved": moved}
        machine.write_text(json.dumps(told), "utf-8")
        script = self.folder / "bin" / name
        script.write_text(
            f'#!/bin/sh\nPYTHONPATH="{TREE}" exec "{sys.executable}" -m tests.docs.{name} "{machine}" "$@"\n', "utf-8"
        )
        script.chmod(0o755)
