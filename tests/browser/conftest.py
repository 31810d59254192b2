"""A demo for the whole run, and a browser for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import Browser, running_browser
from tests.system.demo import Demo, running_demo

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo, with an owner, and a koppelgebruiker that has no password yet."""
    with running_demo(tmp_path_factory.mktemp("demo") / "state") as running:
        yield running


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A browser that has never been anywhere."""
    with running_browser() as running:
        yield running
