"""docs/standards.md: what it says is there is there, what it says is not is not, and each row's state is what its tests show."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from idp.oauth.metadata import describe
from tests.oauth.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.signing_keys import NewState

    Marked = dict[str, dict[str, set[str]]]


def named(text: str) -> list[str]:
    """Give what stands in backticks."""
    return re.findall(r"`([^`]+)`", text)


ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "standards.md").read_text(encoding="utf-8")
LINES = [[cell.strip() for cell in line.split("|")[1:-1]] for line in DOCUMENT.splitlines() if line.startswith("| ")]
RULES = {cells[0]: cells for cells in LINES if re.fullmatch(r"S\d+", cells[0])}
STANDARDS = [cells for cells in LINES if cells[0].startswith(("RFC", "OpenID", "FAPI", "OAuth"))]
HELD, IN_PART, NOT_YET, NOT_THERE = "held", "in part", "not yet", "not there"
NOTHING = "–"  # noqa: RUF001  # an en dash, as the document has it
PLACES = sorted(
    {path for text in [*(cells[3] for cells in RULES.values()), *(cells[2] for cells in STANDARDS)] for path in named(text)}
)
ALL_RULES = [f"S{number}" for number in range(1, 51)]


def functions(path: Path) -> Iterator[tuple[str, set[str]]]:
    """Read a file's tests, each with the rows that it is marked with."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            calls = [call for mark in node.decorator_list for call in ast.walk(mark) if isinstance(call, ast.Call)]
            rows = [call.args for call in calls if ast.unparse(call.func).endswith("mark.row")]
            yield node.name, {str(row.value) for arguments in rows for row in arguments if isinstance(row, ast.Constant)}


@pytest.fixture(scope="module")
def marked() -> Marked:
    """Every test by its file and its name, with its rows."""
    found: Marked = defaultdict(dict)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, rows in functions(path):
            found[str(path.relative_to(ROOT))][name] = rows
    return found


@pytest.fixture(scope="module")
def rows_shown(marked: Marked) -> set[str]:
    """Every row that a test is marked with."""
    return {row for tests in marked.values() for rows in tests.values() for row in rows}


def test_every_rule_has_its_line() -> None:
    """A rule that is left out of the list is a rule that nobody misses."""
    assert list(RULES) == ALL_RULES


@pytest.mark.parametrize("row", ALL_RULES)
def test_a_rules_state_is_what_its_tests_show(row: str, marked: Marked, rows_shown: set[str]) -> None:
    """Whoever relies on the list relies on a test; and what has one is not kept from them."""
    _, _, state, where, tests = RULES[row]
    state = state.partition(":")[0]
    if state == NOT_YET:
        assert row not in rows_shown
        assert (where, tests) == (NOTHING, NOTHING)
        return
    assert state in (HELD, IN_PART)
    assert named(where)
    assert named(tests)
    for file, function in (test.split("::") for test in named(tests)):
        assert row in marked[f"tests/{file}"][function], function


def test_a_state_in_part_says_what_lacks() -> None:
    """'In part' alone promises whatever the reader hopes."""
    for row, (_, _, state, *_) in RULES.items():
        assert state.startswith(IN_PART) == (":" in state), row


@pytest.mark.parametrize("cells", STANDARDS, ids=lambda cells: f"{cells[0]} {cells[1]}")
def test_what_a_standard_is_held_by_is_there(cells: list[str], marked: Marked) -> None:
    """A table that names files that were renamed is read once and never believed again."""
    _, _, where, tests, _ = cells
    if where == NOT_THERE:
        assert tests == NOTHING
        return
    assert named(where)
    assert named(tests)
    for test in named(tests):
        file, _, function = test.partition("::")
        if re.fullmatch(r"S\d+", test):
            assert not RULES[test][2].startswith(NOT_YET), test
        else:
            assert function in marked[f"tests/{file}"], test


@pytest.mark.parametrize("path", PLACES)
def test_a_place_in_the_code_is_there(path: str) -> None:
    """Who looks for a rule's place would look in vain."""
    assert (ROOT / path).exists()


def test_what_the_metadata_lack_is_not_in_them(new_state: NewState) -> None:
    """What is called missing here, and advertised there, is a lie at one of the two."""
    lacking = set(re.findall(r"no `(\w+)`", DOCUMENT))
    assert lacking
    with closing(World.build(new_state())) as world:
        assert not lacking & set(describe(world.oauth))
