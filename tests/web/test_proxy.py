"""Who asks, behind proxies (S49)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from werkzeug.test import create_environ, run_wsgi_app

from idp.errors import ConfigurationError
from idp.web.limits import network_of
from idp.web.proxy import TrustedProxies

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

PROXIES = ("10.0.0.0/8", "fd00::/8")


class _Seen:
    """An application that keeps the environment it was called with."""

    def __init__(self) -> None:
        self.environ: WSGIEnvironment = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.environ = environ
        start_response("204 No Content", [])
        return []


def _request(peer: str, *, certificates: bool = True, **headers: str) -> WSGIEnvironment:
    seen = _Seen()
    environ = create_environ(headers={name.replace("_", "-"): value for name, value in headers.items()})
    environ["REMOTE_ADDR"] = peer
    run_wsgi_app(TrustedProxies.around(seen, PROXIES, certificates=certificates), environ)
    return seen.environ


@pytest.mark.row("S49")
@pytest.mark.parametrize(
    ("peer", "forwarded", "visitor"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # a stranger says it is somebody else
        ("10.0.0.2", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "1.2.3.4, 198.51.100.1", "198.51.100.1"),  # the left part was written by the visitor
        ("10.0.0.2", "1.2.3.4, 198.51.100.1, 10.0.0.3", "198.51.100.1"),  # two of ours in a row
        ("10.0.0.2", "10.0.0.9, 10.0.0.3", "10.0.0.9"),  # everything is ours: the farthest one asks
        ("10.0.0.2", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.2", "[2001:db8::7]:4711", "2001:db8::7"),
        ("::ffff:10.0.0.2", "198.51.100.1", "198.51.100.1"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.2", "198.51.100.1, rubbish", "10.0.0.2"),  # an entry that can't be read ends the chain
        ("10.0.0.2", "", "10.0.0.2"),
    ],
)
def test_only_our_proxies_say_who_asks(peer: str, forwarded: str, visitor: str) -> None:
    """Without it a stranger picks an address for each request, and no limit ever counts them."""
    assert _request(peer, X_Forwarded_For=forwarded)["REMOTE_ADDR"] == visitor


@pytest.mark.row("S49")
def test_a_strangers_proxy_headers_are_stripped() -> None:
    """Without it whatever reads such a header later believes a stranger; a client certificate above all."""
    environ = _request(
        "203.0.113.9",
        X_Forwarded_For="10.0.0.1",
        X_Forwarded_Proto="https",
        X_Forwarded_Host="evil.example",
        Forwarded="for=10.0.0.1",
        X_Real_Ip="10.0.0.1",
        X_Client_Cert="of somebody else",
        Client_Cert=":b2Ygc29tZWJvZHkgZWxzZQ==:",
        SSL_Client_Cert="of somebody else",
        SSL_Client_Verify="SUCCESS",
    )
    assert environ["wsgi.url_scheme"] == "http"
    assert not [name for name in environ if "FORWARDED" in name or "CLIENT" in name or "REAL_IP" in name]


@pytest.mark.row("S49")
def test_our_proxies_say_the_scheme_and_the_certificate_and_nothing_else() -> None:
    """A proxy that ends TLS must be believed on it, or every link and cookie of its visitors is wrong."""
    environ = _request(
        "10.0.0.2",
        X_Forwarded_For="198.51.100.1",
        X_Forwarded_Proto="https",
        X_Forwarded_Host="evil.example",
        SSL_Client_Cert="of this client",
        SSL_Client_Verify="SUCCESS",
        Client_Cert=":b2Ygc29tZWJvZHkgZWxzZQ==:",
        X_SSL_Client_Cert="of somebody else",
    )
    assert environ["wsgi.url_scheme"] == "https"
    told = {name: value for name, value in environ.items() if "CLIENT" in name}
    assert told == {"HTTP_SSL_CLIENT_CERT": "of this client", "HTTP_SSL_CLIENT_VERIFY": "SUCCESS"}
    assert not [name for name in environ if "FORWARDED" in name]


@pytest.mark.row("S49")
def test_a_proxy_that_asks_for_no_certificate_says_none() -> None:
    """One that was set up before there were any hands on whatever a stranger wrote into such a header."""
    environ = _request(
        "10.0.0.2", certificates=False, SSL_Client_Cert="forged", SSL_Client_Verify="SUCCESS", Client_Cert="forged"
    )
    assert not [name for name in environ if "CLIENT" in name]


def test_without_a_proxy_nobody_can_ask_for_certificates() -> None:
    """Banks would be told of an address at which they show their certificates in vain."""
    with pytest.raises(ConfigurationError, match="trusted_proxies"):
        TrustedProxies.around(_Seen(), (), certificates=True)


@pytest.mark.row("S49")
@pytest.mark.parametrize("scheme", ["javascript", "", "https, gopher"])
def test_a_scheme_that_is_none_changes_nothing(scheme: str) -> None:
    """A broken proxy must not be able to invent a scheme."""
    assert _request("10.0.0.2", X_Forwarded_Proto=scheme)["wsgi.url_scheme"] == "http"


@pytest.mark.row("R15")
@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("", "unknown"),
        ("rubbish", "unknown"),
    ],
)
def test_an_ipv6_visitor_counts_as_its_whole_network(address: str, network: str) -> None:
    """Without it one visitor has 2^64 addresses, and a new budget for each."""
    assert network_of(address) == network
