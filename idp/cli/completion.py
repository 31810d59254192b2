"""`idp completion`: words that the shell can finish; and the words that are known at this installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import get_completion_class

from idp.errors import IdpError
from idp.settings import load_settings

if TYPE_CHECKING:
    from click import Context, Parameter

    from idp.settings import Settings

_VARIABLE = "_IDP_COMPLETE"
"""In which click looks whether it is a shell that asks."""


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print what teaches a SHELL to complete commands: eval "$(idp completion bash)"."""
    known = get_completion_class(shell)
    assert known is not None  # noqa: S101  # click has these three
    click.echo(known(ctx.find_root().command, {}, "idp", _VARIABLE).source())


def client_ids(ctx: Context, param: Parameter, incomplete: str) -> list[str]:
    """Give the clients that are registered; none where nobody can tell."""
    del param
    from idp.outside import assert_begun, open_digests, open_store  # noqa: PLC0415  # a heavy import, as in `root`

    try:
        settings = _settings(ctx)
        assert_begun(settings)
        store = open_store(settings, open_digests(settings))
        try:
            with store.reading() as work:
                return [client.client_id for client in work.clients.all() if client.client_id.startswith(incomplete)]
        finally:
            store.close()
    except IdpError:
        return []


def connector_ids(ctx: Context, param: Parameter, incomplete: str) -> list[str]:
    """Give the kinds of applications; none where the configuration can't be read."""
    del param
    from idp.outside import load_connectors  # noqa: PLC0415  # likewise

    try:
        return [name for name in load_connectors(_settings(ctx)) if name.startswith(incomplete)]
    except IdpError:
        return []


def _settings(ctx: Context) -> Settings:
    # While a shell asks, click reads what was typed, and calls no command: what `root` would leave in the context is missing.
    return load_settings(ctx.find_root().params.get("path"))
