"""The first word: which command, with which configuration."""

from __future__ import annotations

import getpass
import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from idp.logs import configure_logging, one_request
from idp.settings import Settings, load_settings

if TYPE_CHECKING:
    from idp.adapters.sql import SqlStore

# A command is imported when it is asked for: `idp user list` need not wait for a web framework.
_COMMANDS = {
    "serve": "idp.cli.running:serve",
    "worker": "idp.cli.running:worker",
    "demo": "idp.cli.running:demo",
    "demo-mailbox": "idp.cli.running:demo_mailbox",
    "user": "idp.cli.users:users",
    "directory": "idp.cli.directory:directory",
    "client": "idp.cli.clients:clients",
    "connector": "idp.cli.connectors:connectors",
    "key": "idp.cli.keys:keys",
    "audit": "idp.cli.audit:audit",
    "backup": "idp.cli.backup:backup",
    "restore": "idp.cli.backup:restore",
    "doctor": "idp.cli.doctor:doctor",
    "config": "idp.cli.configuration:configuration",
    "completion": "idp.cli.completion:completion",
}


class Commands(click.Group):
    """Finds commands by name, and imports only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give all names."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None for an unknown name."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)  # noqa: S101  # the table above is ours
        return command


@click.group(cls=Commands)
@click.option(
    "--config",
    "path",
    envvar="IDP_CONFIG",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The configuration file; without it, defaults and the environment (IDP_SECTION__KEY) alone.",
)
@click.version_option(package_name="koppel-idp")
@click.pass_context
def root(ctx: click.Context, path: Path | None) -> None:
    """Passwords and tokens for koppelgebruikers."""
    # Without it, a fault that is logged would be printed with its local variables. Services set their own level.
    configure_logging("ERROR", sys.stderr)
    ctx.with_resource(one_request())
    ctx.obj = path


def account() -> str:
    """Say who acts on this machine, for the audit."""
    return f"operator:{getpass.getuser()}"


def settings_of(ctx: click.Context) -> Settings:
    """Read the configuration that the command was called with. Raises `ConfigurationError`."""
    path: Path | None = ctx.obj
    return load_settings(path)


def store_of(ctx: click.Context, settings: Settings) -> SqlStore:
    """Open the store until the command has ended. Raises `ConfigurationError`, also where there is none yet, or a newer one."""
    from idp.adapters.state_folder import at_work  # noqa: PLC0415  # likewise
    from idp.outside import assert_begun, assert_store_known, open_digests, open_store  # noqa: PLC0415  # a heavy import, as above

    assert_begun(settings)
    ctx.with_resource(at_work(settings.service.state))
    store = open_store(settings, open_digests(settings))
    ctx.call_on_close(store.close)
    assert_store_known(store)  # before anything is done in the directory that could not be audited here
    return store
