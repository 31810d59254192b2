"""How lists are shown: row by row, on a terminal no wider than it is, and whole to programs."""

from __future__ import annotations

import io
import json
import sys
import unicodedata
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.cli.output import show_rows
from idp.cli.table import SAMPLE, text_of, width_of
from tests.cli.terminal import seen_on_a_terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = """
from idp.cli.output import show_rows
rows = ({"name": f"U{n}", "of": "Lunchroom De Ooievaar " * (1 + n % 3), "note": "\\u754c" * n} for n in range(5))
show_rows(rows, as_json=False)
"""


class Watching(io.StringIO):
    """An output that knows how many rows had been taken when the first piece came."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = 0
        self.taken_before_first = 0

    def write(self, text: str) -> int:
        """Take a piece."""
        self.taken_before_first = self.taken_before_first or self.taken
        return super().write(text)

    def rows(self, count: int) -> Iterator[dict[str, object]]:
        """Give rows, and count."""
        for number in range(count):
            self.taken += 1
            yield {"name": f"U{number}", "blocked": number % 2 == 0}


def shown(rows: list[dict[str, object]], *, as_json: bool = False) -> str:
    """Show rows to a pipe."""
    out = io.StringIO()
    with redirect_stdout(out):
        show_rows(rows, as_json=as_json)
    return out.getvalue()


@pytest.mark.parametrize(("as_json", "before_first"), [(True, 1), (False, SAMPLE)])
def test_rows_are_shown_while_others_are_still_to_come(*, as_json: bool, before_first: int) -> None:
    """A list of a million users would fill the machine's memory before its first line."""
    out = Watching()
    with redirect_stdout(out):
        show_rows(out.rows(10 * SAMPLE), as_json=as_json)
    assert (out.taken, out.taken_before_first) == (10 * SAMPLE, before_first)


@given(st.lists(st.fixed_dictionaries({"name": st.text(), "blocked": st.booleans(), "next reset": st.none() | st.text()})))
def test_what_programs_get_is_one_array_of_all_rows(rows: list[dict[str, object]]) -> None:
    """A script would read something else than there is, or break at the first odd name."""
    text = shown(rows, as_json=True)
    assert json.loads(text) == rows
    assert len([line for line in text.split("\n") if line.startswith("{")]) == len(rows)


def test_no_rows_are_no_table_and_an_empty_array() -> None:
    """A script would stumble over nothing."""
    assert (shown([]), shown([], as_json=True)) == ("", "[]\n")


def test_nothing_is_cut_in_a_pipe() -> None:
    """What a script takes from the table, a name say, would be another one."""
    rows: list[dict[str, object]] = [{"name": "U1", "of": "A"} for _ in range(SAMPLE)]
    lines = shown([*rows, {"name": "U" * 200, "of": "B" * 200}]).splitlines()
    assert lines[-1].split() == ["U" * 200, "B" * 200]


@pytest.mark.parametrize("columns", [10, 24, 60, 200])
def test_on_a_terminal_no_line_is_wider_than_it(columns: int) -> None:
    """Lines would wrap, and nobody find the column that they look for."""
    code, text = seen_on_a_terminal([sys.executable, "-c", PROGRAM], columns)
    assert code == 0
    lines = text.splitlines()
    assert len(lines) == 6
    assert max(width_of(line) for line in lines) <= max(columns, 13)  # three columns of three, and two gaps
    assert ("…" in text) == (columns < 200)
    assert lines[1].startswith("U0")


@given(st.text())
def test_a_cell_is_one_line_that_does_nothing_to_a_terminal(value: str) -> None:
    """Whoever may name a company could colour, move or erase what an operator sees."""
    text = text_of(value)
    assert len(text) == len(value)
    assert not any(unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs") for character in text)
    assert len(text.splitlines()) <= 1
