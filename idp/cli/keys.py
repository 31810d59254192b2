"""`idp key`: the keys that tokens are signed with."""

from __future__ import annotations

import click

from idp.adapters.system_clock import SystemClock
from idp.cli.output import json_option, show_rows
from idp.cli.root import account, settings_of, store_of
from idp.domain.audit import AuditEvent
from idp.oauth.algorithms import ALGORITHMS
from idp.oauth.keys import KeyRing
from idp.outside import assert_begun


@click.group("key")
def keys() -> None:
    """Signing keys."""


@keys.command("list")
@json_option
@click.pass_context
def list_keys(ctx: click.Context, *, as_json: bool) -> None:
    """List all published keys, oldest first."""
    rows = (
        {
            "kid": key.kid,
            "alg": key.alg,
            "signs from": key.sign_from.isoformat(timespec="seconds"),
            "made by": "you" if key.is_own else "the service",
            "published until": key.retire_at.isoformat(timespec="seconds") if key.retire_at else None,
        }
        for key in _ring(ctx).published()
    )
    show_rows(rows, as_json=as_json)


@keys.command()
@click.option(
    "--alg", type=click.Choice(sorted(ALGORITHMS)), help="Algorithm of the key to replace; that of access tokens otherwise."
)
@click.pass_context
def rotate(ctx: click.Context, alg: str | None) -> None:
    """Make a new key; it signs once everybody can have seen it, and the old one verifies on."""
    settings = settings_of(ctx)
    ring, clock = _ring(ctx), SystemClock()
    # The other way round, a key that nobody told of could be made while the store is away.
    with store_of(ctx, settings).transaction() as work:
        fresh = ring.rotate(alg)
        work.audit.append(AuditEvent(clock.now(), "key.rotated", account(), "", {"kid": fresh.kid, "alg": fresh.alg}))
    click.echo(f"{fresh.kid} ({fresh.alg}) signs from {fresh.sign_from.isoformat(timespec='seconds')}")


def _ring(ctx: click.Context) -> KeyRing:
    settings = settings_of(ctx)
    assert_begun(settings)
    return KeyRing(settings.service.state, SystemClock(), settings.oauth.signing_algorithm)
