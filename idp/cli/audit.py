"""`idp audit`: who did what, and whether anybody has changed that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from idp.cli.output import json_option, show_rows
from idp.cli.root import settings_of, store_of
from idp.errors import IdpError

if TYPE_CHECKING:
    from idp.domain.audit import AuditRecord


class AuditBroken(IdpError):
    """The chain does not hold: a record was changed, or is missing."""


@click.group()
def audit() -> None:
    """The audit trail."""


@audit.command("list")
@click.option("--after", type=click.IntRange(0), default=0, help="Read on behind this number.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--subject", help="Only what concerns this entryUUID or client_id.")
@json_option
@click.pass_context
def list_records(ctx: click.Context, after: int, limit: int, subject: str | None, *, as_json: bool) -> None:
    """List records, oldest first."""
    with store_of(ctx, settings_of(ctx)).reading() as work:
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
