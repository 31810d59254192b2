"""Basecone: document processing.

The owner types the bare name and the password there.
"""

from __future__ import annotations

from datetime import timedelta

from connectors.base import ASSUMED, BASECONES_OWN, MANUAL, MANUAL_NOTE, OWN, Connector

CONNECTOR = Connector(
    id="basecone",
    name="Basecone",
    grants=("password",),
    scopes=("administratie:read", "administratie:write"),
    default_scopes=("administratie:read", "administratie:write"),
    access_token_lifetime=timedelta(hours=1),
    refresh_token_lifetime=None,
    client_auth_methods=("client_secret_basic", "client_secret_post"),
    source_networks=(),
    username_form="bare",
    password_grant_sunset=None,
    # Beside them stand fields for the name and the password within Multivers, which are others.
    typed_into=("Portal gebruikersnaam", "Portal wachtwoord"),
    sources={
        "grants": f"name and password: {MANUAL}; sent as this grant: {ASSUMED}",
        "scopes": OWN,
        "default_scopes": OWN,
        "access_token_lifetime": ASSUMED,
        "refresh_token_lifetime": ASSUMED,
        "client_auth_methods": ASSUMED,
        "source_networks": ASSUMED,
        "username_form": f"{MANUAL_NOTE}; {BASECONES_OWN}",
        "typed_into": BASECONES_OWN,
        "password_grant_sunset": ASSUMED,
        "token_path": OWN,
    },
)
