"""A table whose rows flow: its columns are as wide as the first rows need, and on a terminal it fits."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from itertools import chain, islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

SAMPLE = 100
"""Rows that are read before the first is shown; fewer than a page of the directory's."""

_GAP = "  "
_CUT = "…"
_NARROWEST = 3  # of a column on a terminal that is too narrow for all

_CONTROLS = ("Cc", "Zl", "Zp", "Cs")
_REORDERING = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


def table_lines(rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """Give a heading and a line for each row, none of them for no rows; rows are read as lines are asked for.

    On a terminal, cells that don't fit are cut, which an ellipsis shows. Elsewhere nothing is ever cut: a cell that is wider than
    those of the first rows pushes the rest of its line aside.

    Args:
        rows: by column, all of the same shape.
    """
    flowing = iter(rows)
    first = list(islice(flowing, SAMPLE))
    if not first:
        return
    head = [[name.upper() for name in first[0]], *map(_cells, first)]
    widths = [max(width_of(cell) for cell in column) for column in zip(*head, strict=True)]
    fits = sys.stdout.isatty()
    if fits:
        widths = _fitting(widths, shutil.get_terminal_size().columns)
    for cells in chain(head, map(_cells, flowing)):
        shown = [_cut(cell, width) for cell, width in zip(cells, widths, strict=True)] if fits else cells
        yield _GAP.join(_padded(cell, width) for cell, width in zip(shown, widths, strict=True)).rstrip()


def text_of(value: object) -> str:
    """Give a value as people read it, on one line; what would do something to a terminal is replaced."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return " ".join(text_of(item) for item in value)
        case _:
            return "".join("\ufffd" if _acts(character) else character for character in str(value))


def width_of(text: str) -> int:
    """Count the columns that a text takes on a terminal."""
    return sum(_columns(character) for character in text)


def _acts(character: str) -> bool:
    return unicodedata.category(character) in _CONTROLS or unicodedata.bidirectional(character) in _REORDERING


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _cells(row: Mapping[str, object]) -> list[str]:
    return [text_of(value) for value in row.values()]


def _fitting(widths: Sequence[int], available: int) -> list[int]:
    """Take from the widest columns what is too much."""
    fitting = list(widths)
    excess = sum(fitting) + len(_GAP) * (len(fitting) - 1) - available
    while excess > 0 and max(fitting) > _NARROWEST:
        fitting[fitting.index(max(fitting))] -= 1
        excess -= 1
    return fitting


def _cut(text: str, width: int) -> str:
    if width_of(text) <= width:
        return text
    kept, taken = "", len(_CUT)
    for character in text:
        taken += _columns(character)
        if taken > width:
            break
        kept += character
    return kept + _CUT


def _padded(text: str, width: int) -> str:
    return text + " " * (width - width_of(text))
