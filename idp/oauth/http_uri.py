"""Whether two addresses of HTTP are one, however they are written (RFC 3986 sections 6.2.2 and 6.2.3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from re import Match

_DEFAULT_PORTS = {"http": 80, "https": 443}
_VISIBLE = re.compile(r"[\x21-\x7e]+")
"""All that may stand in an address; the standard library silently leaves out some of the rest."""

_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")  # RFC 3986 section 2.3


def target_of(uri: str) -> tuple[str, str, int, str]:
    """Give scheme, host, port and path in their normal form; query and fragment don't count (RFC 9449 section 4.3).

    Dots as segments of the path (section 6.2.2.3) stay: none of our addresses has one, and no program that builds requests.

    Args:
        uri: anything.

    Raises:
        ValueError: it is no absolute address of HTTP, or names a user.
    """
    parts = urlsplit(uri) if _VISIBLE.fullmatch(uri) else None
    if parts is None or parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        message = "no absolute address of HTTP"
        raise ValueError(message)
    port = _DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
    return parts.scheme, parts.hostname, port, _ESCAPED.sub(_unescaped, parts.path) or "/"


def _unescaped(found: Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if _UNRESERVED.fullmatch(character) else found[0].upper()
