"""`idp user export` and `import`: many users at once, as CSV."""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING, TextIO

import click

from idp.adapters.smtp_message import is_address
from idp.domain.username import parse_bare
from idp.errors import AlreadyExists, IdpError, UnknownUser, UsernameError
from idp.ports.directory import NewUser

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from idp.cli.desk import Desk

COLUMNS = ("name", "administratie", "mail", "owner_name", "language")
_LANGUAGES = ("nl", "en")


class NotAllImported(IdpError):
    """Some lines were refused; the others were imported, and the same file can be imported again."""


class LineRefused(IdpError):
    """A line that is no user."""


@click.command("export")
@click.pass_obj
def export_users(desk: Desk) -> None:
    """Write all users and their owners as CSV, without passwords; `import` reads it."""
    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)
    for user in desk.operator.all_users():
        try:
            owner = desk.operator.find_owner(user.owner_dn)
        except UnknownUser:
            click.echo(f"{user.uid} has no owner", err=True)
            continue
        writer.writerow((user.uid, user.administratie, owner.mail or "", owner.name, owner.language))


@click.command("import")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@click.pass_obj
def import_users(desk: Desk, file: TextIO) -> None:
    """Invite every user of a CSV file (- is stdin); who is there already stays as they are."""
    made = known = refused = 0
    for number, row in enumerate(_rows(file), start=2):
        try:
            desk.operations.invite(_new_user(row))
            made += 1
        except AlreadyExists:
            known += 1
        except LineRefused as exc:
            click.echo(f"line {number}: {exc}", err=True)
            refused += 1
    click.echo(f"{made} invited, {known} were there already, {refused} refused")
    if refused:
        message = "some lines were refused; mend them and import the file again"
        raise NotAllImported(message)


def _rows(file: TextIO) -> Iterator[dict[str, str]]:
    reader = csv.DictReader(file, restval="")
    try:
        _assert_columns(reader.fieldnames or ())
        for row in reader:
            yield {column: (row[column] or "").strip() for column in COLUMNS}
    except (UnicodeDecodeError, csv.Error) as exc:
        message = "the file is no CSV in UTF-8 with commas; save it so, and import it again"
        raise NotAllImported(message) from exc


def _assert_columns(named: Sequence[str]) -> None:
    missing = [column for column in COLUMNS if column not in named]
    if missing:
        message = f"the first line must name the columns {', '.join(COLUMNS)}; {missing[0]} is missing"
        raise NotAllImported(message)


def _new_user(row: dict[str, str]) -> NewUser:
    try:
        bare = parse_bare(row["name"]).bare
    except UsernameError as exc:
        raise LineRefused(str(exc)) from exc
    for column, holds in (
        ("name", bare is not None),
        ("administratie", _is_line(row["administratie"])),
        ("mail", is_address(row["mail"])),
        ("owner_name", _is_line(row["owner_name"])),
        ("language", row["language"] in _LANGUAGES),
    ):
        if not holds:
            message = f"{column} is missing or wrong"
            raise LineRefused(message)
    return NewUser(bare or "", row["administratie"], row["mail"], row["owner_name"], row["language"])


def _is_line(text: str) -> bool:
    return bool(text) and text.isprintable()
