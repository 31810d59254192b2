"""`idp doctor`: looks at every part, and says of each what is wrong with it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from idp.adapters.smtp import SmtpMailer
from idp.adapters.system_clock import SystemClock
from idp.cli.output import json_option, show_rows
from idp.cli.root import settings_of
from idp.errors import IdpError
from idp.oauth.keys import KeyRing
from idp.outside import load_connectors, open_digests, open_directory, open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.settings import Settings


class SomethingIsWrong(IdpError):
    """At least one part is not as it should be."""

    description = "Not everything is well."


@click.command()
@json_option
@click.pass_context
def doctor(ctx: click.Context, *, as_json: bool) -> None:
    """Look at every part."""
    settings = settings_of(ctx)
    rows = [{"part": part, "state": _state(look)} for part, look in _looks(settings).items()]
    show_rows(rows, as_json=as_json)
    if any(row["state"] != "ok" for row in rows):
        raise SomethingIsWrong


def _looks(settings: Settings) -> dict[str, Callable[[], object]]:
    return {
        "key file": lambda: open_digests(settings),
        "signing keys": lambda: KeyRing(settings.service.state, SystemClock()),
        "store": lambda: _look_at_store(settings),
        "directory": lambda: _look_at_directory(settings),
        "mail server": lambda: SmtpMailer.build(settings.mail).ping(),
        "connectors": lambda: load_connectors(settings),
    }


def _look_at_store(settings: Settings) -> None:
    with closing(open_store(settings, open_digests(settings))) as store:
        store.ping()


def _look_at_directory(settings: Settings) -> None:
    with closing(open_directory(settings, SystemClock())) as directory:
        directory.ping()


def _state(look: Callable[[], object]) -> str:
    try:
        look()
    except IdpError as exc:
        return str(exc)
    return "ok"
