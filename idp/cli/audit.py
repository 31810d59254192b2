"""`idp audit`: who did what, and whether anybody has changed that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from idp.adapters.system_clock import SystemClock
from idp.cli.output import json_option, show_rows
from idp.cli.root import settings_of, store_of
from idp.domain.username import parse_bare, parse_full
from idp.errors import IdpError, UnknownUser
from idp.services.user_history import UserHistory

if TYPE_CHECKING:
    from idp.adapters.sql import SqlStore
    from idp.domain.audit import AuditRecord
    from idp.settings import Settings


class AuditBroken(IdpError):
    """The chain does not hold: a record was changed, or is missing."""


@click.group()
def audit() -> None:
    """The audit trail."""


@audit.command("list")
@click.option("--after", type=click.IntRange(0), default=0, help="Read on behind this number.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--subject", help="Only what concerns this entryUUID or client_id.")
@click.option("--user", "name", help="Only what concerns this koppelgebruiker and its owner, the newest up to --limit.")
@json_option
@click.pass_context
def list_records(ctx: click.Context, *, after: int, limit: int, subject: str | None, name: str | None, as_json: bool) -> None:
    """List records, oldest first."""
    if name is not None and (subject is not None or after):
        message = "--user goes with neither --subject nor --after"
        raise click.UsageError(message)
    settings = settings_of(ctx)
    store = store_of(ctx, settings)
    if name is not None:
        records = _history(store, settings, name, limit)
    else:
        with store.reading() as work:
            records = work.audit.read(after, limit, subject)
    show_rows((_row(record) for record in records), as_json=as_json)


@audit.command()
@click.pass_context
def verify(ctx: click.Context) -> None:
    """Check every record against the chain."""
    with store_of(ctx, settings_of(ctx)).reading() as work:
        broken_at = work.audit.verify()
    if broken_at is not None:
        message = f"the audit trail is broken at record {broken_at}"
        raise AuditBroken(message)
    click.echo("the audit trail is whole")


def _history(store: SqlStore, settings: Settings, typed: str, limit: int) -> list[AuditRecord]:
    from idp.outside import open_directory  # noqa: PLC0415  # a heavy import, which the other commands here need not wait for

    name = parse_full(typed, settings.brand.realms) if "@" in typed else parse_bare(typed)
    if name.bare is None:
        raise UnknownUser
    directory = open_directory(settings, SystemClock())
    try:
        return UserHistory(store, directory).newest(name.bare, limit)
    finally:
        directory.close()


def _row(record: AuditRecord) -> dict[str, object]:
    event = record.event
    return {
        "number": record.number,
        "at": event.at.isoformat(timespec="seconds"),
        "action": event.action,
        "actor": event.actor,
        "subject": event.subject,
        "detail": " ".join(f"{name}={value}" for name, value in event.detail.items()),
    }
