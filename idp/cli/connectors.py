"""`idp connector`: what each kind of application is, as configured, and how it is used."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import click

from connectors.base import FACTS
from idp.cli.connector_try import try_connector
from idp.cli.output import json_option, show_rows
from idp.cli.registry import registry_of
from idp.cli.root import settings_of
from idp.outside import has_begun, load_connectors
from idp.services.clients import Use

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    rows = ((connector, uses.get(connector.id, Use())) for connector in known.values())
    show_rows((_everything(*row) if as_json else _line(*row) for row in rows), as_json=as_json)


connectors.add_command(try_connector)


def _line(connector: Connector, use: Use) -> dict[str, object]:
    """What a line of a terminal has room for."""
    return {
        "id": connector.id,
        "name": connector.name,
        "issuer": connector.issuer,
        "grants": list(connector.grants),
        "access token": _plain(connector.access_token_lifetime),
        "refresh token": _plain(connector.refresh_token_lifetime),
        **_used(use),
        "sunset": _plain(connector.password_grant_sunset),
    }


def _everything(connector: Connector, use: Use) -> dict[str, object]:
    facts = {name: {"value": _plain(getattr(connector, name)), "source": connector.sources[name]} for name in FACTS}
    return {"id": connector.id, "name": connector.name, **_used(use), "facts": facts}


def _used(use: Use) -> dict[str, object]:
    return {"clients": use.clients, "last used": use.last_used_at.isoformat(timespec="seconds") if use.last_used_at else None}


def _plain(value: object) -> object:
    match value:
        case timedelta():
            return int(value.total_seconds())
        case date():
            return value.isoformat()
        case _:
            return value
