"""`idp client`: registered applications. A secret is shown once, when it is made, and kept nowhere."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Unpack

import click

from idp.cli.client_audiences import audience_option, audiences_of
from idp.cli.client_changes import change, changes_of, show
from idp.cli.client_proofs import Given, proof_of, proof_options, shown, spelt
from idp.cli.completion import client_ids, connector_ids
from idp.cli.output import json_option, show_facts, show_rows
from idp.cli.redirect_uris import assert_led_back, backchannel_logout_option, post_logout_option, redirect_uri_option
from idp.cli.registration_tokens import registration_tokens
from idp.cli.registry import connector_of, registry_of
from idp.cli.root import account, settings_of
from idp.cli.values import identifier, one_line
from idp.services.change_client import Changed

if TYPE_CHECKING:
    from idp.domain.client import Client


@click.group("client")
def clients() -> None:
    """Applications that may ask for tokens."""


@clients.command("list")
@json_option
@click.pass_context
def list_clients(ctx: click.Context, *, as_json: bool) -> None:
    """List all."""
    show_rows((_row(client) for client in registry_of(ctx).list()), as_json=as_json)


@clients.command()
@click.argument("connector", shell_complete=connector_ids)
@click.option("--name", required=True, callback=one_line, help="Shown to owners: which application of whom.")
@click.option("--client-id", callback=identifier, help="A chosen identifier; a random one otherwise.")
@proof_options
@redirect_uri_option
@post_logout_option
@backchannel_logout_option
@audience_option
@json_option
@click.pass_context
def add(  # noqa: PLR0913  # an option each
    ctx: click.Context,
    connector: str,
    name: str,
    client_id: str | None,
    redirect_uris: tuple[str, ...],
    *,
    post_logout_redirect_uris: tuple[str, ...],
    backchannel_logout_uri: str | None,
    audiences: tuple[str, ...],
    as_json: bool,
    **given: Unpack[Given],
) -> None:
    """Register an application of the kind CONNECTOR, and show its secret.

    With keys or a certificate it has none; and an app, or a page in a browser, could keep none.
    """
    kind = connector_of(ctx, connector)
    assert_led_back(kind, redirect_uris)
    assert_led_back(kind, post_logout_redirect_uris, "--post-logout-redirect-uri")
    assert_led_back(kind, (backchannel_logout_uri,) if backchannel_logout_uri else (), "--backchannel-logout-uri")
    proof, served, registry = proof_of(ctx, kind, given), audiences_of(settings_of(ctx), kind, audiences), registry_of(ctx)
    facts: dict[str, object]
    if kind.is_public:
        client = registry.add_public(kind.id, name, account(), client_id, redirect_uris)
        facts = {"client_id": client.client_id}
    elif proof:
        client = registry.add_with_keys(kind.id, name, proof, account(), client_id, redirect_uris, served)
        facts = shown(client)
    else:
        client, secret = registry.add(kind.id, name, account(), client_id, redirect_uris, served)
        facts = {"client_id": client.client_id, "client_secret": secret}
    show_facts(facts, as_json=as_json)  # before anything else can fail: a secret is shown once
    if post_logout_redirect_uris or backchannel_logout_uri:
        exits = Changed(
            post_logout_redirect_uris=post_logout_redirect_uris or None, backchannel_logout_uri=backchannel_logout_uri
        )
        changes_of(ctx).change(client.client_id, exits, account())


@clients.command("rotate-secret")
@click.argument("client_id", shell_complete=client_ids)
@click.option("--overlap-hours", type=click.FloatRange(0, 24 * 90), default=24, show_default=True)
@proof_options
@json_option
@click.pass_context
def rotate_secret(ctx: click.Context, client_id: str, overlap_hours: float, *, as_json: bool, **given: Unpack[Given]) -> None:
    """Make a new secret; the present one works on for a while.

    With --jwks, the application has these keys from now on and no others: both the present and the new one, then the new one
    alone, is how one follows the other. So it is with --certificate; with --tls-subject-dn and the like, the certificate may be
    another at any time. A secret that it had works on for a while.
    """
    registry, overlap = registry_of(ctx), timedelta(hours=overlap_hours)
    if any(value is not None for value in given.values()):
        proof = proof_of(ctx, connector_of(ctx, registry.get(client_id).connector), given)
        registry.replace_keys(client_id, proof, overlap, account())
        show_facts(shown(registry.get(client_id)), as_json=as_json)
        return
    secret = registry.rotate_secret(client_id, overlap, account())
    show_facts({"client_id": client_id, "client_secret": secret}, as_json=as_json)


@clients.command()
@click.argument("client_id", shell_complete=client_ids)
@click.pass_context
def disable(ctx: click.Context, client_id: str) -> None:
    """End an application: nothing that was issued to it works any more."""
    registry_of(ctx).disable(client_id, account())
    click.echo(f"{client_id} is disabled")


clients.add_command(show)
clients.add_command(change)
clients.add_command(registration_tokens)


def _row(client: Client) -> dict[str, object]:
    return {
        "client_id": client.client_id,
        "connector": client.connector,
        "name": client.name,
        "enabled": client.enabled,
        "since": client.created_at.isoformat(timespec="seconds"),
        "redirect uris": list(client.redirect_uris),
        "keys": [key.kid for key in client.keys],
        "certificates": spelt(client.certificates),
        "audiences": list(client.audiences),
    }
