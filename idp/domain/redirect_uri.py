"""Where an authorization may send a browser back to: the one place for S1 and S2."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from idp.errors import RedirectUriRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

_VISIBLE = re.compile(r"[!-\[\]-~]+")
"""RFC 3986 knows neither spaces nor other alphabets; a backslash is a slash to browsers and none to others."""

_PORT = "(?::[1-9][0-9]{0,4})?"
_REST = "([/?].*)?"
# RFC 8252 section 7.3. No name: whoever can change how `localhost` is looked up could take the answer (section 8.3).
_LOOPBACK = re.compile(rf"(http://(?:127\.0\.0\.1|\[::1\])){_PORT}{_REST}")
_HTTPS = re.compile(rf"https://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]){_PORT}{_REST}")

_RESPONSE = {"code", "state", "iss", "error", "error_description", "error_uri"}


def assert_redirect_uri(uri: str) -> None:
    """See that an address may be registered.

    Args:
        uri: as the application will send it.

    Raises:
        RedirectUriRefused: neither https nor loopback http, or not exact; the sentence says what is wrong.
    """
    for holds, complaint in _rules(uri):
        if not holds:
            raise RedirectUriRefused(complaint)


def is_registered(asked: str, registered: tuple[str, ...]) -> bool:
    """Tell whether an address is one of those registered: the same characters; of a loopback one the port may differ (S1).

    Args:
        asked: as it was sent; anything.
        registered: of the client.
    """
    return asked in registered or (_LOOPBACK.fullmatch(asked) is not None and _portless(asked) in map(_portless, registered))


def tells_its_application(uri: str) -> bool:
    """Tell whether an address is one that only its application can answer at: any program on a machine can listen on loopback.

    Args:
        uri: registered.
    """
    return _HTTPS.fullmatch(uri) is not None


def is_origin_of(origin: str, registered: tuple[str, ...]) -> bool:
    """Tell whether a page of this origin is where one of the registered addresses is; of a loopback one the port may differ.

    Args:
        origin: as a browser says it (RFC 6454 section 6.2); anything.
        registered: of the client.
    """
    return _origin(origin) in map(_origin, registered)


def _origin(uri: str) -> str:
    loopback = _LOOPBACK.fullmatch(uri)
    parts = urlsplit(uri.lower())
    usual = ":443" if parts.scheme == "https" else ":80"
    return loopback[1] if loopback else f"{parts.scheme}://{parts.netloc}".removesuffix(usual)


def host_of(uri: str) -> str:
    """Give the host of a registered address, with its port if it names one, for people."""
    return urlsplit(uri).netloc


def form_target_of(uri: str) -> str:
    """Give what a page's policy must name for its form to lead there (Content Security Policy 3, `form-action`)."""
    parts = urlsplit(uri)
    # A policy has no notation for an IPv6 address.
    return f"{parts.scheme}:" if "[" in parts.netloc else f"{parts.scheme}://{parts.netloc}"


def _rules(uri: str) -> Iterator[tuple[bool, str]]:
    # In this order: what comes later can only be judged of what has come so far.
    exact = _VISIBLE.fullmatch(uri) is not None and "*" not in uri
    yield exact, "a redirect URI is one exact address: no spaces, backslashes, wildcards or other alphabets"
    yield "#" not in uri, "a redirect URI has no fragment"  # RFC 6749 section 3.1.2
    safe = _LOOPBACK.fullmatch(uri) is not None or _HTTPS.fullmatch(uri) is not None
    yield safe, "a redirect URI begins with https:// or, for a program on its user's own machine, with http://127.0.0.1"
    names = {name for name, _ in parse_qsl(urlsplit(uri).query, keep_blank_values=True)}
    yield not names & _RESPONSE, "the query of a redirect URI has no name that an answer has, such as code or state"


def _portless(uri: str) -> tuple[str | None, ...]:
    found = _LOOPBACK.fullmatch(uri)
    return (uri,) if found is None else (found[1], found[2])
