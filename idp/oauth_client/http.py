"""Requests and answers over HTTP. What keeps an answer from coming is one sentence, with what to do about it.

No proxy of the environment is used and no redirect is followed: a secret goes to the address that was named, or nowhere.
"""

from __future__ import annotations

import json
import socket
import ssl
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from idp.errors import NotGranted
from idp.tls import verifying_context

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from idp.oauth_client.certificate import Certificate

TIMEOUT_S = 15.0
_AT_MOST_BYTES = 1 << 20
_REDIRECTS = range(300, 400)
_PROXYS_OWN = range(502, 505)

# https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/
_EXPIRED, _NOT_YET = 10, 9
_ANOTHERS_NAME = (62, 64)

_FAULTS: tuple[tuple[type[Exception], str], ...] = (
    (ssl.SSLError, "does not speak TLS; look at the port, and whether it is https there (--url)"),
    (socket.gaierror, "is not found by its name; mend the address (--url), or the resolver of this machine"),
    (TimeoutError, "did not answer within {timeout_s} seconds; look at the firewall, and whether the service runs"),
    (ConnectionRefusedError, "takes no connections; start the service, or mend the address (--url)"),
    (HTTPException, "does not speak HTTP ({reason}); look at the port, and whether it is https there (--url)"),
    (OSError, "can't be reached ({reason}); look at the network, and at the address (--url)"),
)
"""What is the matter with a place, and what to do; the first that fits."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back.

    Args:
        url: that was asked.
        status: of HTTP.
        headers: by name in lower case.
        body: the bytes; may hold a token.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def document(self) -> dict[str, object]:
        """Give the JSON object that it is.

        Raises:
            NotGranted: it is something else, so something else answers here than the service.
        """
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            return found
        raise NotGranted(self._what_answers())

    def _what_answers(self) -> str:
        place = _place(self.url)
        if self.status in _REDIRECTS:
            return f"{place} sends on to {self.headers.get('location', 'elsewhere')}; name that address with --url"
        if self.status in _PROXYS_OWN:
            return (
                f"a proxy answers {self.status} in the place of the service at {place}; start the service behind it, or look "
                "whether the proxy reaches it"
            )
        kind = self.headers.get("content-type", "nothing").partition(";")[0]
        return f"what answers at {self.url} is not this service: {self.status}, {kind} and no JSON; look at the address (--url)"


class Wire:
    """Sends requests, each over a connection of its own."""

    def __init__(self, ca_file: Path | None = None, timeout_s: float = TIMEOUT_S, certificate: Certificate | None = None) -> None:
        """Say whom to trust.

        Args:
            ca_file: PEM certificates of the authorities to trust; None: the system's.
            timeout_s: how long to wait for a connection, and for each piece of an answer.
            certificate: is shown to a server that asks for one.

        Raises:
            ConfigurationError: `ca_file` can't be read, or the certificate's key.
        """
        self._timeout_s = timeout_s
        self._tls = verifying_context(ca_file)
        if certificate is not None:
            certificate.load_into(self._tls)

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Read. Raises `NotGranted`."""
        return self._send("GET", url, None, headers or {})

    def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Reply:
        """Send a form. Raises `NotGranted`."""
        sent = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self._send("POST", url, urlencode(form).encode(), sent)

    def _send(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = self._connection(parts.scheme, parts.hostname or "", parts.port)
        try:
            connection.request(method, path, body, {"Accept": "application/json", "User-Agent": "koppel-idp", **headers})
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(url, answer.status, named, answer.read(_AT_MOST_BYTES))
        except (OSError, HTTPException) as exc:
            message = f"{_place(url)} {self._why(exc)}"
            raise NotGranted(message) from exc
        finally:
            connection.close()

    def _connection(self, scheme: str, host: str, port: int | None) -> HTTPConnection:
        if scheme == "https":
            return HTTPSConnection(host, port, timeout=self._timeout_s, context=self._tls)
        return HTTPConnection(host, port, timeout=self._timeout_s)

    def _why(self, exc: OSError | HTTPException) -> str:
        if isinstance(exc, ssl.SSLCertVerificationError):
            return _certificate(exc)
        for kind, sentence in _FAULTS:
            if isinstance(exc, kind):
                reason = getattr(exc, "strerror", None) or type(exc).__name__
                return sentence.format(reason=reason, timeout_s=f"{self._timeout_s:g}")
        raise exc


def _certificate(exc: ssl.SSLCertVerificationError) -> str:
    if exc.verify_code == _EXPIRED:
        return "has a certificate that has expired; renew it there, or set the clock of this machine right"
    if exc.verify_code == _NOT_YET:
        return "has a certificate that is not valid yet; set the clock of this machine right"
    if exc.verify_code in _ANOTHERS_NAME:
        return "has a certificate of another name; ask by the name that stands in it (--url)"
    return (
        f"has a certificate that is not trusted here ({exc.verify_message}); name its authority with --ca-file, or let the "
        "server send the whole chain"
    )


def _place(url: str) -> str:
    return urlsplit(url).netloc
