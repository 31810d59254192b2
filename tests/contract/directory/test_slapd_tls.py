"""LDAP over TLS, from the first byte on or by StartTLS, to a real slapd: who isn't who it says gets no password (S48)."""

from __future__ import annotations

import socket
import subprocess
import threading
from contextlib import contextmanager
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
from tests.slapd import BASE_DN, CHEAP, WITHOUT_TLS, RunningSlapd, configure

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
        url: scheme and port, on a host to be filled in.
        start_tls: whether TLS is asked for first.
        service: an identity that may bind.
    """

    url: str
    start_tls: bool
    service: SimpleBind

    def bind(self, host: str, ca_file: Path | None, service: SimpleBind | None = None) -> int:
        """Bind, and give the result."""
        server = LdapServer(self.url.format(host), ca_file, TIMEOUT_S, self.start_tls)
        connection, code = server.connect(service or self.service)
        hang_up(connection)
        return code


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """The one to trust."""
    return Authority.found(tmp_path, "authority")


@pytest.fixture(params=["ldaps", "StartTLS"])
def serve(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., TlsSlapd]]:
    """A way to start a slapd with a certificate, to be spoken to in one way or the other."""
    running: list[subprocess.Popen[bytes]] = []

    def start(certificate: Path, key: Path, ciphers: str = "NORMAL") -> TlsSlapd:
        embedded, port = EmbeddedSlapd(tmp_path / str(len(running)), BASE_DN, free_port(), CHEAP), free_port()
        embedded.create()
        configure(embedded, _TLS.format(certificate=certificate, key=key, ciphers=ciphers))
        command = [f"{word} ldaps://127.0.0.1:{port}" if word.startswith("ldap://") else word for word in embedded.command()]
        running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL))  # noqa: S603  # our own words
        embedded.wait_until_ready(10, running[-1])
        service = SimpleBind(embedded.service_dn, embedded.service_password_file.read_text())
        if request.param == "ldaps":
            return TlsSlapd(f"ldaps://{{}}:{port}", False, service)  # noqa: FBT003  # as it is named
        return TlsSlapd(f"ldap://{{}}:{embedded.port}", True, service)  # noqa: FBT003  # likewise

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
    for scheme, start_tls in (("ldaps", False), ("ldap", True)):
        server = LdapServer(f"{scheme}://127.0.0.1:{slapd.embedded.port}", authority.certificate, 0.2, start_tls)
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


# -- StartTLS, where somebody on the way would rather not have it -------------------------------------------------------------

SECRET = "het wachtwoord van de dienst"
SUCCESS = bytes.fromhex("78070a010004000400")  # an ExtendedResponse: RFC 4511 section 4.12


def test_a_server_that_can_not_is_told_nothing(tmp_path: Path) -> None:
    """A server that lost its certificate must not have everybody's password sent to it in the clear from then on."""
    embedded = EmbeddedSlapd(tmp_path / "directory", BASE_DN, free_port(), CHEAP)
    embedded.create()
    configure(embedded, WITHOUT_TLS)
    process = embedded.start()
    with pytest.raises(DirectoryUnavailable, match="does not start TLS"):
        LdapServer(embedded.ldap_url, timeout_s=TIMEOUT_S, start_tls=True).connect(SimpleBind(embedded.service_dn, SECRET))
    assert embedded.answers()  # it is there
    stop(process)


@pytest.mark.parametrize(
    ("answer", "more", "sentence"),
    [
        (bytes.fromhex("78070a010204000400"), b"", "does not start TLS"),
        (bytes.fromhex("78070a013404000400"), b"", "does not start TLS"),
        (SUCCESS, b"", "can't be asked"),
        (SUCCESS, bytes.fromhex("300c02017f61070a010004000400"), "can't be asked|does not answer"),
        (SUCCESS, bytes.fromhex("30840000ffff"), "can't be asked|does not answer"),
        (b"", b"", "does not answer"),
    ],
    ids=["protocolError", "unavailable", "goes on in the clear", "one answer more", "half an answer more", "hangs up"],
)
def test_whoever_takes_tls_away_gets_no_password(answer: bytes, more: bytes, sentence: str) -> None:
    """A machine on the way that answers for the server, or slips something in before the TLS begins."""
    with listening(answer, more) as (port, received), pytest.raises(DirectoryUnavailable, match=sentence):
        LdapServer(f"ldap://127.0.0.1:{port}", timeout_s=1, start_tls=True).connect(SimpleBind("cn=idp", SECRET))
    sent = b"".join(received)
    assert b"1.3.6.1.4.1.1466.20037" in sent
    assert SECRET.encode() not in sent
    assert b"cn=idp" not in sent


@contextmanager
def listening(answer: bytes, more: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """Be somebody who answers the first request, sends more at once, and takes in whatever comes."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve_one() -> None:
            peer, _ = server.accept()
            with peer:
                received.append(peer.recv(4096))
                number = received[0][2 : 4 + received[0][3]]  # the message's, to be repeated
                whole = number + answer
                peer.sendall((b"\x30" + bytes([len(whole)]) + whole + more) if answer else b"")
                peer.shutdown(socket.SHUT_WR)
                received.extend(iter(lambda: peer.recv(4096), b""))

        thread = threading.Thread(target=serve_one)
        thread.start()
        yield server.getsockname()[1], received
        thread.join()
