"""Clients of the vendor's present API, which know its present addresses and scope.

They come in at `/V221/OAuth/Authorize` and `/V221/OAuth/Token` (any number will do, and a small v), send client_id and secret in
the body and no PKCE, and always expect a refresh token.
"""

from __future__ import annotations

from datetime import timedelta

from connectors.base import ASSUMED, MANUAL_NOTE, OPENID, PRESENT_CLIENT, PRESENT_GUIDE, Connector

CONNECTOR = Connector(
    id="vendor_api",
    name="Vendor API",
    grants=("authorization_code", "password", "refresh_token"),
    scopes=("http://UNIT4.Multivers.API/Web/WebApi/*", OPENID),
    default_scopes=("http://UNIT4.Multivers.API/Web/WebApi/*",),
    access_token_lifetime=timedelta(hours=1),
    refresh_token_lifetime=timedelta(days=60),
    client_auth_methods=("client_secret_post", "client_secret_basic"),
    source_networks=(),
    username_form="bare",
    password_grant_sunset=None,
    token_path="/V221/OAuth/Token",  # noqa: S106  # a path
    pkce="optional",
    sources={
        "grants": f"authorization_code, refresh_token: {PRESENT_CLIENT}; password: {ASSUMED}",
        "scopes": f"the API's own: {PRESENT_CLIENT}; openid, which its present clients never ask for: {ASSUMED}",
        "default_scopes": PRESENT_CLIENT,
        "access_token_lifetime": ASSUMED,
        "refresh_token_lifetime": f"that there is one: {PRESENT_CLIENT}; its life: {ASSUMED}",
        "client_auth_methods": f"the body: {PRESENT_CLIENT}; the header: {ASSUMED}",
        "source_networks": ASSUMED,
        "username_form": MANUAL_NOTE,
        "password_grant_sunset": ASSUMED,
        "token_path": f"the form of the address: {PRESENT_CLIENT}; that it is 221: {PRESENT_GUIDE}",
        "pkce": PRESENT_CLIENT,
    },
)
