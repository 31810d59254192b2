"""Where the browser is led back to: one answer is taken, and it is that to this request (RFC 8252 sections 7.3, 8.9)."""

from __future__ import annotations

import socket
import urllib.request
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest

from idp.errors import NotGranted
from idp.oauth_client.loopback import listening


def lead(address: str, form: bytes | None = None, **headers: str) -> int:
    """Lead a browser there, or have it post a form."""
    asked = urllib.request.Request(address, form, {name.replace("_", "-"): value for name, value in headers.items()})  # noqa: S310
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310  # of this machine
            return int(answer.status)
    except HTTPError as exc:
        return exc.code


def test_the_answer_is_the_one_with_the_state_that_was_sent() -> None:
    """Any page could lead a browser here with a code of its own, and its books would be taken for the owner's."""
    with listening() as here:
        assert lead(f"{here.uri}?code=evil&state=another") == 200
        assert lead(f"{here.uri}?code=evil") == 200
        assert lead(here.uri.replace("callback", "favicon.ico")) == 404
        assert lead(f"{here.uri}?code=right&state=s&iss=https%3A%2F%2Flogin.example") == 200
        assert here.answer("s") == {"code": "right", "state": "s", "iss": "https://login.example"}


def test_an_answer_may_come_as_a_form() -> None:
    """S43: an application whose answers stand in no address could not be tried."""
    with listening() as here:
        assert lead(here.uri, b"code=evil&state=another") == 200
        assert lead(here.uri, b"state=s", Content_Length="9" * 6) == 200  # not waited for
        assert lead(here.uri, b"state=s", Content_Length="-1") == 200
        assert lead(here.uri.replace("callback", "other"), b"state=s") == 404
        assert lead(here.uri, b"code=right&state=s&iss=https%3A%2F%2Flogin.example") == 200
        assert here.answer("s") == {"code": "right", "state": "s", "iss": "https://login.example"}


def test_it_listens_to_this_machine_alone_and_only_meanwhile() -> None:
    """Others in the network could take the code, or bring one."""
    with listening() as here:
        assert urlsplit(here.uri).hostname == "127.0.0.1"
        port = urlsplit(here.uri).port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_a_browser_that_keeps_connections_open_stops_nothing() -> None:
    """Browsers open some that they may need; the one with the answer would wait behind them."""
    with listening() as here, socket.create_connection(("127.0.0.1", urlsplit(here.uri).port or 0)):
        assert lead(f"{here.uri}?state=s") == 200
        assert here.answer("s") == {"state": "s"}


def test_nobody_who_comes_is_told() -> None:
    """Support would wait for ever, and not know that the address is not registered."""
    with listening(wait_s=0.01) as here, pytest.raises(NotGranted, match=r"nobody was led back to http://127\.0\.0\.1:"):
        here.answer("s")
