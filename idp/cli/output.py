"""How commands show things: a table for people, JSON for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

json_option: Callable[[Any], Any] = click.option("--json", "as_json", is_flag=True, help="For programs.")


def show_rows(rows: Iterable[Mapping[str, object]], *, as_json: bool) -> None:
    """Show rows of the same shape.

    Args:
        rows: by column.
        as_json: as one JSON array.
    """
    known = list(rows)
    if as_json:
        click.echo(json.dumps(known, ensure_ascii=False, indent=1))
        return
    if known:
        lines = [[name.upper() for name in known[0]], *([_text(value) for value in row.values()] for row in known)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
        for line in lines:
            click.echo(_padded(line, widths))


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
        click.echo(f"{name.ljust(width)}  {_text(value)}".rstrip())


def _padded(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _text(value: object) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return " ".join(_text(item) for item in value)
        case _:
            return str(value)
