"""docs/asvs.md: no requirement is left out, none is invented, and each that is called met has tests that a run passes."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache

from tests.docs.asvs import DOCUMENT, LEVEL_1, LEVEL_2, MET, ROOT, STATES, counts, named_tests, requirements

TEXT = DOCUMENT.read_text(encoding="utf-8")
ROWS = requirements(TEXT)
ELSEWHERE = {"tests/crash/": "./dev torture", "tests/interop/": "./dev interop"}
"""What runs the tests that `./dev test` does not."""


@cache
def found_in(file: str) -> frozenset[str]:
    """Give the names of a file's tests, as pytest would collect them: functions of the module, which nothing skips."""
    if not (ROOT / file).is_file() or not file.rpartition("/")[2].startswith("test_"):
        return frozenset()
    functions = [node for node in ast.parse((ROOT / file).read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)]
    marks = {function.name: " ".join(ast.unparse(mark) for mark in function.decorator_list) for function in functions}
    return frozenset(name for name in marks if name.startswith("test_") and not re.search(r"mark\.(skip|xfail)", marks[name]))


def test_every_requirement_is_there_and_no_other() -> None:
    """Whoever signs for the service would find out what was never looked at when somebody has got in by it."""
    assert [row.number for row in ROWS] == sorted(
        (LEVEL_1 + LEVEL_2).split(), key=lambda number: [int(part) for part in number.split(".")]
    )


def test_each_has_one_of_three_states_and_says_why() -> None:
    """'In part' promises whatever the reader hopes; so does a state alone."""
    assert {row.number: row.state for row in ROWS if row.state not in STATES} == {}
    assert [row.number for row in ROWS if not row.what or not row.how] == []


def test_what_is_met_is_shown_by_a_test() -> None:
    """What nobody tries is true until somebody changes it."""
    assert [row.number for row in ROWS if row.state == MET and not row.tests] == []


def test_every_test_that_it_names_is_there() -> None:
    """What is said to be shown would be shown by nothing. That a run passes them is held by `tests/plugins/named.py`."""
    assert [test for test in sorted(named_tests()) if test.partition("::")[2] not in found_in(test.partition("::")[0])] == []
    # A name that the pattern of tests does not know would be looked for by nobody.
    assert [
        name for name in re.findall(r"`([^`]*test_[^`]*)`", TEXT) if "::" in name and f"tests/{name}" not in named_tests()
    ] == []


def test_what_another_command_runs_says_which() -> None:
    """A reader who runs `./dev test` would believe that they have seen it."""
    for row in ROWS:
        for folder, command in ELSEWHERE.items():
            if any(test.startswith(folder) for test in row.tests):
                assert f"`{command}`" in row.how, row.number


def test_the_head_counts_right() -> None:
    """It is what is read, and told on."""
    assert counts(TEXT) == {**Counter(row.state for row in ROWS), "all": len(ROWS)}
