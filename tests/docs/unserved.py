"""What visitors get while nginx serves and the service does not, and what nginx would have handed on."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.masking import SECRET_PATHS
from tests.docs.proxy import until_it_answers

if TYPE_CHECKING:
    from tests.docs.production import Site

SECRET = "a-secret-that-nobody-may-read"  # nobody's
FORGED = "forged"
_PAGE = "/login"
_LINKS = (
    *SECRET_PATHS, "/reset?ticket=", "/oauth/authorize?login_hint=", "/fapi/authorize?request_uri=",
    "/V221/OAuth/Authorize?state=", "/oauth/end_session?id_token_hint=", "/fapi/end_session?id_token_hint=",
)  # fmt: skip
_SPELT_OTHERWISE = (
    "/Reset/password/", "//reset//password/", "/%72eset/password/", "/reset/password%2F", "/x%0A/not-me/",
)  # fmt: skip
_HEADERS = (
    "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Real-IP",
    "Forwarded", "Client-Cert", "Client-Cert-Chain", "SSL-Client-Cert", "SSL-Client-Verify", "X-Client-Cert",
    "X-SSL-Client-Cert",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unserved:
    """What came of it.

    Args:
        statuses: of all answers while nobody listens behind nginx.
        handed_on: a request with forged headers, as it comes out of nginx.
    """

    statuses: set[int]
    handed_on: str

    @classmethod
    def ask(cls, site: Site) -> Unserved:
        """Open what has a secret in its address, mailed links whichever way they are spelt, and a page."""
        until_it_answers(site.http_port, site.https_port)
        paths = [_PAGE, *(link + SECRET for link in (*_LINKS, *_SPELT_OTHERWISE)), f"/not-me/{SECRET}/not-me/x"]
        statuses = {site.visitor().open(path).status for path in paths}
        site.beside(site.http_port).open("/not-me/" + SECRET)
        return cls(statuses, _handed_on(site))


def _handed_on(site: Site) -> str:
    with socket.create_server(("127.0.0.1", int(site.variables["PORT"]))) as instead:
        asking = threading.Thread(target=lambda: site.visitor().open(_PAGE, **dict.fromkeys(_HEADERS, FORGED)))
        asking.start()
        connection = instead.accept()[0]
        with connection:
            request = connection.recv(65536).decode()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        asking.join()
    return request
