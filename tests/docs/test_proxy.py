"""What nginx, as config/nginx has it, answers by itself; and that it and the service mean the same by one request."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from tests.docs.asked_for_certificates import ASKING, OPEN
from tests.system.visitor import Visitor

if TYPE_CHECKING:
    from tests.docs.asked_for_certificates import Front

FOR_PEOPLE = {"authorization_endpoint", "end_session_endpoint"}
FORM = "Host: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
FRAMED_TWICE = {
    "a length and chunks": "Content-Length: 4\r\nTransfer-Encoding: chunked",
    "chunks and a length": "Transfer-Encoding: chunked\r\nContent-Length: 4",
    "two lengths": "Content-Length: 0\r\nContent-Length: 60",
    "a length in a list": "Content-Length: 0, 60",
    "a signed length": "Content-Length: +5",
    "chunks, misspelt": "Transfer-Encoding: xchunked\r\nContent-Length: 5",
    "chunks, twice": "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "chunks, behind a space": "Transfer-Encoding : chunked\r\nContent-Length: 5",
    "chunks, behind a sign": "Transfer-Encoding: \x0bchunked\r\nContent-Length: 5",
    "chunks, folded": "Transfer-Encoding:\r\n chunked\r\nContent-Length: 5",
}


def plain(front: Front) -> Visitor:
    """Give who comes without TLS."""
    return Visitor(f"http://127.0.0.1:{front.ports[80]}")


def test_what_nginx_answers_by_itself_can_be_framed_and_guessed_by_nobody(front: Front) -> None:
    """An error page would be the one page of this host that another site can show as its own."""
    huge = b"x" * (64 * 1024 + 1)
    answers = [
        front.visitor(OPEN).open("/metrics"),
        front.visitor(ASKING).open("/login"),
        front.visitor(OPEN).post("/login", huge),
    ]
    assert [answer.status for answer in answers] == [404, 404, 413]
    assert {answer.headers["Strict-Transport-Security"] for answer in answers} == {"max-age=63072000"}
    answers += [plain(front).open("/login"), plain(front).open("/oauth/token")]
    for answer in answers:
        assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"]
        policies = answer.headers.get_all("Content-Security-Policy") or []
        assert ["frame-ancestors 'none'" in policy for policy in policies] == [True]


def test_a_program_is_not_led_on_to_https(front: Front) -> None:
    """It would send its secret in the clear first, each time, for as long as nobody looks."""
    for prefix in ("", "/fapi"):
        told = front.visitor(OPEN).open(f"/.well-known/oauth-authorization-server{prefix}").json
        ends = [url for name, url in told.items() if name.endswith("_endpoint") and name not in FOR_PEOPLE]
        assert len(ends) > 3
        for url in [*ends, f"{front.visitor(OPEN).origin}/V221/OAuth/Token"]:
            answer = plain(front).post(url.removeprefix(front.visitor(OPEN).origin), {"grant_type": "password"})
            assert (answer.status, "Location" in answer.headers) == (403, False), url
            assert answer.json["error"] == "invalid_request"
    assert plain(front).open("/oauth/authorize?a=b").location == "https://localhost/oauth/authorize?a=b"


@pytest.mark.row("S47")
@pytest.mark.parametrize("port", [OPEN, ASKING])
@pytest.mark.parametrize("name", FRAMED_TWICE)
def test_one_request_is_one_request_to_everybody(front: Front, name: str, port: int) -> None:
    """Behind a request that ends elsewhere for the proxy than for us, a stranger's stands before the next visitor's."""
    smuggled = f"GET /.well-known/oauth-authorization-server HTTP/1.1\r\n{FORM}\r\n"
    whole = f"POST /oauth/token HTTP/1.1\r\n{FORM}{FRAMED_TWICE[name]}\r\n\r\n0\r\n\r\n{smuggled}"
    with (
        socket.create_connection(("127.0.0.1", front.ports[port]), timeout=10) as raw,
        front.tls().wrap_socket(raw, server_hostname="localhost") as spoken,
    ):
        spoken.sendall(whole.encode("latin-1"))
        heard = b""
        while piece := spoken.recv(65536):
            heard += piece
    assert heard.count(b"HTTP/1.1 ") == 1
    assert heard.split(b" ", 2)[1] in (b"400", b"501")
