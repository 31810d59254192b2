"""LDAP over TLS, to a real slapd: who isn't who it claims to be gets no password (S48)."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.adapters.ldap import LdapServer, SimpleBind
from idp.adapters.ldap.server import hang_up
from idp.adapters.slapd import EmbeddedSlapd, stop
from idp.errors import ConfigurationError, DirectoryUnavailable
from tests.contract.directory.certificates import Authority
from tests.free_ports import free_port
from tests.slapd import BASE_DN, CHEAP, RunningSlapd, configure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TIMEOUT_S = 5.0

_TLS = """dn: cn=config
changetype: modify
replace: olcTLSCertificateFile
olcTLSCertificateFile: {certificate}
-
replace: olcTLSCertificateKeyFile
olcTLSCertificateKeyFile: {key}
-
replace: olcTLSCipherSuite
olcTLSCipherSuite: {ciphers}
"""

pytestmark = pytest.mark.row("S48")


@dataclass(frozen=True)
class TlsSlapd:
    """A slapd that speaks TLS.

    Args:
        port: of `ldaps://` on loopback.
        service: an identity that may bind.
    """

    port: int
    service: SimpleBind

    def bind(self, host: str, ca_file: Path | None, service: SimpleBind | None = None) -> int:
        """Bind, and give the result."""
        server = LdapServer(f"ldaps://{host}:{self.port}", ca_file, TIMEOUT_S)
        connection, code = server.connect(service or self.service)
        hang_up(connection)
        return code


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """The one to trust."""
    return Authority.found(tmp_path, "authority")


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., TlsSlapd]]:
    """A way to start a slapd with a certificate."""
    running: list[subprocess.Popen[bytes]] = []

    def start(certificate: Path, key: Path, ciphers: str = "NORMAL") -> TlsSlapd:
        embedded, port = EmbeddedSlapd(tmp_path / str(len(running)), BASE_DN, free_port(), CHEAP), free_port()
        embedded.create()
        configure(embedded, _TLS.format(certificate=certificate, key=key, ciphers=ciphers))
        command = [f"{word} ldaps://127.0.0.1:{port}" if word.startswith("ldap://") else word for word in embedded.command()]
        running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL))  # noqa: S603  # our own words
        embedded.wait_until_ready(10, running[-1])
        return TlsSlapd(port, SimpleBind(embedded.service_dn, embedded.service_password_file.read_text()))

    yield start
    for process in running:
        stop(process)


def test_a_server_that_is_who_it_claims_to_be_is_used(
    serve: Callable[..., TlsSlapd], authority: Authority, tmp_path: Path
) -> None:
    """By name and by address."""
    slapd = serve(*authority.issue(tmp_path, "localhost", "127.0.0.1"))
    assert slapd.bind("localhost", authority.certificate) == 0
    assert slapd.bind("127.0.0.1", authority.certificate) == 0
    assert slapd.bind("localhost", authority.certificate, replace(slapd.service, password="wrong")) == 49


def test_another_hosts_certificate_is_refused(serve: Callable[..., TlsSlapd], authority: Authority, tmp_path: Path) -> None:
    """Whoever holds a certificate for any machine of the house would else be the directory."""
    slapd = serve(*authority.issue(tmp_path, "printer.example.nl"))
    for host in ("localhost", "127.0.0.1"):
        with pytest.raises(DirectoryUnavailable):
            slapd.bind(host, authority.certificate)


def test_an_unknown_authority_is_refused(serve: Callable[..., TlsSlapd], authority: Authority, tmp_path: Path) -> None:
    """Anybody can issue a certificate for our directory's name to themselves; the system's authorities don't know ours either."""
    slapd = serve(*Authority.found(tmp_path, "stranger").issue(tmp_path, "localhost"))
    for ca_file in (authority.certificate, None):
        with pytest.raises(DirectoryUnavailable):
            slapd.bind("localhost", ca_file)


def test_an_expired_certificate_is_refused(serve: Callable[..., TlsSlapd], authority: Authority, tmp_path: Path) -> None:
    """A key that leaked long ago must be worth nothing by now."""
    slapd = serve(*authority.issue(tmp_path, "localhost", lived=timedelta(minutes=1)))
    with pytest.raises(DirectoryUnavailable):
        slapd.bind("localhost", authority.certificate)


def test_old_versions_of_tls_are_refused(serve: Callable[..., TlsSlapd], authority: Authority, tmp_path: Path) -> None:
    """TLS 1.1 and older are broken (RFC 8996)."""
    certificate = authority.issue(tmp_path, "localhost")
    assert serve(*certificate, "NORMAL:-VERS-ALL:+VERS-TLS1.2").bind("localhost", authority.certificate) == 0
    with pytest.raises(DirectoryUnavailable):
        serve(*certificate, "NORMAL:-VERS-ALL:+VERS-TLS1.1").bind("localhost", authority.certificate)


def test_a_server_that_does_not_shake_hands_is_given_up(authority: Authority, slapd: RunningSlapd) -> None:
    """The time-out holds for the handshake too."""
    slapd.pause()
    server = LdapServer(f"ldaps://127.0.0.1:{slapd.embedded.port}", authority.certificate, 0.2)
    with pytest.raises(DirectoryUnavailable, match="in time"):
        server.connect()


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_authorities_that_can_not_be_read_stop_the_start(tmp_path: Path, content: str | None) -> None:
    """A typing error in ca_file is seen at the start, not by the first visitor."""
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_text(content)
    with pytest.raises(ConfigurationError, match=r"directory\.ca_file"):
        LdapServer("ldaps://localhost", ca_file)
