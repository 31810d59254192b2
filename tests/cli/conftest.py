"""An installation for each test: a directory without people, an empty mail server, and no state yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.installation import Installation
from tests.contract.mailer.real_server import RealServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.slapd import RunningSlapd


@pytest.fixture
def at(tmp_path: Path, slapd: RunningSlapd) -> Iterator[Installation]:
    """The installation; each command runs at it."""
    (tmp_path / "state").mkdir()
    with RealServer() as mail:
        yield Installation(tmp_path, slapd, mail)
