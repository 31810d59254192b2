"""`idp audit`: who did what, whether anybody has changed that, and what is taken out of it for whoever asks to be forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

import click

from idp.adapters.system_clock import SystemClock
from idp.cli.audit_log import read_heads
from idp.cli.output import json_option, show_rows
from idp.cli.root import account, settings_of, store_of
from idp.domain.audit import Personal, RecordId
from idp.domain.username import parse_bare, parse_full
from idp.errors import IdpError, UnknownUser
from idp.services.user_history import Erasure, Person, UserHistory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp.adapters.sql import SqlStore
    from idp.domain.audit import AuditRecord, Change, Value
    from idp.settings import Settings


class AuditBroken(IdpError):
    """A chain does not hold."""


def _record_id(ctx: click.Context, param: click.Parameter, value: str | None) -> RecordId | None:
    try:
        return None if value is None else RecordId.parse(value)
    except ValueError:
        message = "a record is written as web/17: its writer and its number"
        raise click.BadParameter(message, ctx, param) from None


@click.group()
def audit() -> None:
    """The audit trail."""


@audit.command("list")
@click.option("--after", metavar="RECORD", callback=_record_id, help="Read on behind this record, such as web/17.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--subject", help="Only what concerns this entryUUID or client_id.")
@click.option("--user", "name", help="Only what concerns this koppelgebruiker and its owner, the newest up to --limit.")
@json_option
@click.pass_context
def list_records(
    ctx: click.Context, *, after: RecordId | None, limit: int, subject: str | None, name: str | None, as_json: bool
) -> None:
    """List records in the order of time, oldest first."""
    if name is not None and (subject is not None or after is not None):
        message = "--user goes with neither --subject nor --after"
        raise click.UsageError(message)
    settings = settings_of(ctx)
    store = store_of(ctx, settings)
    if name is not None:
        records = _history(ctx, settings, store).newest(_bare(settings, name), limit)
    else:
        with store.reading() as work:
            records = work.audit.read(after, limit, subject)
    show_rows((_facts(record) if as_json else _line(record) for record in records), as_json=as_json)


@audit.command()
@click.option(
    "--log",
    type=click.File(encoding="utf-8"),
    help="What the service logged, one JSON object a line, from where nobody who has the database can change it; - is stdin.",
)
@click.pass_context
def verify(ctx: click.Context, log: TextIO | None) -> None:
    """Check every record against its chain, and every sealed segment against the log."""
    heads = read_heads(log) if log is not None else []
    with store_of(ctx, settings_of(ctx)).reading() as work:
        broken = work.audit.verify(heads)
    if broken:
        message = "the audit trail does not hold: " + "; ".join(f"{one.record} {one.fault}" for one in broken)
        raise AuditBroken(message)
    click.echo(f"the audit trail is whole{f', and holds all {len(set(heads))} segments of the log' if heads else ''}")


@audit.command()
@click.argument("subject", nargs=-1)
@click.option("--user", "name", help="This koppelgebruiker and its owner.")
@click.option("--who", help="An operator, as `idp audit list` shows them behind `operator:`.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.pass_context
def erase(ctx: click.Context, subject: tuple[str, ...], *, name: str | None, who: str | None, yes: bool) -> None:
    """Take out what identifies a person: each SUBJECT by its entryUUID. What was done stays, and so does the proof of it."""
    settings = settings_of(ctx)
    store = store_of(ctx, settings)
    persons = [Person(uuid) for uuid in subject]
    if name is not None:
        persons += _history(ctx, settings, store).persons(_bare(settings, name))
    if who is not None:
        persons.append(Person("", who))
    if not persons:
        message = "say who: a SUBJECT, --user or --who"
        raise click.UsageError(message)
    if not yes:
        click.confirm("Nobody can bring back what is erased. Go on?", abort=True, err=True)
    erased = Erasure(store, SystemClock()).erase(persons, account())
    click.echo(f"{erased} values were erased")


def _history(ctx: click.Context, settings: Settings, store: SqlStore) -> UserHistory:
    from idp.outside import open_directory  # noqa: PLC0415  # a heavy import, which the other commands here need not wait for

    directory = open_directory(settings, SystemClock())
    ctx.call_on_close(directory.close)
    return UserHistory(store, directory)


def _bare(settings: Settings, typed: str) -> str:
    name = parse_full(typed, settings.brand.realms) if "@" in typed else parse_bare(typed)
    if name.bare is None:
        raise UnknownUser
    return name.bare


def _line(record: AuditRecord) -> dict[str, object]:
    event = record.event
    return {
        "record": record.id,
        "at": f"{event.at:%Y-%m-%d %H:%M:%SZ}",
        "action": event.action,
        "actor": event.actor,
        "what": " ".join(_words(record)),
    }


def _words(record: AuditRecord) -> Iterator[str]:
    for name, change in record.event.changes.items():
        before, after = (_shown(value) or "-" for value in (change.before, change.after))
        yield f"{name}: {before} → {after}"
    for name, value in record.event.detail.items():
        if name != "position":  # in the directory's log; for whoever looks it up there, in --json
            yield f"{name}={_shown(value)}"


def _facts(record: AuditRecord) -> dict[str, object]:
    event = record.event
    return {
        "record": str(record.id),
        "at": event.at.isoformat(),
        "action": event.action,
        "actor": event.actor,
        "subject": event.subject,
        "request_id": record.request_id,
        "changes": {name: _pair(change) for name, change in event.changes.items()},
        "detail": {name: _shown(value) for name, value in event.detail.items()},
    }


def _pair(change: Change) -> dict[str, str | None]:
    return {"before": _shown(change.before), "after": _shown(change.after)}


def _shown(value: Value | None) -> str | None:
    return str(value) if isinstance(value, Personal) else value
