"""`idp backup`, `idp restore`: what of the state can't be made anew, into a folder and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from idp.adapters.state_folder import at_work
from idp.adapters.system_clock import SystemClock
from idp.backup.restoring import Restore
from idp.backup.taking import Backups
from idp.cli.root import account, settings_of
from idp.outside import assert_begun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp.backup.restoring import Restored, Seen

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("folder", type=_FOLDER)
@click.option(
    "--keep-days",
    type=click.IntRange(1),
    default=14,
    show_default=True,
    help="Older ones are taken away, but for the newest so many.",
)
@click.pass_context
def backup(ctx: click.Context, folder: Path, keep_days: int) -> None:
    """Make a backup in FOLDER, while the service is at work: a new folder, named after the moment.

    Who reads it can make links and sign tokens.
    """
    settings = settings_of(ctx)
    assert_begun(settings)
    ctx.with_resource(at_work(settings.service.state))
    click.echo(Backups(folder.absolute(), settings, SystemClock()).take(keep_days))


@click.command()
@click.argument("folder", metavar="BACKUP", type=_FOLDER)
@click.option("--end-all-access", "end_all", is_flag=True, help="All couplings, sessions and codes end.")
@click.pass_context
def restore(ctx: click.Context, folder: Path, *, end_all: bool) -> None:
    """Put BACKUP, one of the folders that `idp backup` made, in the place of the state.

    The service must be stopped. The present state is kept in its folder, as before-…
    """
    settings = settings_of(ctx)
    restored = Restore(settings, SystemClock(), account(), end_all).run(folder)
    for line in _told(folder, restored):
        click.echo(line)


def _told(folder: Path, restored: Restored) -> Iterator[str]:
    made = f"{folder}, made {restored.manifest.made_at:%Y-%m-%d %H:%M:%S}Z by version {restored.manifest.program}"
    if restored.seen is None:
        yield f"a restore that was broken off is finished: {made}"
    else:
        yield f"restored {made}"
        yield from _seen(restored.seen)
    if restored.former is not None:
        yield f"the former state is kept in {restored.former}"


def _seen(seen: Seen) -> Iterator[str]:
    if seen.broken:
        yield "the audit trail does not hold: " + "; ".join(f"{one.record} {one.fault}" for one in seen.broken)
    else:
        yield f"the audit trail is whole, up to {' '.join(map(str, seen.ends))}"
    if seen.letters:
        yield f"{seen.letters} letters waited when the backup was made; they are sent, also those that have been since"
