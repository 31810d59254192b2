"""Who asks, behind proxies: their word counts only when they are ours (S49).

What a stranger writes in these headers is taken out before anything else sees the request.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

CERTIFICATE = "HTTP_SSL_CLIENT_CERT"
"""What nginx calls `$ssl_client_escaped_cert`. It has no way to write what `Client-Cert` holds (RFC 9440 section 2.2)."""

VERIFIED = "HTTP_SSL_CLIENT_VERIFY"
"""Its `$ssl_client_verify`: `SUCCESS` where an authority that it trusts has issued the certificate."""

_FORWARDED = "HTTP_X_FORWARDED_"
_OTHER_PROXY_HEADERS = ("HTTP_FORWARDED", "HTTP_X_REAL_IP")
_CERTIFICATE_HEADERS = (CERTIFICATE, VERIFIED)
_OTHER_CERTIFICATE_HEADERS = (
    "HTTP_CLIENT_CERT",  # RFC 9440 section 2.2
    "HTTP_CLIENT_CERT_CHAIN",  # RFC 9440 section 2.3
    "HTTP_X_CLIENT_CERT",
    "HTTP_X_SSL_CLIENT_CERT",
)


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """WSGI middleware that puts the real visitor's address into ``REMOTE_ADDR``.

    Args:
        app: the application behind it.
        networks: the configured proxies.
        certificates: whether they say which certificate a client has shown. Where nobody has set them up for it, they may hand on
            what a stranger wrote.
    """

    app: WSGIApplication
    networks: tuple[Network, ...]
    certificates: bool

    @classmethod
    def around(cls, app: WSGIApplication, networks: Iterable[str], *, certificates: bool = False) -> TrustedProxies:
        """Wrap an application.

        Args:
            app: the application.
            networks: in CIDR notation, such as ``10.0.0.0/8``.
            certificates: whether they say which certificate a client has shown.

        Raises:
            ConfigurationError: certificates, and no proxy that could ask for them.
        """
        ours = tuple(ipaddress.ip_network(text) for text in networks)
        if certificates and not ours:
            message = "service.mtls_origin: only a proxy asks clients for certificates; name it in service.trusted_proxies"
            raise ConfigurationError(message)
        return cls(app, ours, certificates)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Judge one request."""
        peer = read_address(environ.get("REMOTE_ADDR", ""))
        if peer is not None and is_within(peer, self.networks):
            self._believe(environ, peer)
        else:
            _strip(environ, _CERTIFICATE_HEADERS)
        _strip(environ, _OTHER_CERTIFICATE_HEADERS)
        _strip(environ, (*_OTHER_PROXY_HEADERS, *(name for name in environ if name.startswith(_FORWARDED))))
        return self.app(environ, start_response)

    def _believe(self, environ: WSGIEnvironment, peer: Address) -> None:
        environ["REMOTE_ADDR"] = str(self._visitor(peer, environ.get("HTTP_X_FORWARDED_FOR", "").split(",")))
        scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").split(",")[-1].strip().lower()
        if scheme in ("http", "https"):
            environ["wsgi.url_scheme"] = scheme
        if not self.certificates:
            _strip(environ, _CERTIFICATE_HEADERS)

    def _visitor(self, peer: Address, hops: Sequence[str]) -> Address:
        # Each proxy adds on the right whom it saw; the first from there that is none of ours is the visitor. Whatever stands
        # further left was written by that visitor.
        visitor = peer
        for hop in reversed(hops):
            address = read_address(hop)
            if address is None:
                return visitor
            visitor = address
            if not is_within(address, self.networks):
                return visitor
        return visitor


def read_address(text: str) -> Address | None:
    """Read an address, with or without a port; an IPv4 address in IPv6 notation is the IPv4 address."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def is_within(address: Address, networks: Iterable[Network]) -> bool:
    """Tell whether an address lies in one of the networks."""
    return any(address in network for network in networks)


def _strip(environ: WSGIEnvironment, names: Sequence[str]) -> None:
    for name in names:
        environ.pop(name, None)
