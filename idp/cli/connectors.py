"""`idp connector`: what each kind of application is, as configured, and how it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from idp.cli.clients import registry_of
from idp.cli.output import json_option, show_rows
from idp.cli.root import settings_of
from idp.outside import has_begun, load_connectors
from idp.services.clients import Use

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from connectors import Connector


@click.group("connector")
def connectors() -> None:
    """Kinds of applications."""


@connectors.command("list")
@json_option
@click.pass_context
def list_connectors(ctx: click.Context, *, as_json: bool) -> None:
    """List all, with what their clients may do and when one was last used; --json has every fact and its source."""
    settings = settings_of(ctx)
    known = load_connectors(settings)
    # Before the first start there is no store; what the kinds are is known all the same.
    uses: Mapping[str, Use] = registry_of(ctx).use() if has_begun(settings) else {}
    rows = (_row(connector, uses.get(connector.id, Use())) for connector in known.values())
    show_rows((row | _more(known[str(row["id"])]) if as_json else row for row in rows), as_json=as_json)


def _row(connector: Connector, use: Use) -> dict[str, object]:
    sunset = connector.password_grant_sunset
    return {
        "id": connector.id,
        "name": connector.name,
        "grants": list(connector.grants),
        "access token": _seconds(connector.access_token_lifetime),
        "refresh token": _seconds(connector.refresh_token_lifetime),
        "clients": use.clients,
        "last used": use.last_used_at.isoformat(timespec="seconds") if use.last_used_at else None,
        "sunset": sunset.isoformat() if sunset else None,
    }


def _more(connector: Connector) -> dict[str, object]:
    """What a line of a terminal has no room for."""
    return {
        "scopes": list(connector.scopes),
        "default scopes": list(connector.default_scopes),
        "client authentication": list(connector.client_auth_methods),
        "source networks": list(connector.source_networks),
        "token path": connector.token_path,
        "sources": dict(connector.sources),
    }


def _seconds(lifetime: timedelta | None) -> int | None:
    return None if lifetime is None else int(lifetime.total_seconds())
