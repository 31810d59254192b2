"""Bytes that no client of ours sends, at the real server: an error of the protocol's own, never a fault of ours (S47)."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import pytest

from idp.adapters.system_clock import SystemClock
from idp.app import create_app
from tests.opened_ports import opened_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.processes import Started
    from tests.system.service import Service

FORM = "application/x-www-form-urlencoded"
UID = "U4BBGA5401"
SECRET = "0" * 43
TOKEN = f"client_id=CLIENT&client_secret={SECRET}&grant_type=password"
MEBIBYTE = 1024 * 1024
HUGE = b"a" * MEBIBYTE


class Wire:
    """A server, spoken to without any library that would keep us from saying it wrong."""

    def __init__(self, port: int) -> None:
        self.port = port

    def say(self, *pieces: bytes, hang_up: bool = False) -> bytes:
        """Send pieces; gives all that comes back until the server closes.

        Args:
            pieces: as they are.
            hang_up: send no more than this, and say so.
        """
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            try:
                for piece in pieces:
                    connection.sendall(piece)
                if hang_up:
                    connection.shutdown(socket.SHUT_WR)
            except OSError:  # the server has heard enough
                pass
            return self._all(connection)

    def post(self, path: str, body: bytes, content_type: str = FORM, *more: bytes) -> bytes:
        """Send a request that is whole, but for what is in it."""
        lines = [
            f"POST {path} HTTP/1.1".encode(),
            b"Host: 127.0.0.1",
            b"Connection: close",
            b"Content-Type: " + content_type.encode("latin-1"),
            b"Content-Length: " + str(len(body)).encode(),
            *more,
        ]
        return self.say(b"\r\n".join(lines), b"\r\n\r\n", body)

    def get(self, path: bytes, *more: bytes) -> bytes:
        """Ask for a path, as it is."""
        return self.say(b"\r\n".join([b"GET " + path + b" HTTP/1.1", b"Host: 127.0.0.1", b"Connection: close", *more, b"", b""]))

    @staticmethod
    def _all(connection: socket.socket) -> bytes:
        heard = b""
        try:
            while piece := connection.recv(65536):
                heard += piece
        except ConnectionResetError:  # it did not want to read the rest
            pass
        return heard


def status_of(answer: bytes) -> int:
    """Read the status; 0 where the server answered nothing."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else 0


@pytest.fixture(scope="module")
def client_fields(service: Service) -> str:
    """A registered client, as it introduces itself in a body."""
    client, secret = service.add_client()
    service.add_user(UID, "anna@example.nl")
    return f"client_id={client.client_id}&client_secret={secret}"


@dataclass(frozen=True)
class Addresses:
    """What takes a form.

    Args:
        programs: answer in JSON.
        pages: answer people.
    """

    programs: list[str]
    pages: list[str]


@pytest.fixture(scope="module")
def addresses(service: Service) -> Addresses:
    """All that there are, by the URL map: so that what is new is tried too."""
    with opened_ports(service.settings, SystemClock()) as ports:
        rules = list(create_app(service.settings, ports).url_map.iter_rules())
    found: dict[bool, list[str]] = {True: [], False: []}
    for rule in rules:
        if "POST" in (rule.methods or ()):
            path = rule.rule.replace("<release>", "221").replace("<secret>", "x")
            found[rule.endpoint.startswith("token_")].append(path)
    # The strict issuer's pages are the same code; its endpoints for programs are not quite.
    return Addresses(found[True], [path for path in found[False] if not path.startswith("/fapi/")])


@pytest.fixture(scope="module")
def web(service: Service, client_fields: str) -> Iterator[Started]:
    """The server."""
    assert client_fields
    with service.web() as started:
        yield started


@pytest.fixture
def wire(service: Service, web: Started) -> Iterator[Wire]:
    """A way to say anything; afterwards the server lives, and has written of no fault."""
    before = len(web.said)
    yield Wire(service.settings.service.port)
    assert service.is_alive()
    written = web.said[before:]
    assert "Traceback" not in written
    assert "unexpected_error" not in written
    assert '"level": "error"' not in written


