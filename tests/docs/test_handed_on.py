"""What nginx, as config/nginx has it, hands on: seen by a server in the service's place that keeps every byte of each connection.

Whatever a stranger sends, a connection to the service holds one request, in one spelling: nothing is left for anybody to read as
the beginning of the next visitor's.
"""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.contract.directory.certificates import Authority
from tests.docs.asked_for_certificates import ASKING, OPEN, SAMPLES, SERVICE
from tests.docs.proxy import prepare_proxy, until_it_answers
from tests.free_ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOST = "Host: localhost\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


@dataclass
class Recorder:
    """A server that reads a request to its end, waits whether more comes, and keeps all of it.

    Args:
        listening: its socket.
        connections: what came, by connection; none while it lasts.
    """

    listening: socket.socket
    connections: list[bytes | None] = field(default_factory=list)
    ended: threading.Condition = field(default_factory=threading.Condition)

    def serve(self) -> None:
        """Until the socket is shut."""
        while True:
            try:
                peer, _ = self.listening.accept()
            except OSError:
                return
            self.connections.append(None)
            with peer:
                heard = _all_of(peer)
            with self.ended:
                self.connections[-1] = heard
                self.ended.notify_all()

    def handed_on(self) -> list[bytes]:
        """Give what came since, when it has come in whole."""
        with self.ended:
            assert self.ended.wait_for(lambda: None not in self.connections, timeout=15)
            came = [heard for heard in self.connections if heard is not None]
            self.connections.clear()
            return came


def _all_of(peer: socket.socket) -> bytes:
    heard = b""
    while b"\r\n\r\n" not in heard and (piece := peer.recv(65536)):
        heard += piece
    head, _, body = heard.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length and (piece := peer.recv(65536)):
        heard, body = heard + piece, body + piece
    peer.sendall(ANSWER)
    peer.shutdown(socket.SHUT_WR)
    while piece := peer.recv(65536):  # nginx closes what it has done with; whatever it had sent besides is here
        heard += piece
    return heard


@dataclass(frozen=True)
class Proxy:
    """nginx before the recorder.

    Args:
        recorder: in the service's place.
        ports: of nginx.
        tls: trusts it.
    """

    recorder: Recorder
    ports: dict[int, int]
    tls: ssl.SSLContext

    def send(self, raw: str, port: int = OPEN) -> tuple[list[int], list[bytes]]:
        """Send bytes as they are, and no more; gives the statuses that come back, and what was handed on."""
        with (
            socket.create_connection(("127.0.0.1", self.ports[port]), timeout=15) as plain,
            self.tls.wrap_socket(plain, server_hostname="localhost") as spoken,
        ):
            spoken.sendall(raw.encode("latin-1"))
            heard = b""
            while piece := spoken.recv(65536):
                heard += piece
        statuses = [int(part.split(b" ", 1)[0]) for part in heard.split(b"HTTP/1.1 ")[1:]]
        return statuses, self.recorder.handed_on()


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """One for all."""
    with _running(tmp_path_factory.mktemp("n")) as running:
        yield running


@contextmanager
def _running(folder: Path) -> Iterator[Proxy]:
    for name in ("nginx", "bin", "units", "logs", "run", "etc", "etc/tls"):
        (folder / name).mkdir()
    authority = Authority.found(folder, "own")
    ports = {there: free_port() for there in (80, OPEN, ASKING)}
    with socket.create_server(("127.0.0.1", 0)) as listening:
        moved = {"/etc/koppel-idp": f"{folder}/etc", "/var/log/nginx": f"{folder}/logs", "idp.example.nl": "localhost"}
        prepare_proxy(folder, ports, {**moved, f"127.0.0.1:{SERVICE}": f"127.0.0.1:{listening.getsockname()[1]}"})
        for given, name in zip(authority.issue(folder, "localhost"), ("chain.pem", "key.pem"), strict=True):
            given.rename(folder / "etc" / "tls" / name)
        (folder / "etc" / "tls" / "client-authorities.pem").write_bytes(authority.certificate.read_bytes())
        for sample in SAMPLES.glob("*.conf"):
            (folder / "nginx" / "conf.d" / sample.name).write_bytes(sample.read_bytes())
        recorder = Recorder(listening)
        serving = threading.Thread(target=recorder.serve)
        serving.start()
        nginx = subprocess.Popen([folder / "bin" / "nginx", "-g", "daemon off;"])  # noqa: S603  # ours
        try:
            until_it_answers(ports[ASKING])
            yield Proxy(recorder, ports, ssl.create_default_context(cafile=authority.certificate))
        finally:
            nginx.terminate()
            nginx.wait()
            listening.shutdown(socket.SHUT_RDWR)
            serving.join()


