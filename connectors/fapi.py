"""An application that holds to the FAPI 2.0 Security Profile: a bank that moves from passwords to codes and keys.

Its clients belong to the strict issuer. Which bank it is says the name of each client; nothing of it is told in the manual.
"""

from __future__ import annotations

from datetime import timedelta

from connectors.base import ASSUMED, FAPI, OPENID, OWN, Connector

CONNECTOR = Connector(
    id="fapi",
    name="FAPI 2.0",
    issuer="fapi",
    grants=("authorization_code", "refresh_token"),
    scopes=("administratie:read", "administratie:write", OPENID),
    default_scopes=("administratie:read", "administratie:write"),
    access_token_lifetime=timedelta(hours=1),
    refresh_token_lifetime=timedelta(days=365),
    client_auth_methods=("private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"),
    source_networks=(),
    username_form="bare",
    password_grant_sunset=None,
    sources={
        "issuer": FAPI,
        "grants": FAPI,
        "scopes": f"the API's: {OWN}; openid: {ASSUMED}",
        "default_scopes": OWN,
        "access_token_lifetime": ASSUMED,
        "refresh_token_lifetime": ASSUMED,
        "client_auth_methods": FAPI,
        "source_networks": ASSUMED,
        "username_form": "none: no name is typed into it",
        "password_grant_sunset": FAPI,
        "token_path": OWN,
    },
)
