"""What the tests of the running thing share: one demo, whose processes nobody restarts, and its admin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.mailer.real_server import RealServer
from tests.slapd import RunningSlapd
from tests.system.demo import Demo, running_demo
from tests.system.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.system.tools import DirectoryTools


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo for many tests; each adds people of its own."""
    with running_demo(tmp_path_factory.mktemp("demo") / "state") as running:
        yield running


@pytest.fixture
def admin(demo: Demo, tmp_path: Path) -> DirectoryTools:
    """The demo's admin."""
    return demo.tools(tmp_path)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """An installation with a directory and a mail server of its own; nothing serves yet."""
    folder = tmp_path_factory.mktemp("service")
    slapd = RunningSlapd.start_in(folder)
    with RealServer() as mail:
        yield Service.install(folder, slapd, mail)
    slapd.stop()
