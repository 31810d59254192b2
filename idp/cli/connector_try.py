"""`idp connector try`: be an application, and see each step of it. It reads no database, so it works from anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from idp.adapters.system_clock import SystemClock
from idp.cli.completion import connector_ids
from idp.cli.connector_steps import show_steps
from idp.cli.output import json_option
from idp.cli.registry import connector_of
from idp.cli.root import settings_of
from idp.cli.secret_input import secret_of
from idp.cli.values import one_origin
from idp.errors import NotGranted
from idp.oauth_client.application import METHODS, PASSWORD_GRANT, Application
from idp.oauth_client.http import Wire
from idp.oauth_client.trial import Trial

if TYPE_CHECKING:
    from connectors import Connector


@click.command("try")
@click.argument("connector", shell_complete=connector_ids)
@click.option("--client-id", required=True, help="Of a client of this kind.")
@click.option("--username", required=True, help="Of the koppelgebruiker, as the application is told it.")
@click.option("--url", callback=one_origin, help="The service: https, or http on this machine. service.origin otherwise.")
@click.option("--client-secret-file", metavar="FILE", help="The client's secret; - reads it from stdin. Asked for otherwise.")
@click.option("--password-file", metavar="FILE", help="The user's; - reads the next line of stdin. Asked for otherwise.")
@click.option("--auth-method", type=click.Choice(METHODS), help="How the client authenticates; as its kind does otherwise.")
@click.option(
    "--ca-file", type=click.Path(path_type=Path, dir_okay=False), help="Authorities to trust, as PEM; else the system's."
)
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
    username: str,
    url: str | None,
    client_secret_file: str | None,
    password_file: str | None,
    auth_method: str | None,
    ca_file: Path | None,
    revoke: bool,
    as_json: bool,
) -> None:
    """Act as an application of the kind CONNECTOR against a running service, and show each step.

    What is wrong is said in one sentence, with what to do about it.
    """
    kind = connector_of(ctx, connector)
    method = _method(kind, auth_method)
    origin = url or settings_of(ctx).service.origin
    secret = secret_of(f"Secret of the client {client_id}", client_secret_file, "client secret")
    password = secret_of(f"Password of {username}", password_file, "password")
    application = Application(kind, client_id, secret, method, Wire(ca_file))
    trial = Trial(application, origin, username, password, SystemClock(), revoke)
    problem = show_steps(trial.steps(), {"connector": kind.id, "url": origin}, as_json=as_json)
    if problem:
        raise NotGranted(problem)


def _method(connector: Connector, wanted: str | None) -> str:
    if PASSWORD_GRANT not in connector.grants:
        message = f"clients of {connector.id} get in by {', '.join(connector.grants)}, and none of that can be tried from here"
        raise NotGranted(message)
    usual = [method for method in connector.client_auth_methods if method in METHODS]
    if wanted or usual:
        return wanted or usual[0]
    message = f"clients of {connector.id} authenticate by {', '.join(connector.client_auth_methods)}, which can't be tried here"
    raise NotGranted(message)
