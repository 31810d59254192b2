"""A directory that a test may break."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checked_directory import PEOPLE
from tests.slapd import RunningSlapd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[RunningSlapd]:
    """A server of the test's own, sound until the test breaks it."""
    running = RunningSlapd.start_in(tmp_path)
    try:
        running.modify(PEOPLE)
        yield running
    finally:
        running.stop()
