"""docs/operations.md: each event that the code logs has its line there, and no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from idp.domain.audit import SEGMENT_SEALED

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
TABLE = DOCUMENT.partition("| `event` |")[2].partition("\n\n")[0]
TOLD = {name for line in TABLE.splitlines() for name in re.findall(r"`([\w.-]+)`", line.partition("|")[2].partition("|")[0])}
LEVELS = ("debug", "info", "warning", "error", "exception", "critical", "warn", "_say")
PASSED_ON = {"event", "SEGMENT_SEALED", "exc"}
"""First arguments that are no words: a level further up there are."""


def first_arguments() -> list[ast.expr]:
    """Give what each call of a logger says first."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in (ROOT / "idp").rglob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call.args[0] for call in calls if call.args and is_logger(call.func)]


def is_logger(called: ast.expr) -> bool:
    """Tell whether a call writes to a log."""
    if isinstance(called, ast.Name):
        return called.id == "log"
    return isinstance(called, ast.Attribute) and called.attr in LEVELS


def test_each_event_has_its_line_and_no_other() -> None:
    """Whoever looks at the log at three in the morning would look for a word in vain, or wait for one that never comes."""
    words = {said.value for said in first_arguments() if isinstance(said, ast.Constant)}
    assert {SEGMENT_SEALED, "request", "limit_reached"} <= TOLD
    assert words | {SEGMENT_SEALED} == TOLD


def test_no_event_is_made_up_of_words() -> None:
    """An event that can't be looked for would be in no table either."""
    names = {ast.unparse(said) for said in first_arguments() if not isinstance(said, ast.Constant)}
    assert names <= PASSED_ON


def test_nothing_writes_a_log_to_another_place() -> None:
    """What is shipped and kept would not be all of it, and nobody would look at the rest, or take it away."""
    places = re.compile(r"(File|SysLog|Socket|Datagram|HTTP|SMTP)Handler|basicConfig|syslog")
    found = [file.name for file in (ROOT / "idp").rglob("*.py") if places.search(file.read_text(encoding="utf-8"))]
    assert found == []
