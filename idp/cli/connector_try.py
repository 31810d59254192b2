"""`idp connector try`: be an application, and see each step of it. It reads no database, so it works from anywhere."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connectors.base import CLASSIC
from idp.adapters.system_clock import SystemClock
from idp.cli.completion import connector_ids
from idp.cli.connector_steps import show_steps
from idp.cli.output import json_option
from idp.cli.registry import connector_of
from idp.cli.root import settings_of
from idp.cli.secret_input import secret_of
from idp.cli.values import one_origin
from idp.errors import NotGranted
from idp.oauth_client.application import Application
from idp.oauth_client.http import Wire
from idp.oauth_client.loopback import listening
from idp.oauth_client.proof import METHODS, PRIVATE_KEY_JWT, ByKey, BySecret
from idp.oauth_client.trial import Trial
from idp.oauth_client.ways import CODE_GRANT, PASSWORD_GRANT, ByCode, ByPassword

if TYPE_CHECKING:
    from connectors import Connector
    from idp.oauth_client.proof import Proof
    from idp.oauth_client.ways import Way

_GRANTS = {"password": PASSWORD_GRANT, "code": CODE_GRANT}
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("try")
@click.argument("connector", shell_complete=connector_ids)
@click.option("--client-id", required=True, help="Of a client of this kind.")
@click.option("--grant", type=click.Choice(tuple(_GRANTS)), help="How it gets in; by a password, where its kind can.")
@click.option("--username", help="Of the koppelgebruiker, as the application is told it; for a password.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Of http://127.0.0.1/callback, for a code; any otherwise.")
@click.option("--url", callback=one_origin, help="The service: https, or http on this machine. service.origin otherwise.")
@click.option("--client-secret-file", metavar="FILE", help="The client's secret; - reads it from stdin. Asked for otherwise.")
@click.option("--client-key-file", type=_FILE, help="The client's private key, as a JWK or in PEM, for private_key_jwt.")
@click.option("--password-file", metavar="FILE", help="The user's; - reads the next line of stdin. Asked for otherwise.")
@click.option("--auth-method", type=click.Choice(METHODS), help="How the client authenticates; as its kind does otherwise.")
@click.option("--ca-file", type=_FILE, help="Authorities to trust, as PEM; else the system's.")
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
    client_secret_file: str | None,
    client_key_file: Path | None,
    password_file: str | None,
    auth_method: str | None,
    ca_file: Path | None,
    revoke: bool,
    as_json: bool,
) -> None:
    """Act as an application of the kind CONNECTOR against a running service, and show each step.

    For a code, the address to open is told on stderr, and the client must be registered with http://127.0.0.1/callback. What is
    wrong is said in one sentence, with what to do about it.
    """
    kind = connector_of(ctx, connector)
    ways = _Ways(kind, username, password_file, port)
    wanted = ways.grant(grant)
    method = _method(kind, auth_method, client_key_file)
    origin = url or settings_of(ctx).service.origin
    application = Application(kind, client_id, _proof(client_id, method, client_secret_file, client_key_file), Wire(ca_file))
    with ExitStack() as stack:
        trial = Trial(application, origin, ways.way(wanted, stack), SystemClock(), revoke)
        problem = show_steps(trial.steps(), {"connector": kind.id, "url": origin}, as_json=as_json)
    if problem:
        raise NotGranted(problem)


@dataclass(frozen=True, slots=True)
class _Ways:
    connector: Connector
    username: str | None
    password_file: str | None
    port: int

    def grant(self, wanted: str | None) -> str:
        known = [grant for grant in self.connector.grants if grant in _GRANTS.values()]
        if self.connector.issuer != CLASSIC or not known:
            grants = ", ".join(self.connector.grants)
            message = f"clients of {self.connector.id} get in by {grants} at the issuer {self.connector.issuer}, "
            raise NotGranted(message + "and none of that can be tried from here")
        chosen = _GRANTS[wanted] if wanted else PASSWORD_GRANT if PASSWORD_GRANT in known else known[0]
        if chosen == PASSWORD_GRANT and self.username is None:
            message = "a password is somebody's: name the koppelgebruiker with --username, or try --grant code"
            raise click.UsageError(message)
        return chosen

    def way(self, grant: str, stack: ExitStack) -> Way:
        if grant == PASSWORD_GRANT:
            assert self.username is not None  # noqa: S101  # looked at above, before anything was asked for
            password = secret_of(f"Password of {self.username}", self.password_file, "password")
            return ByPassword(self.username, password)
        return ByCode(stack.enter_context(listening(self.port)), _tell)


def _tell(address: str) -> None:
    click.echo(f"Open this in a browser, as the owner of a koppelgebruiker:\n{address}", err=True)


def _proof(client_id: str, method: str, secret_file: str | None, key_file: Path | None) -> Proof:
    if method != PRIVATE_KEY_JWT:
        return BySecret(client_id, secret_of(f"Secret of the client {client_id}", secret_file, "client secret"), method)
    if key_file is None:
        message = f"with {PRIVATE_KEY_JWT} the client signs: give its private key"
        raise click.BadParameter(message, param_hint="--client-key-file")
    return ByKey.read(client_id, key_file)


def _method(connector: Connector, wanted: str | None, key_file: Path | None) -> str:
    usual = [method for method in connector.client_auth_methods if method in METHODS]
    if key_file is not None and wanted is None:
        return PRIVATE_KEY_JWT
    if wanted or usual:
        return wanted or usual[0]
    message = f"clients of {connector.id} authenticate by {', '.join(connector.client_auth_methods)}, which can't be tried here"
    raise NotGranted(message)
