"""The embedded directory: a private slapd, on a socket in its own folder and on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from idp.adapters.directory_templates import Naming
from idp.adapters.ldap.server import LdapServer, SocketIdentity, hang_up
from idp.adapters.slapd_certificate import AUTHORITY_NAME, CERTIFICATE_NAME, is_about_to_end, make_certificate
from idp.adapters.slapd_files import ARGON2_COST, SLAPD, assert_installed, make_directory
from idp.adapters.system_clock import SystemClock
from idp.errors import ConfigurationError, DirectoryUnavailable

if TYPE_CHECKING:
    from pathlib import Path

_SOCKET = "ldapi"
_SOCKET_PATH_BYTES = 107
"""Longest path of a Unix socket on Linux: unix(7)."""

_PAUSE_S = 0.01


@dataclass(frozen=True, slots=True)
class EmbeddedSlapd:
    """One private server and its data.

    Args:
        state: its folder, made by `create`.
        base_dn: of `dc` components; fixed once the directory was made.
        port: of plain LDAP on 127.0.0.1.
        argon2_cost: arguments of slapd's argon2 module; fixed once the directory was made.
        program: slapd.
        tls_port: of LDAPS on 127.0.0.1; None: not there.
    """

    state: Path
    base_dn: str
    port: int
    argon2_cost: str = ARGON2_COST
    program: Path = SLAPD
    tls_port: int | None = None

    @property
    def ldap_url(self) -> str:
        """LDAP on loopback."""
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def ldaps_url(self) -> str | None:
        """LDAPS on loopback; None where it is not there, such as in a directory that was made before it had a certificate."""
        if self.tls_port is None or not (self.state / CERTIFICATE_NAME).exists():
            return None
        return f"ldaps://127.0.0.1:{self.tls_port}"

    @property
    def ca_file(self) -> Path:
        """By whom its certificate is issued, for those who check it."""
        return self.state / AUTHORITY_NAME

    @property
    def ldapi_url(self) -> str:
        """LDAP on the socket; by SASL EXTERNAL, whoever made the directory is its admin here."""
        return "ldapi://" + quote(str(self.state.absolute() / _SOCKET), safe="")

    @property
    def admin_dn(self) -> str:
        """The administrator."""
        return Naming(self.base_dn).admin_dn

    @property
    def service_dn(self) -> str:
        """The service's own identity."""
        return Naming(self.base_dn).service_dn

    @property
    def decoy_dn(self) -> str:
        """The entry that unknown names bind to."""
        return Naming(self.base_dn).decoy_dn

    @property
    def admin_password_file(self) -> Path:
        """Mode 0600."""
        return self.state / "admin.password"

    @property
    def service_password_file(self) -> Path:
        """Mode 0600."""
        return self.state / "service.password"

    def create(self) -> None:
        """Make the directory, unless it is there.

        Raises:
            ConfigurationError: slapd is missing, or the folder can't be made; the sentence says which.
        """
        if len(os.fsencode(self.state.absolute() / _SOCKET)) > _SOCKET_PATH_BYTES:
            message = f"the path of the state directory is too long for a socket in it: {self.state}"
            raise ConfigurationError(message)
        make_directory(self.state, Naming(self.base_dn), self.argon2_cost, self.program)
        self._renew_certificate()

    def _renew_certificate(self) -> None:
        try:
            now = SystemClock().now()
            if is_about_to_end(self.state, now):
                make_certificate(self.state, now)
        except (OSError, ValueError) as exc:
            message = f"the certificate of the embedded directory in {self.state} can't be read or renewed: {type(exc).__name__}"
            raise ConfigurationError(message) from exc

    def command(self) -> list[str]:
        """Give the command that runs the server in the foreground. No secret is in it."""
        # cn=config names its folders by relative paths, so that the directory can be moved.
        urls = " ".join(url for url in (self.ldap_url, self.ldaps_url, f"ldapi://{_SOCKET}") if url)
        return ["/usr/bin/env", "-C", str(self.state.absolute()), str(self.program), "-F", "config", "-h", urls, "-d", "none"]

    def check(self) -> None:
        """Look whether the server could start.

        Raises:
            ConfigurationError: the port is taken, slapd is missing, or the folder can't be written.
        """
        assert_installed(self.program)
        if not os.access(self.state / "data", os.W_OK, effective_ids=True):
            message = f"the embedded directory in {self.state} can't be written"
            raise ConfigurationError(message)
        for port in (self.port, self.tls_port):
            if port is not None and not _port_is_free(port):
                message = f"port {port} on 127.0.0.1 is taken, and the embedded directory wants it"
                raise ConfigurationError(message)

    def start(self, timeout_s: float = 10) -> subprocess.Popen[bytes]:
        """Start the server, and wait until it answers.

        Raises:
            ConfigurationError: as `check`.
            DirectoryUnavailable: it ended, or gave no answer within `timeout_s`.
        """
        self.check()
        process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603  # our own words
        try:
            self.wait_until_ready(timeout_s, process)
        except DirectoryUnavailable:
            stop(process)
            raise
        return process

    def wait_until_ready(self, timeout_s: float, process: subprocess.Popen[bytes] | None = None) -> None:
        """Wait until the server answers on its socket, which nobody else listens on.

        Args:
            timeout_s: how long.
            process: the server, if it is a child: its end ends the waiting.

        Raises:
            DirectoryUnavailable: it ended, or gave no answer in time.
        """
        deadline = time.monotonic() + timeout_s
        while not self.answers():
            if process is not None and process.poll() is not None:
                message = f"slapd ended at once, with status {process.returncode}"
                raise DirectoryUnavailable(message)
            if time.monotonic() > deadline:
                message = f"slapd gave no answer within {timeout_s:g} s"
                raise DirectoryUnavailable(message)
            time.sleep(_PAUSE_S)

    def answers(self) -> bool:
        """Tell whether the server answers on its socket."""
        try:
            connection, _ = LdapServer(self.ldapi_url, timeout_s=1).connect(SocketIdentity())
        except DirectoryUnavailable:
            return False
        hang_up(connection)
        return True


def stop(process: subprocess.Popen[bytes], timeout_s: float = 10) -> None:
    """End a server in order; kill it if that takes longer than `timeout_s`."""
    process.terminate()
    try:
        process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As slapd does: connections of a former server that linger don't count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
