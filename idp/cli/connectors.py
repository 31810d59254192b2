"""`idp connector`: what each kind of application is, as configured."""

from __future__ import annotations

import click

from idp.cli.output import json_option, show_rows
from idp.cli.root import settings_of
from idp.outside import load_connectors


@click.group("connector")
def connectors() -> None:
    """Kinds of applications."""


@connectors.command("list")
@json_option
@click.pass_context
def list_connectors(ctx: click.Context, *, as_json: bool) -> None:
    """List all, with what their clients may do."""
    rows = (
        {
            "id": connector.id,
            "name": connector.name,
            "grants": list(connector.grants),
            "access token": int(connector.access_token_lifetime.total_seconds()),
            "source networks": list(connector.source_networks),
            "password until": connector.password_grant_sunset.isoformat() if connector.password_grant_sunset else None,
        }
        for connector in load_connectors(settings_of(ctx)).values()
    )
    show_rows(rows, as_json=as_json)
