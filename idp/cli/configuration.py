"""`idp config`: what the service really runs with."""

from __future__ import annotations

import re

import click

from idp.cli.output import json_option, show_facts
from idp.cli.root import settings_of

_MAY_HOLD_A_LOG_IN = (("store", "url"), ("limits", "storage"))
_LOG_IN = re.compile(r"(?<=://)[^/@]*@")


@click.group("config")
def configuration() -> None:
    """The configuration."""


@configuration.command()
@json_option
@click.pass_context
def show(ctx: click.Context, *, as_json: bool) -> None:
    """Show every key with the value in force; of secrets, only the path of their file is shown."""
    document = settings_of(ctx).model_dump(mode="json")
    for section, key in _MAY_HOLD_A_LOG_IN:
        document[section][key] = _without_log_in(document[section][key])
    if as_json:
        show_facts(document, as_json=True)
        return
    show_facts({f"{section}.{key}": value for section, keys in document.items() for key, value in keys.items()}, as_json=False)


def _without_log_in(url: str | None) -> str | None:
    return None if url is None else _LOG_IN.sub("***@", url)
