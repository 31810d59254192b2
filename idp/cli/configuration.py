"""`idp config`: what the service really runs with."""

from __future__ import annotations

import click

from idp.cli.output import json_option, show_facts
from idp.cli.root import settings_of


@click.group("config")
def configuration() -> None:
    """The configuration."""


@configuration.command()
@json_option
@click.pass_context
def show(ctx: click.Context, *, as_json: bool) -> None:
    """Show every key with the value in force; secrets stand in files, of which only the path is shown."""
    document = settings_of(ctx).model_dump(mode="json")
    if as_json:
        show_facts(document, as_json=True)
        return
    show_facts({f"{section}.{key}": value for section, keys in document.items() for key, value in keys.items()}, as_json=False)
