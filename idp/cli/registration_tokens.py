"""`idp client registration-token`: what an application may register itself with. A token is shown once, and kept nowhere."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from idp.adapters.system_clock import SystemClock
from idp.cli.completion import connector_ids
from idp.cli.output import json_option, show_facts, show_rows
from idp.cli.registry import connector_of
from idp.cli.root import account, settings_of, store_of
from idp.errors import ConfigurationError
from idp.outside import open_digests
from idp.services.registration import Registration

if TYPE_CHECKING:
    from idp.domain.registration_token import RegistrationToken

_MOST_DAYS = 366
_MOST_USES = 1000


@click.group("registration-token")
def registration_tokens() -> None:
    """Tokens with which applications register themselves (RFC 7591)."""


@registration_tokens.command()
@click.argument("connector", shell_complete=connector_ids)
@click.option("--uses", type=click.IntRange(1, _MOST_USES), default=1, show_default=True, help="How many applications.")
@click.option(
    "--days", type=click.FloatRange(0, _MOST_DAYS, min_open=True), default=7, show_default=True, help="How long it is good."
)
@json_option
@click.pass_context
def add(ctx: click.Context, connector: str, uses: int, days: float, *, as_json: bool) -> None:
    """Make a token for applications of the kind CONNECTOR, which get no more than that kind has; show it, this once."""
    kind = connector_of(ctx, connector)
    if not settings_of(ctx).oauth.registration:
        message = "applications can't register themselves here: set registration = true in [oauth], and restart the service"
        raise ConfigurationError(message)
    token, secret = _registration(ctx).make_token(kind.id, uses, timedelta(days=days), account())
    facts = {"id": token.id, "uses": token.uses, "until": token.expires_at.isoformat(timespec="seconds")}
    show_facts({**facts, "registration_token": secret}, as_json=as_json)


@registration_tokens.command("list")
@json_option
@click.pass_context
def list_tokens(ctx: click.Context, *, as_json: bool) -> None:
    """List all that are good, and those that were in the past month."""
    now = SystemClock().now()
    show_rows(
        ({**_row(token), "good": token.good_at(now)} for token in _registration(ctx).tokens()),
        as_json=as_json,
    )


@registration_tokens.command()
@click.argument("identifier", metavar="ID")
@click.pass_context
def end(ctx: click.Context, identifier: str) -> None:
    """End the token with this ID; the applications that were registered with it stay."""
    _registration(ctx).end_token(identifier, account())
    click.echo(f"{identifier} is ended")


def _registration(ctx: click.Context) -> Registration:
    settings = settings_of(ctx)
    return Registration(store_of(ctx, settings), open_digests(settings), SystemClock())


def _row(token: RegistrationToken) -> dict[str, object]:
    return {
        "id": token.id,
        "connector": token.connector,
        "since": token.created_at.isoformat(timespec="seconds"),
        "until": token.expires_at.isoformat(timespec="seconds"),
        "uses": token.uses,
        "used": token.used,
    }
