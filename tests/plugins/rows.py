"""`--row R12`: runs exactly the tests that show one requirement (R12) or security rule (S29)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROW = re.compile(r"[RSP][1-9][0-9]?")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption("--row", metavar="R12", help="run exactly the tests marked with this row")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the row's tests.

    Raises:
        pytest.UsageError: a marker names no row, or the row asked for has no test: an empty run shows nothing.
    """
    for item in items:
        for name in _rows(item):
            if not _ROW.fullmatch(name):
                message = f"{item.nodeid}: {name!r} is no row; a row is R12, S29 or P4"
                raise pytest.UsageError(message)
    wanted = config.getoption("--row")
    if wanted is None:
        return
    chosen = [item for item in items if str(wanted).upper() in _rows(item)]
    if not chosen:
        message = f"no test shows row {wanted}"
        raise pytest.UsageError(message)
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


def _rows(item: pytest.Item) -> Iterator[str]:
    for marker in item.iter_markers("row"):
        yield from (str(name) for name in marker.args)
