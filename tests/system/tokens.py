"""Token requests, as applications send them."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.system.demo import Demo
    from tests.system.visitor import Answer

VENDOR_PATH = "/V221/OAuth/Token"
VENDOR_SCOPE = "http://UNIT4.Multivers.API/Web/WebApi/*"


def password_grant(demo: Demo, client: str, username: str, password: str) -> Answer:
    """Ask for a token with name and password; the client says who it is in the header (RFC 6749 section 2.3.1)."""
    fields = {"grant_type": "password", "username": username, "password": password}
    return demo.visitor().post("/oauth/token", fields, Authorization=_basic(demo, client))


def vendor_grant(demo: Demo, username: str, password: str) -> Answer:
    """Ask as clients of the vendor's present API do: at its address, with id and secret in the body."""
    fields = {"grant_type": "password", "username": username, "password": password, "scope": VENDOR_SCOPE}
    return demo.visitor().post(VENDOR_PATH, {**fields, **demo.told["clients"]["vendor_api"]})


def refresh(demo: Demo, refresh_token: str) -> Answer:
    """Ask for another access token, at the vendor's address."""
    fields = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return demo.visitor().post(VENDOR_PATH, {**fields, **demo.told["clients"]["vendor_api"]})


def is_active(demo: Demo, client: str, token: str) -> bool:
    """Ask whether a token is worth anything (RFC 7662)."""
    answer = demo.visitor().post("/oauth/introspect", {"token": token}, Authorization=_basic(demo, client))
    return bool(answer.json["active"])


def _basic(demo: Demo, client: str) -> str:
    known = demo.told["clients"][client]
    return "Basic " + base64.b64encode(f"{known['client_id']}:{known['client_secret']}".encode()).decode()