BODIES = {
    "nothing": b"",
    "no grant type": b"CLIENT&username=u&password=p",
    "another grant type": b"CLIENT&grant_type=%22%5C%00",
    "no password": b"CLIENT&grant_type=password&username=u",
    "an empty password": b"CLIENT&grant_type=password&username=u&password=",
    "bad UTF-8": b"CLIENT&grant_type=password&username=%ff%fe&password=p",
    "raw bad UTF-8": b"CLIENT&grant_type=password&username=\xff\xfe&password=p",
    "a surrogate": b"CLIENT&grant_type=password&username=%ed%a0%80&password=%ed%a0%80",
    "NUL in the name": b"CLIENT&grant_type=password&username=U4BBGA5401%00&password=p",
    "NUL in the password": b"CLIENT&grant_type=password&username=U4BBGA5401&password=%00",
    "a filter": b"CLIENT&grant_type=password&username=*)(uid=*&password=p",
    "a DN": b"CLIENT&grant_type=password&username=U4BBGA5401,ou=people%2b&password=p",
    "a name of 1 MiB": b"CLIENT&grant_type=password&password=p&username=" + HUGE,
    "a password of 1 MiB": b"CLIENT&grant_type=password&username=U4BBGA5401&password=" + HUGE,
    "a name of 60 kB": b"CLIENT&grant_type=password&password=p&username=" + HUGE[:60000],
    "a password of 60 kB": b"CLIENT&grant_type=password&username=U4BBGA5401&password=" + HUGE[:60000],
    "a name twice": b"CLIENT&grant_type=password&username=a&username=b&password=p",
    "a grant type twice": b"CLIENT&grant_type=password&grant_type=password&username=a&password=p",
    "a client twice": b"CLIENT&CLIENT&grant_type=password&username=a&password=p",
    "a thousand fields": b"CLIENT&" + b"&".join(b"f%d=1" % number for number in range(1000)),
    "an impossible client": b"client_id=%00%ff&client_secret=%f0%9f%92%a9&grant_type=password&username=u&password=p",
    "no form at all": b"\x00\x01\x02\xff" * 100,
    "percent signs": b"CLIENT&grant_type=password&username=%&password=%zz%",
    "a scope of quotes": b'CLIENT&grant_type=password&username=u&password=p&scope="\\%22%0d%0aX-Evil:1',
    "a refresh token of rubbish": b"CLIENT&grant_type=refresh_token&refresh_token=" + bytes(range(33, 256)),
}


@pytest.mark.row("S47", "S26", "S50")
def test_a_hostile_body_gets_the_protocols_error(wire: Wire, client_fields: str, addresses: Addresses) -> None:
    """Whoever tries out what falls over finds an error of RFC 6749 in JSON each time, and the service as it was."""
    assert {"/oauth/token", "/fapi/token", "/V221/OAuth/Token", "/oauth/par", "/oauth/register"} <= set(addresses.programs)
    for path, (name, body) in product(addresses.programs, BODIES.items()):
        answer = wire.post(path, body.replace(b"CLIENT", client_fields.encode()))
        status = status_of(answer)
        assert status in (200, 201, 400, 401, 413) or (status == 0 and "1 MiB" in name), (path, name)
        assert status == 0 or b"Content-Type: application/json" in answer, (path, name)


@pytest.mark.row("S47")
def test_a_hostile_form_gets_a_page(wire: Wire, addresses: Addresses) -> None:
    """The pages hold as the token endpoint does."""
    assert {"/reset", "/device", "/oauth/end_session", "/oauth/authorize/decision"} <= set(addresses.pages)
    for path, (name, body) in product(addresses.pages, BODIES.items()):
        answer = wire.post(path, body)
        status = status_of(answer)
        assert 200 <= status < 500 or (status == 0 and "1 MiB" in name), (path, name)
        assert status in (0, 303) or b"Content-Type: text/html" in answer, (path, name)


@pytest.mark.row("S47")
@pytest.mark.parametrize(
    "content_type",
    ["application/json", "multipart/form-data", "multipart/form-data; boundary=", "text/plain; charset=\xff", "", "x" * 4000],
)
def test_another_media_type_is_refused(wire: Wire, content_type: str) -> None:
    """A body that is no form is read by nobody."""
    for path in ("/oauth/token", "/reset", "/login"):
        assert 400 <= status_of(wire.post(path, b'{"grant_type": "password"}', content_type)) < 500


PATHS = {
    "percent NUL": b"/reset/password/%00",
    "bad UTF-8": b"/reset/password/%ff%fe",
    "raw bytes": b"/reset/password/\xff\xfe",
    "dots": b"/static/../../../../etc/passwd",
    "encoded dots": b"/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "two slashes": b"//elsewhere.example/reset",
    "a query of rubbish": b"/reset?ticket=%ff&ticket=%00&lang=%f0",
    "a long query": b"/reset?ticket=" + HUGE[:8000],
    "a number of 5000 digits": b"/V" + b"9" * 5000 + b"/OAuth/Token",
    "an absolute address": b"http://elsewhere.example/reset",
    "an asterisk": b"*",
    "a space": b"/reset /login",
    "NUL": b"/reset\x00",
}


