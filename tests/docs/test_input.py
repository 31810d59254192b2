"""docs/input.md: the rules that it tells are those in force."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

DOCUMENT = (Path(__file__).parents[2] / "docs" / "input.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in DOCUMENT.splitlines() if line.startswith("| ")][1:]
NUMBERS = re.compile(r"(\d+)[^\d`;]*?\(`(_?[A-Z_]+)`\)")
NAMED = re.compile(r"`(_?[A-Z][A-Z_]+)`")


@pytest.mark.parametrize(("rule", "place"), [(row[1], row[2].strip("`")) for row in ROWS], ids=[row[0] for row in ROWS])
def test_each_rule_is_in_force_where_it_says(rule: str, place: str) -> None:
    """Whoever types the longest that is promised would be refused; or who tests us would look for a hole that is none."""
    *path, last = place.split(".")
    try:
        module = importlib.import_module(place)
    except ModuleNotFoundError:
        module = importlib.import_module(".".join(path))
        assert hasattr(module, last), place
    found = NUMBERS.findall(rule)
    assert [name for _, name in found] == NAMED.findall(rule)  # none is told without its number
    assert {name: getattr(module, name) for _, name in found} == {name: int(number) for number, name in found}


def test_there_are_numbers_to_compare() -> None:
    """What the pattern does not find is compared with nothing."""
    assert len(NUMBERS.findall(DOCUMENT)) >= 15
