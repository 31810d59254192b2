"""Koppelgebruikers as CSV (RFC 4180) in UTF-8: a line for each, with its owner."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, BinaryIO

from idp.domain.username import parse_bare
from idp.errors import LineRefused, UsernameError
from idp.ports.directory import NewUser
from idp.services.intake import FileRefused, Line
from idp.services.user_rules import assert_sound

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

COLUMNS = ("name", "administratie", "mail", "owner_name", "language")

_TRIMMED = ("name", "mail", "language")
"""No blank is part of these; of a name of a company it is, and comes back as it went."""

_BEHIND = "\n"
"""Stands for the cells behind the last column; no column is called so."""

# What a spreadsheet would take for a formula is written behind an apostrophe, as OWASP advises; what looks as if it had been
# gets one more, so that each cell can be read back as it was.
_FORMULA = re.compile(r"'*[=+\-@]")
_GUARDED = re.compile(r"'+[=+\-@]")


def csv_lines(users: Iterable[NewUser]) -> Iterator[str]:
    """Write users, each when it is asked for."""
    yield _line(COLUMNS)
    for user in users:
        cells = (user.uid, user.administratie, user.owner_mail, user.owner_name, user.language)
        yield _line([_guarded(cell) for cell in cells])


def read_csv(file: BinaryIO) -> Iterator[Line]:
    """Read users, each when it is asked for.

    Raises:
        FileRefused: it is no such file, which may show in the middle.
    """
    reader = csv.DictReader(_texts(file), restkey=_BEHIND, restval="", strict=True)
    try:
        _assert_columns(reader.fieldnames or ())
        for row in reader:
            yield Line(reader.line_num, _new_user(row))
    except (UnicodeDecodeError, csv.Error) as exc:
        message = "the file is no CSV in UTF-8 with commas; save it so, and import it again"
        raise FileRefused(message) from exc


def _texts(file: BinaryIO) -> Iterator[str]:
    for number, line in enumerate(file):
        yield line.decode("utf-8" if number else "utf-8-sig")


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _guarded(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell


def _assert_columns(named: Sequence[str]) -> None:
    missing = [column for column in COLUMNS if column not in named]
    if missing:
        message = f"the first line must name the columns {', '.join(COLUMNS)}; {missing[0]} is missing"
        raise FileRefused(message)


def _new_user(row: Mapping[str, str | None]) -> NewUser | LineRefused:
    if _BEHIND in row:
        return LineRefused("it has more cells than the first line has columns; a cell with a comma in it stands between quotes")
    cells = {column: row[column] or "" for column in COLUMNS}
    trimmed = {column: cell.strip() if column in _TRIMMED else cell for column, cell in cells.items()}
    name, administratie, mail, owner_name, language = (_unguarded(cell) for cell in trimmed.values())
    try:
        new = NewUser(parse_bare(name).bare or "", administratie, mail, owner_name, language)
        assert_sound(new)
    except UsernameError as exc:
        return LineRefused(str(exc))
    except LineRefused as exc:
        return exc
    return new
