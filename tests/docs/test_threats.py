"""docs/threats.md: each attack names tests that are there, and each number is the one in force."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from idp.settings import LimitSettings

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "threats.md").read_text(encoding="utf-8")
LINES = [line for line in DOCUMENT.splitlines() if re.match(r"\| (?!attack )", line)]
ROWS = {cells[0]: cells for cells in ([cell.strip() for cell in line.split("|")[1:-1]] for line in LINES)}
TOLD = re.findall(r"`(\w+)` \((\d[^)]* per [^)]*)\)", DOCUMENT)


@pytest.mark.parametrize("attack", ROWS)
def test_each_attack_names_tests_that_are_there(attack: str) -> None:
    """What is said to be shown would be shown by nothing."""
    _, _, _, state, tests = ROWS[attack]
    assert state.startswith(("held", "open: "))
    named = re.findall(r"`(?P<file>[\w/]+\.py)::(?P<test>test_\w+)`", tests)
    assert named
    for file, test in named:
        assert f"def {test}(" in (ROOT / "tests" / file).read_text(encoding="utf-8"), test


def test_no_row_is_cut_off() -> None:
    """A cell too many or too few, and a row says of itself what belongs to another column."""
    assert len(LINES) == len(ROWS)
    assert {len(cells) for cells in ROWS.values()} == {5}


def test_each_number_is_the_one_in_force() -> None:
    """Whoever sizes an attack by it, or raises it, would start from another one."""
    settings = LimitSettings()
    assert len(TOLD) > len(ROWS) / 2
    assert [(key, rate) for key, rate in TOLD if getattr(settings, key) != rate] == []


def test_each_limit_is_told_of() -> None:
    """A number that nobody has held against an attack would be one that shuts somebody out."""
    rates = set(LimitSettings.model_fields) - {"storage"}
    assert sorted(key for key in rates if f"`{key}`" not in DOCUMENT) == []
