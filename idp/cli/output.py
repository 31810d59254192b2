"""How commands show things: a table for people, JSON for programs. Rows are shown as they come, and kept nowhere."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from idp.cli.table import table_lines, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

json_option: Callable[[Any], Any] = click.option("--json", "as_json", is_flag=True, help="For programs.")


def show_rows(rows: Iterable[Mapping[str, object]], *, as_json: bool) -> None:
    """Show rows of the same shape, however many.

    Args:
        rows: by column.
        as_json: as one JSON array; it is none when the command fails half way, which its exit code tells.
    """
    pieces = _array(rows) if as_json else (line + "\n" for line in table_lines(rows))
    for piece in pieces:
        sys.stdout.write(piece)
    sys.stdout.flush()  # here, where a reader who has gone is met in order


def show_facts(facts: Mapping[str, object], *, as_json: bool) -> None:
    """Show one thing.

    Args:
        facts: by name.
        as_json: as one JSON object.
    """
    if as_json:
        click.echo(json.dumps(dict(facts), ensure_ascii=False, indent=1))
        return
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        click.echo(f"{name.ljust(width)}  {text_of(value)}".rstrip())


def _array(rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """Write a row a line. That it was the last one shows when the next doesn't come: so a comma goes before, not behind."""
    begin = "[\n"
    for row in rows:
        yield begin + json.dumps(dict(row), ensure_ascii=False)
        begin = ",\n"
    yield "[]\n" if begin == "[\n" else "\n]\n"