OPENING = f"POST /oauth/token HTTP/1.1\r\n{HOST}Content-Type: application/x-www-form-urlencoded\r\n"
CHUNKED = f"{OPENING}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
GET = f"GET /oauth/token HTTP/1.1\r\n{HOST}"
LAST = f"{GET}Connection: close\r\n"
ONE, TWO, NONE = ([200], 1), ([200, 200], 2), ([400], 0)
SENT = {
    "a length": (ONE, f"{OPENING}Connection: close\r\nContent-Length: 3\r\n\r\na=b"),
    "chunks": (ONE, f"{CHUNKED}3\r\na=b\r\n0\r\n\r\n"),
    "chunks with extensions": (ONE, f"{CHUNKED}3;x=y;z\r\na=b\r\n0\r\n\r\n"),
    "chunks with a line in an extension": (NONE, f'{CHUNKED}3;x="\r\ny"\r\na=b\r\n0\r\n\r\n'),
    "chunks with a trailer": (ONE, f"{CHUNKED}3\r\na=b\r\n0\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n"),
    "a chunk that overflows": (NONE, f"{CHUNKED}fffffffffffffff1\r\na=b\r\n0\r\n\r\n"),
    "a chunk of less than nothing": (NONE, f"{CHUNKED}-3\r\na=b\r\n0\r\n\r\n"),
    "lines without CR": (ONE, f"{OPENING}Connection: close\r\nContent-Length: 3\r\n\r\na=b".replace("\r\n", "\n")),
    "CR alone": (NONE, f"{LAST}X: a\rContent-Length: 30\r\n\r\n"),
    "NUL": (NONE, f"{LAST}X: a\0b\r\n\r\n"),
    "a folded line": (NONE, f"{LAST}X: a\r\n X-Forwarded-For: 192.0.2.1\r\n\r\n"),
    "a space before the colon": (NONE, f"{LAST}Content-Length : 30\r\n\r\n"),
    "two hosts": (NONE, f"{LAST}Host: evil.example\r\n\r\n"),
    "a path with its host": (ONE, LAST.replace(" /", " http://localhost/", 1) + "\r\n"),
    "a tunnel": (NONE, LAST.replace("GET /oauth/token", "CONNECT 127.0.0.1:22") + "\r\n"),
    "before HTTP had headers": (([], 1), "GET /oauth/token\r\n"),
    "HTTP/1.0 that stays, and another": (
        TWO,
        OPENING.replace("/1.1", "/1.0") + f"Connection: keep-alive\r\nContent-Length: 3\r\n\r\na=b{LAST}\r\n",
    ),
    "one behind the other": (TWO, f"{OPENING}Content-Length: 3\r\n\r\na=b{LAST}\r\n"),
    "a request as the body of one that has none": (TWO, f"{GET}Content-Length: {len(GET)}\r\n\r\n{GET}{LAST}\r\n"),
    "another protocol": (
        ONE,
        f"{GET}Connection: close, Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
    ),
    "who it is, underscored": (
        ONE,
        f"{LAST}X_Forwarded_For: 192.0.2.1\r\nSSL_Client_Verify: SUCCESS\r\nContent_Length: 9\r\n\r\n",
    ),
    "who it is, for one hop": (ONE, f"{GET}Connection: close, X-Forwarded-For, X-Forwarded-Proto, Content-Length\r\n\r\n"),
    "who it is, twice": (
        ONE,
        f"{LAST}X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.2\r\nX-Forwarded-Host: evil.example\r\n\r\n",
    ),
}
"""By name: the statuses that come back and the connections that are made, and the bytes."""

SAID = {"Host: localhost", "X-Forwarded-For: 127.0.0.1", "X-Forwarded-Proto: https", "Connection: close"}
MAY_BE_SAID = {"Content-Type: application/x-www-form-urlencoded", "HTTP2-Settings: AAMAAABk", "SSL-Client-Verify: NONE"}


@pytest.mark.row("S47", "S49")
@pytest.mark.parametrize("port", [OPEN, ASKING])
@pytest.mark.parametrize("name", SENT)
def test_a_connection_holds_one_request_of_one_meaning(proxy: Proxy, name: str, port: int) -> None:
    """A stranger's bytes would stand before the next visitor's request, who then asks, and gets, what the stranger wrote."""
    expected, raw = SENT[name]
    statuses, connections = proxy.send(raw, port)
    assert (statuses, len(connections)) == expected
    for connection in connections:
        head, _, body = connection.decode("latin-1").partition("\r\n\r\n")
        first, *headers = head.split("\r\n")
        assert first in ("GET /oauth/token HTTP/1.1", "POST /oauth/token HTTP/1.1")
        length = [f"Content-Length: {len(body)}"] if body else []
        assert [header for header in headers if header.startswith("Content-Length")] == length
        assert sorted(headers) == sorted({*headers}), "nothing is said twice"
        assert set(headers) - MAY_BE_SAID - set(length) == SAID


@pytest.mark.row("S47")
@pytest.mark.parametrize("port", [OPEN, ASKING])
def test_no_two_visitors_share_a_connection(proxy: Proxy, port: int) -> None:
    """Even a request that both understand otherwise would then have nobody else's behind it."""
    for _ in range(3):
        assert len(proxy.send(f"{LAST}\r\n", port)[1]) == 1
