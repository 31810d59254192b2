"""A real slapd for tests: one server for the whole run, with nobody in it when a test begins."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from idp.adapters.slapd import EmbeddedSlapd, stop
from tests.free_ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BASE_DN = "dc=u4bsw,dc=nl"
USERS_DN = f"ou=koppelgebruikers,{BASE_DN}"
PEOPLE_DN = f"ou=people,{BASE_DN}"
SUPPORT_DN = f"ou=support,{BASE_DN}"

CHEAP = "m=1024 t=1 p=1"
"""Argon2 at a cost that no test has to wait for."""

_FORGETFUL = """dn: olcDatabase={1}mdb,cn=config
changetype: modify
replace: olcDbNoSync
olcDbNoSync: TRUE

dn: olcDatabase={2}mdb,cn=config
changetype: modify
replace: olcDbNoSync
olcDbNoSync: TRUE
"""
"""Nothing waits for the disk: no test cuts the power."""


WITHOUT_TLS = """dn: cn=config
changetype: modify
delete: olcTLSCertificateFile
-
delete: olcTLSCertificateKeyFile
"""
"""The configuration of a server that has no certificate."""


@dataclass
class RunningSlapd:
    """A server, and an admin's tools: those of Debian's ldap-utils, on the socket."""

    embedded: EmbeddedSlapd
    process: subprocess.Popen[bytes]

    @classmethod
    def start_in(cls, folder: Path, argon2_cost: str = CHEAP) -> RunningSlapd:
        """Make a directory and start its server."""
        embedded = EmbeddedSlapd(folder / "slapd", BASE_DN, free_port(), argon2_cost)
        embedded.create()
        configure(embedded, _FORGETFUL)
        return cls(embedded, embedded.start())

    # -- the server ------------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """End it."""
        stop(self.process)

    def start(self) -> None:
        """Start it again, with the same data."""
        self.process = self.embedded.start()

    def pause(self) -> None:
        """Let it answer nobody, as an overloaded or frozen machine does."""
        os.kill(self.process.pid, signal.SIGSTOP)
        # The signal is on its way when kill returns; a thread on another processor could still answer.
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOWAIT)

    def resume(self) -> None:
        """Let it go on."""
        os.kill(self.process.pid, signal.SIGCONT)

    # -- the tools -------------------------------------------------------------------------------------------------------

    def tool(self, name: str, *arguments: str, ldif: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one of ldap-utils as the admin."""
        command = [name, "-Y", "EXTERNAL", "-Q", "-H", self.embedded.ldapi_url, *arguments]
        return subprocess.run(command, input=ldif, capture_output=True, text=True, check=check)  # noqa: S603  # our own words

    def modify(self, ldif: str, *arguments: str) -> None:
        """Apply LDIF."""
        self.tool("ldapmodify", *arguments, ldif=ldif)

    def write(self, dn: str, attribute: str, value: str | None, *arguments: str) -> None:
        """Replace one attribute, or, for None, delete it if it is there."""
        values = f"{attribute}:: {base64.b64encode(value.encode()).decode()}\n" if value is not None else ""
        self.modify(f"dn: {dn}\nchangetype: modify\nreplace: {attribute}\n{values}", *arguments)

    def read(self, dn: str, attribute: str) -> list[str]:
        """Give an attribute's values, as LDIF writes them: in base64 where they are no plain text."""
        found = self.tool("ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b", dn, "-s", "base", attribute).stdout
        return [line.partition(" ")[2] for line in found.splitlines() if line.lower().startswith(attribute.lower() + ":")]

    def empty(self) -> None:
        """Delete everybody, also who was moved elsewhere."""
        for container in (USERS_DN, PEOPLE_DN, SUPPORT_DN):
            self._delete("-b", container, "-s", "one")
        self._delete("-b", BASE_DN, "(|(objectClass=koppelgebruiker)(objectClass=person))")

    def _delete(self, *search: str) -> None:
        found = self.tool("ldapsearch", "-LLL", "-o", "ldif-wrap=no", *search, "1.1").stdout
        names = [line for line in found.splitlines() if line.startswith("dn:")]
        if names:
            self.modify("".join(f"{name}\nchangetype: delete\n\n" for name in names))


def configure(embedded: EmbeddedSlapd, ldif: str) -> None:
    """Change the configuration of a server that stands still."""
    changes = embedded.state / "changes.ldif"
    changes.write_text(ldif)
    command = [str(embedded.program), "-T", "modify", "-n", "0", "-F", "config", "-l", changes.name]
    subprocess.run(command, cwd=embedded.state, check=True, capture_output=True)  # noqa: S603  # our own words
    changes.unlink()


@pytest.fixture(scope="session")
def slapd_of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSlapd]:
    """The server; it goes on from test to test."""
    running = RunningSlapd.start_in(tmp_path_factory.mktemp("d"))
    yield running
    running.stop()


@pytest.fixture
def slapd(slapd_of_the_run: RunningSlapd) -> Iterator[RunningSlapd]:
    """The server, up, without people. A test may stop or pause it."""
    slapd_of_the_run.empty()
    yield slapd_of_the_run
    if slapd_of_the_run.process.poll() is None:
        slapd_of_the_run.resume()
    else:
        slapd_of_the_run.start()
