"""Filters are put together in one place, where values are escaped."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import idp
from idp.adapters.ldap import spelling

_FILTER = re.compile(r"\(([&|!]|[A-Za-z.;-]+[~<>]?=)")  # RFC 4515 section 3


def test_no_other_module_writes_a_filter() -> None:
    """A value that is put into one by hand is escaped as long as nobody forgets it: afterwards, `*` is everybody's name."""
    own = Path(spelling.__file__)
    assert found(own) != []
    assert {path.name: found(path) for path in Path(idp.__file__).parent.rglob("*.py") if path != own and found(path)} == {}


def found(path: Path) -> list[str]:
    """Give the texts in a module that begin as filters do."""
    texts: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            texts.append(ast.unparse(node)[2:])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.append(node.value)
    return [text for text in texts if _FILTER.match(text) or text.startswith("({")]
