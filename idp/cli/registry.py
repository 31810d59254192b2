"""What commands about applications look things up in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from idp.adapters.system_clock import SystemClock
from idp.cli.root import settings_of, store_of
from idp.outside import load_connectors, open_digests
from idp.services.clients import ClientRegistry

if TYPE_CHECKING:
    from connectors import Connector


def registry_of(ctx: click.Context) -> ClientRegistry:
    """Open the registry until the command has ended. Raises `ConfigurationError`."""
    settings = settings_of(ctx)
    return ClientRegistry(store_of(ctx, settings), open_digests(settings), SystemClock())


def connector_of(ctx: click.Context, name: str) -> Connector:
    """Find a connector by its id. Raises `ConfigurationError`, and `click.BadParameter`: there is none."""
    known = load_connectors(settings_of(ctx))
    if name not in known:
        message = f"there is no connector {name!r}; there are {', '.join(sorted(known))}"
        raise click.BadParameter(message, ctx, param_hint="CONNECTOR")
    return known[name]
