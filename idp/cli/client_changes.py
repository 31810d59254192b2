"""`idp client show` and `idp client change`: one registration, as it is, and as it shall be."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from idp.adapters.system_clock import SystemClock
from idp.cli.client_audiences import audience_option, audiences_of, no_audience_option
from idp.cli.client_proofs import spelt
from idp.cli.completion import client_ids
from idp.cli.output import json_option, show_facts
from idp.cli.redirect_uris import (
    assert_led_back,
    backchannel_logout_option,
    no_backchannel_option,
    no_exits_option,
    post_logout_option,
    redirect_uri_option,
)
from idp.cli.registry import connector_of, registry_of
from idp.cli.root import account, settings_of, store_of
from idp.cli.values import one_line
from idp.services.change_client import ChangeClient, Changed

if TYPE_CHECKING:
    from datetime import datetime

    from idp.domain.client import Client, Narrowed


@click.command()
@click.argument("client_id", shell_complete=client_ids)
@json_option
@click.pass_context
def show(ctx: click.Context, client_id: str, *, as_json: bool) -> None:
    """Show all that is registered of one application, and when it was last used."""
    registry = registry_of(ctx)
    client = registry.get(client_id)
    show_facts(_facts(client) | {"last used": _moment(registry.last_used(client_id))}, as_json=as_json)


class New(TypedDict):
    """What of it shall be another: the options of `idp client change`."""

    name: str | None
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    no_post_logout_redirect_uri: bool
    backchannel_logout_uri: str | None
    no_backchannel_logout_uri: bool
    audiences: tuple[str, ...]
    no_audience: bool


@click.command()
@click.argument("client_id", shell_complete=client_ids)
@click.option("--name", callback=one_line, help="Shown to owners: which application of whom.")
@redirect_uri_option
@post_logout_option
@no_exits_option
@backchannel_logout_option
@no_backchannel_option
@audience_option
@no_audience_option
@json_option
@click.pass_context
def change(ctx: click.Context, client_id: str, *, as_json: bool, **new: Unpack[New]) -> None:
    """Change what is registered of an application, and show it; what is not named stays as it is.

    Of --redirect-uri, it has from now on those that are given and no others. A code that is on its way to another one is dead.
    So it is with --post-logout-redirect-uri and --audience, of which there may also be none.
    """
    for option, given, none in (
        ("post-logout-redirect-uri", new["post_logout_redirect_uris"], new["no_post_logout_redirect_uri"]),
        ("backchannel-logout-uri", new["backchannel_logout_uri"], new["no_backchannel_logout_uri"]),
        ("audience", new["audiences"], new["no_audience"]),
    ):
        if given and none:
            message = f"either --{option} or --no-{option}"
            raise click.UsageError(message, ctx)
    if not any(new.values()):
        message = "say what shall be another: --name, or all of --redirect-uri, or one of the others (--help)"
        raise click.UsageError(message, ctx)
    client = changes_of(ctx).change(client_id, _changed(ctx, client_id, new), account())
    show_facts(_facts(client), as_json=as_json)


def _changed(ctx: click.Context, client_id: str, new: New) -> Changed:
    """Judge what is wanted, by the rules of `idp client add`. Raises `click.BadParameter`."""
    told = new["backchannel_logout_uri"]
    addresses = {
        "--redirect-uri": new["redirect_uris"],
        "--post-logout-redirect-uri": new["post_logout_redirect_uris"],
        "--backchannel-logout-uri": (told,) if told else (),
    }
    if any(addresses.values()) or new["audiences"]:
        kind = connector_of(ctx, registry_of(ctx).get(client_id).connector)
        for option, uris in addresses.items():
            assert_led_back(kind, uris, option)
        audiences_of(settings_of(ctx), kind, new["audiences"])
    return Changed(
        new["name"],
        new["redirect_uris"] or None,
        _or_none(new["post_logout_redirect_uris"], none=new["no_post_logout_redirect_uri"]),
        "" if new["no_backchannel_logout_uri"] else told,
        _or_none(new["audiences"], none=new["no_audience"]),
    )


def _or_none(given: tuple[str, ...], *, none: bool) -> tuple[str, ...] | None:
    return () if none else given or None


def changes_of(ctx: click.Context) -> ChangeClient:
    """Give the service that changes registrations."""
    return ChangeClient(store_of(ctx, settings_of(ctx)), SystemClock())


def _facts(client: Client) -> dict[str, object]:
    return {
        "client_id": client.client_id,
        "connector": client.connector,
        "name": client.name,
        "enabled": client.enabled,
        "since": _moment(client.created_at),
        "redirect uris": list(client.redirect_uris),
        "post logout redirect uris": list(client.post_logout_redirect_uris),
        "backchannel logout uri": client.backchannel_logout_uri,
        "secrets": [f"until {_moment(secret.expires_at)}" if secret.expires_at else "for good" for secret in client.secrets],
        "keys": [f"{key.kid} ({', '.join(key.algorithms)})" for key in client.keys],
        "audiences": list(client.audiences),
        "certificates": spelt(client.certificates),
        "named itself": client.self_named,
        **(_asked_for(client.narrowed) if client.narrowed else {}),
    }


def _asked_for(narrowed: Narrowed) -> dict[str, object]:
    return {
        "auth method": narrowed.auth_method,
        "grants": list(narrowed.grants),
        "scopes": list(narrowed.scopes),
        "dpop bound": narrowed.dpop_bound,
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
