"""`idp user export` and `import`: many users at once, as CSV or LDIF."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from typing import TYPE_CHECKING, BinaryIO

import click

from idp.cli.output import json_option, show_facts
from idp.cli.progress import progress
from idp.errors import IdpError, LineRefused
from idp.services.intake import Intake
from idp.services.user_csv import csv_lines, read_csv
from idp.services.user_export import UserExport
from idp.services.user_ldif import ldif_lines, read_ldif

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from idp.cli.desk import Desk
    from idp.cli.progress import Progress
    from idp.services.intake import Line

_READERS: dict[str, Callable[[BinaryIO], Iterator[Line]]] = {"csv": read_csv, "ldif": read_ldif}
_BEGINNINGS_OF_LDIF = (b"dn:", b"version:", b"#")
_LOOKED_AT = 16  # bytes, of a byte order mark and a first word


class NotAllExported(IdpError):
    """Some were left out, and named."""


class NotAllImported(IdpError):
    """Some lines were refused; the others were imported, and the same file can be imported again."""


class BrokenOff(IdpError):
    """An import that ended half way; the same command completes it."""


@click.command("export")
@click.option("--format", "form", type=click.Choice(sorted(_READERS)), default="csv", show_default=True)
@click.pass_obj
def export_users(desk: Desk, form: str) -> None:
    """Write all users and their owners, without passwords, in the form that `import` reads."""
    export = UserExport(desk.operator, lambda sentence: click.echo(sentence, err=True))
    pieces = csv_lines(export.users()) if form == "csv" else ldif_lines(export.records())
    for piece in pieces:
        sys.stdout.buffer.write(piece.encode())
    sys.stdout.buffer.flush()
    if export.left_out:
        message = f"{export.left_out} left out, which are named above; `idp directory check` tells more"
        raise NotAllExported(message)


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--format", "form", type=click.Choice(sorted(_READERS)), help="Otherwise the file's beginning tells.")
@json_option
@click.pass_obj
def import_users(desk: Desk, file: BinaryIO, form: str | None, *, as_json: bool) -> None:
    """Invite every user of a file (- is stdin); who is there already stays as they are.

    The same command completes an import that was broken off, by Ctrl-C too: nobody is made twice, or mailed twice.
    """
    running = _Import(Intake(desk.operations))
    with progress(desk.clock, "read", _size(file)) as bar:
        running.run(_READERS[form or _form_of(file)](file), bar, file)
    counts = running.counts
    if as_json:
        show_facts(counts, as_json=True)
    else:
        click.echo(_sentence(counts))
    if running.refused:
        message = "some lines were refused; mend them and import the file again"
        raise NotAllImported(message)


class _Import:
    """One run over a file."""

    def __init__(self, intake: Intake) -> None:
        self.refused = 0
        self._intake = intake
        self._line = 0

    @property
    def counts(self) -> dict[str, int]:
        """What was done."""
        return {"invited": self._intake.invited, "known": self._intake.known, "refused": self.refused}

    def run(self, lines: Iterator[Line], bar: Progress, file: BinaryIO) -> None:
        """Take every line.

        Raises:
            BrokenOff: the operator has had enough, or a part does not answer.
        """
        try:
            for line in self._intake.ahead(lines):
                self._take(line, bar)
                bar.to(_position(file))
            self._intake.settle()
        except KeyboardInterrupt:
            self._break_off("broken off", None)
        except IdpError as exc:
            self._break_off(str(exc), exc)

    def _take(self, line: Line, bar: Progress) -> None:
        self._line = line.number
        try:
            self._intake.take(line)
        except LineRefused as exc:
            bar.say(f"line {line.number}: {exc}")
            self.refused += 1

    def _break_off(self, why: str, cause: IdpError | None) -> None:
        with contextlib.suppress(IdpError):  # for the same reason, likely; the next run does it
            self._intake.settle()
        if self._line == 0 and cause is not None:
            raise cause
        done = f"{why.rstrip('.')}; at line {self._line}: {_sentence(self.counts)}; the same command goes on from there"
        raise BrokenOff(done) from cause


def _sentence(counts: dict[str, int]) -> str:
    return f"{counts['invited']} invited, {counts['known']} were there already, {counts['refused']} refused"


def _form_of(file: BinaryIO) -> str:
    peek = getattr(file, "peek", None)
    beginning = peek(_LOOKED_AT) if peek else b""
    first_word = beginning.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return "ldif" if first_word.startswith(_BEGINNINGS_OF_LDIF) else "csv"


def _size(file: BinaryIO) -> int | None:
    try:
        status = os.fstat(file.fileno())
    except OSError:  # of what is no file at all
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _position(file: BinaryIO) -> int:
    return file.tell() if file.seekable() else 0