@pytest.mark.row("S47", "S49")
@pytest.mark.parametrize("name", PATHS)
def test_a_hostile_address_leads_nowhere(wire: Wire, name: str) -> None:
    """No file is shown, nobody is sent elsewhere, nothing falls over."""
    answer = wire.get(PATHS[name])
    assert status_of(answer) < 500
    assert b"root:" not in answer
    assert b"Location: http" not in answer
    assert b"Location: //" not in answer


HEADERS = {
    "a header of 64 kB": b"X-Long: " + HUGE[:65536],
    "a thousand headers": b"\r\n".join(b"X-%d: 1" % number for number in range(1000)),
    "NUL": b"X-Nul: a\x00b",
    "bad UTF-8 in Authorization": b"Authorization: Basic \xff\xfe",
    "no base64 in Authorization": b"Authorization: Basic %%%",
    "base64 of rubbish": b"Authorization: Basic //79/A==",
    "a bearer of rubbish": b"Authorization: Bearer \xff.\xfe.\xfd",
    "a proof of rubbish": b"Authorization: DPoP a.b.c\r\nDPoP: \xff.\xfe.\xfd\r\nDPoP: {}",
    "cookies of rubbish": b"Cookie: portal=\xff; step=\x01; form=.eJ; language=%00; =;;;",
    "another host": b"Host: elsewhere.example",
    "no language": b"Accept-Language: ;q=,,\xff;q=9e999",
    "a negative length": b"Content-Length: -1",
    "two lengths": b"Content-Length: 1\r\nContent-Length: 2",
    "a length and chunks": b"Content-Length: 4\r\nTransfer-Encoding: chunked",
    "odd chunks": b"Transfer-Encoding: xchunked",
    "a folded header": b"X-Folded: a\r\n b",
    "a name with a space": b"X Evil: 1",
}


@pytest.mark.row("S47")
@pytest.mark.parametrize("name", HEADERS)
def test_a_hostile_header_is_refused_or_ignored(wire: Wire, name: str) -> None:
    """What stands in a header brings no page down."""
    most = 501 if name == "odd chunks" else 499  # RFC 9112 section 6.1: an unknown transfer coding is "not implemented"
    for path in (b"/", b"/reset", b"/oauth/userinfo", b"/fapi/userinfo", b"/oauth/token", b"/reset/verify", b"/device"):
        assert status_of(wire.get(path, HEADERS[name])) <= most


POSTED = b" HTTP/1.1\r\nHost: x\r\nContent-Type: " + FORM.encode() + b"\r\n"
HALVES = {
    "nothing": b"",
    "half a line": b"POST /oauth/tok",
    "no end of headers": b"POST /oauth/token HTTP/1.1\r\nHost: x\r\n",
    "half a body": b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: "
    + FORM.encode()
    + b"\r\nContent-Length: 1000\r\n\r\ngrant",
    "half a form": b"POST /reset HTTP/1.1\r\nHost: x\r\nContent-Type: "
    + FORM.encode()
    + b"\r\nContent-Length: 1000\r\n\r\nusername=",
    "half a chunk": b"POST /oauth/token" + POSTED + b"Transfer-Encoding: chunked\r\n\r\nff\r\nabc",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "an LDAP bind": bytes.fromhex("300c020101600702010304008000"),
    "HTTP/0.9": b"GET /\r\n",
    "HTTP/9": b"GET / HTTP/9.9\r\n\r\n",
}


@pytest.mark.row("S47")
@pytest.mark.parametrize("name", HALVES)
def test_who_hangs_up_in_the_middle_leaves_nothing_behind(wire: Wire, name: str) -> None:
    """A phone in a tunnel is no fault to be looked into, and holds no thread."""
    assert status_of(wire.say(HALVES[name], hang_up=True)) < 500


@pytest.mark.row("S35")
def test_what_is_no_request_is_not_logged(wire: Wire, web: Started) -> None:
    """A client that miscounts its form has sent the rest of it, a password perhaps, as the next request."""
    head = f"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: 19\r\n\r\n"
    answer = wire.say(head.encode(), b"grant_type=password", b"&password=een+geheim+4716\r\n\r\n", hang_up=True)
    assert answer.count(b"HTTP/1.") == 2
    assert "a request was no HTTP" in web.said
    assert "geheim" not in web.said
