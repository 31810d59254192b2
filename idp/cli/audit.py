"""`idp audit`: who did what, whether anybody has changed that, and what is taken out of it for whoever asks to be forgotten."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TextIO

import click

from idp.adapters.system_clock import SystemClock
from idp.cli.audit_log import read_heads
from idp.cli.audit_rows import shown_rows
from idp.cli.moments import moment
from idp.cli.output import json_option, show_rows
from idp.cli.root import account, settings_of, store_of
from idp.domain.audit import RecordId
from idp.domain.audit_query import TOKENS, Wanted
from idp.domain.username import parse_bare, parse_full
from idp.errors import IdpError, UnknownUser
from idp.services.user_history import Erasure, Person, UserHistory, wanted_of

if TYPE_CHECKING:
    from datetime import datetime

    from idp.adapters.sql import SqlStore
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
@click.option("--since", metavar="MOMENT", callback=moment, help="Read on from here: 24h or 7d ago, a date, a date and time.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option(
    "--action", default="", metavar="NAME", help="Only what has this name or, with a dot behind it, begins so: `login.`"
)
@click.option("--subject", help="Only what concerns this entryUUID or client_id.")
@click.option("--user", "name", help="Only what concerns this koppelgebruiker, whoever bore its name before, and its owner.")
@click.option("--all", "each", is_flag=True, help="With --user: each token as well, not a line for each client.")
@json_option
@click.pass_context
def list_records(  # noqa: PLR0913  # an argument for each option
    ctx: click.Context,
    *,
    after: RecordId | None,
    since: datetime | None,
    limit: int,
    action: str,
    subject: str | None,
    name: str | None,
    each: bool,
    as_json: bool,
) -> None:
    """List records in the order of time: the newest or, with --after or --since, those that come first from there on."""
    if subject is not None and name is not None:
        message = "--user does not go with --subject"
        raise click.UsageError(message)
    settings = settings_of(ctx)
    store = store_of(ctx, settings)
    wanted = Wanted() if subject is None else Wanted(frozenset({subject}))
    if name is not None:
        wanted = wanted_of(_history(ctx, settings, store).persons(_bare(settings, name)))
    wanted = replace(wanted, action=action, since=since)
    sums = name is not None and not action and not each
    with store.reading() as work:
        asked = replace(wanted, leave_out=TOKENS) if sums else wanted
        begun = after is not None or since is not None
        records = work.audit.read(after, limit, asked) if begun else work.audit.newest(limit, asked)
        tallies = work.audit.tally(replace(wanted, action=TOKENS)) if sums else []
    show_rows(shown_rows(records, tallies, as_json=as_json), as_json=as_json)


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
        broken, ends = work.audit.verify(heads), work.audit.ends()
    if broken:
        message = "the audit trail does not hold: " + "; ".join(f"{one.record} {one.fault}" for one in broken)
        raise AuditBroken(message)
    # A chain that is gone without a trace, because nothing was said of it yet, shows only to whoever knows that it was there.
    extent = f"up to {' '.join(map(str, ends))}" if ends else "and empty"
    click.echo(f"the audit trail is whole, {extent}{f', and holds all {len(set(heads))} segments of the log' if heads else ''}")


@audit.command()
@click.argument("subject", nargs=-1)
@click.option("--user", "name", help="All who bear or bore this name, and the owner; they are named first.")
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
        for person in persons:
            click.echo("  ".join(filter(None, (person.entry_uuid or person.who, person.part))), err=True)
        click.confirm(f"That is {len(persons)}. Nobody can bring back what is erased. Go on?", abort=True, err=True)
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
