"""Services of the vendor itself: an API that asks what a token is worth, or a program in the back office.

They act on their own behalf: a token of theirs is for no administration, and opens none.
"""

from __future__ import annotations

from datetime import timedelta

from connectors.base import ASSUMED, METADATA, RESOURCE_SERVER, Connector

CONNECTOR = Connector(
    id="vendor_service",
    name="Vendor service",
    grants=("client_credentials",),
    scopes=("service",),
    default_scopes=("service",),
    access_token_lifetime=timedelta(minutes=15),
    refresh_token_lifetime=None,
    client_auth_methods=("client_secret_basic", "client_secret_post"),
    source_networks=(),
    username_form="bare",
    password_grant_sunset=None,
    sources={
        "grants": f"that there are APIs which ask: {RESOURCE_SERVER}; that they get tokens for themselves: {ASSUMED}",
        "scopes": ASSUMED,
        "default_scopes": ASSUMED,
        "access_token_lifetime": ASSUMED,
        "refresh_token_lifetime": "RFC 6749 section 4.4.3",
        "client_auth_methods": ASSUMED,
        "source_networks": ASSUMED,
        "username_form": "none: it has no users",
        "password_grant_sunset": "none: it has no passwords",
        "token_path": METADATA,
    },
)
