"""The vendor's own app: on a phone or a computer, as a page in its user's browser, or on a device that has none.

Such an app can keep no secret (RFC 6749 section 2.1), so it has none: its code challenge and its redirect address are what it is
known by.
"""

from __future__ import annotations

from datetime import timedelta

from connectors.base import ASSUMED, DEVICE_CODE, METADATA, OPENID, OWN, Connector

CONNECTOR = Connector(
    id="vendor_app",
    name="Vendor app",
    grants=("authorization_code", DEVICE_CODE, "refresh_token"),
    scopes=("administratie:read", "administratie:write", OPENID),
    default_scopes=("administratie:read", "administratie:write"),
    access_token_lifetime=timedelta(minutes=15),
    refresh_token_lifetime=timedelta(days=30),
    client_auth_methods=("none",),
    source_networks=(),
    username_form="bare",
    password_grant_sunset=None,
    sources={
        "grants": ASSUMED,
        "scopes": f"the API's own: {OWN}; openid: {ASSUMED}",
        "default_scopes": OWN,
        "access_token_lifetime": ASSUMED,
        "refresh_token_lifetime": ASSUMED,
        "client_auth_methods": "RFC 8252 section 8.4",
        "source_networks": "none: it is where its user is",
        "username_form": "none: no name is typed into it",
        "password_grant_sunset": "none: it has no passwords",
        "token_path": METADATA,
    },
)
