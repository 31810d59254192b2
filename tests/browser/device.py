"""A program that has no browser, and asks for a code (RFC 8628)."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from tests.system.demo import Demo

TIMEOUT_S = 10


def asked(demo: Demo, path: str, **form: str) -> dict[str, Any]:
    """Ask, as that program."""
    request = urllib.request.Request(demo.url + path, urlencode(form).encode())  # noqa: S310  # the demo's address
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310  # likewise
        return dict(json.load(answer))
