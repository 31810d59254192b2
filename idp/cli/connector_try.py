"""`idp connector try`: be an application, and see each step of it. It reads no database, so it works from anywhere."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Unpack

import click

from idp.adapters.system_clock import SystemClock
from idp.cli.completion import connector_ids
from idp.cli.connector_steps import show_steps
from idp.cli.output import json_option
from idp.cli.registry import connector_of
from idp.cli.root import settings_of
from idp.cli.trial_proofs import Given, application_of, application_options
from idp.cli.trial_ways import GRANTS, Ways
from idp.cli.values import one_origin
from idp.errors import NotGranted
from idp.oauth_client.endpoints import Place
from idp.oauth_client.trial import Trial


@click.command("try")
@click.argument("connector", shell_complete=connector_ids)
@click.option("--client-id", required=True, help="Of a client of this kind.")
@click.option("--grant", type=click.Choice(tuple(GRANTS)), help="How it gets in; by a password, where its kind can.")
@click.option("--username", help="Of the koppelgebruiker, as the application is told it; for a password.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Of http://127.0.0.1/callback, for a code; any otherwise.")
@click.option("--url", callback=one_origin, help="The service: https, or http on this machine. service.origin otherwise.")
@click.option("--mtls-url", callback=one_origin, help="Where it asks for certificates, if that is on another host.")
@application_options
@click.option("--password-file", metavar="FILE", help="The user's; - reads the next line of stdin. Asked for otherwise.")
@click.option(
    "--revoke", is_flag=True, help="End the token afterwards; with a refresh token, all that this client has for the user."
)
@json_option
@click.pass_context
def try_connector(  # noqa: PLR0913  # an option each
    ctx: click.Context,
    connector: str,
    *,
    client_id: str,
    grant: str | None,
    username: str | None,
    port: int,
    url: str | None,
    mtls_url: str | None,
    password_file: str | None,
    revoke: bool,
    as_json: bool,
    **given: Unpack[Given],
) -> None:
    """Act as an application of the kind CONNECTOR against a running service, and show each step.

    For a code, the address to open is told on stderr, and the client must be registered with http://127.0.0.1/callback; for a
    device, the code to type and where. What is wrong is said in one sentence, with what to do about it.
    """
    kind = connector_of(ctx, connector)
    ways = Ways(kind, username, password_file, port)
    wanted = ways.grant(grant)
    application = application_of(kind, client_id, given)
    origin = url or settings_of(ctx).service.origin
    place = Place(origin, kind.issuer, application.certificate is not None, mtls_url)
    with ExitStack() as stack:
        trial = Trial(application, place, ways.way(wanted, stack), SystemClock(), revoke)
        problem = show_steps(trial.steps(), {"connector": kind.id, "url": origin}, as_json=as_json)
    if problem:
        raise NotGranted(problem)
