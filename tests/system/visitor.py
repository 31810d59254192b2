"""A visitor over the wire: keeps cookies, fills in forms as they stand on the page, and follows nothing by itself."""

from __future__ import annotations

import functools
import http.client
import json
import urllib.request
from dataclasses import dataclass
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from altcha.v2 import Challenge, Payload, solve_challenge

from tests.web.page import Page

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from email.message import Message

TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came."""

    status: int
    headers: Message
    text: str

    @property
    def page(self) -> Page:
        """As its reader has it."""
        return Page(self.text)

    @property
    def json(self) -> dict[str, Any]:
        """As programs have it."""
        return cast("dict[str, Any]", json.loads(self.text))

    @property
    def location(self) -> str:
        """Where it leads."""
        return self.headers["Location"]


def solved(challenge: Mapping[str, Any]) -> str:
    """Do the work that the captcha's widget does, and give what it sends."""
    wanted = Challenge.from_dict(dict(challenge))
    solution = solve_challenge(wanted)
    assert solution is not None
    return Payload(wanted, solution).to_base64()


class _AsItCame(urllib.request.HTTPErrorProcessor):
    def http_response(self, request: urllib.request.Request, response: Any) -> Any:  # noqa: ANN401  # the base class's
        del request
        return response

    https_response = http_response


class _From(urllib.request.HTTPHandler):
    """Asks from one of loopback's many addresses: limits by address are counted for each."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._connection = functools.partial(http.client.HTTPConnection, source_address=(address, 0))

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connection, req)


class _FromByTls(urllib.request.HTTPSHandler):
    """Likewise, where TLS is spoken."""

    def __init__(self, address: str, tls: ssl.SSLContext) -> None:
        super().__init__(context=tls)
        self._connection = functools.partial(http.client.HTTPSConnection, source_address=(address, 0), context=tls)

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connection, req)


class Visitor:
    """A browser, or a program.

    Args:
        origin: whom to ask.
        address: to ask from.
        tls: whose certificates it believes.
    """

    def __init__(self, origin: str, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.origin = origin
        self._cookies = CookieJar()
        handlers = [_From(address), *([_FromByTls(address, tls)] if tls else [])]
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self._cookies), _AsItCame(), *handlers
        )
        self.last: Answer | None = None

    @property
    def cookies(self) -> dict[str, str]:
        """What it keeps, by name."""
        return {cookie.name: cookie.value or "" for cookie in self._cookies}

    @property
    def page(self) -> Page:
        """The page that was opened last."""
        assert self.last is not None
        return self.last.page

    def open(self, path: str, **headers: str) -> Answer:
        """Open an address, or a whole link, and stay there."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.last = self._ask(urllib.request.Request(self._url(path), headers=named))  # noqa: S310  # ours
        return self.last

    def follow(self) -> Answer:
        """Go where the last answer leads."""
        assert self.last is not None
        return self.open(self.last.location)

    def post(self, path: str, fields: Mapping[str, str] | bytes, **headers: str) -> Answer:
        """Send fields, and stay at what is answered."""
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.last = self._ask(urllib.request.Request(self._url(path), body, named))  # noqa: S310  # ours
        return self.last

    def submit(self, action: str, fields: Mapping[str, str] | None = None, at: str | None = None) -> Answer:
        """Fill in and send a form of the page that was opened last.

        Args:
            action: which form.
            fields: what is filled in; the rest goes as it stands.
            at: where it goes, when the form does not say.
        """
        form = self.page.form(action)
        return self.post(at or action, {**form.fields, **(fields or {})})

    def solve_captcha(self) -> str:
        """Do the work that the widget does."""
        return solved(self._ask(urllib.request.Request(self._url("/captcha/challenge"))).json)  # noqa: S310

    def _url(self, path: str) -> str:
        return path if path.startswith(self.origin) else self.origin + path

    def _ask(self, request: urllib.request.Request) -> Answer:
        with self._opener.open(request, timeout=TIMEOUT_S) as response:
            text = response.read().decode("utf-8")
            return Answer(response.status, response.headers, text)
