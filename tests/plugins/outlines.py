"""`--renew-outlines`: writes what a screen reader makes of each page, and where its parts lie, in place of comparing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption(
        "--renew-outlines", action="store_true", help="write tests/browser/outlines and boxes anew from the pages as they are"
    )
