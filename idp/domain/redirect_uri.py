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

# RFC 8252 section 7.3. No name: whoever can change how `localhost` is looked up could take the answer (section 8.3).
_LOOPBACK = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::[0-9]{1,5})?([/?].*)?")

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


def origin_of(uri: str) -> str:
    """Give scheme, host and port of a registered address."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"


def _rules(uri: str) -> Iterator[tuple[bool, str]]:
    # In this order: what comes later can only be judged of what has come so far.
    exact = _VISIBLE.fullmatch(uri) is not None and "*" not in uri
    yield exact, "a redirect URI is one exact address: no spaces, backslashes, wildcards or other alphabets"
    yield "#" not in uri, "a redirect URI has no fragment"  # RFC 6749 section 3.1.2
    safe = _LOOPBACK.fullmatch(uri) is not None or _is_https(uri)
    yield safe, "a redirect URI begins with https:// or, for a program on its user's own machine, with http://127.0.0.1"
    names = {name for name, _ in parse_qsl(urlsplit(uri).query, keep_blank_values=True)}
    yield not names & _RESPONSE, "the query of a redirect URI has no name that an answer has, such as code or state"


def _is_https(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:  # a port or an IPv6 address that is none
        return False


def _portless(uri: str) -> tuple[str, ...]:
    found = _LOOPBACK.fullmatch(uri)
    return (uri,) if found is None else (found[1], found[2] or "")
