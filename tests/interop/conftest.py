"""One service for all clients, and an owner of their own for each."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.browser.chromium import running_browser
from tests.interop.application import API_SCOPE, CONFIGURATION, Application, register
from tests.interop.owner import OwnerByHand, OwnerInChromium
from tests.system import flows
from tests.system.demo import running_demo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.interop.owner import Owner
    from tests.system.demo import Demo

    class NewApplication(Protocol):
        """Registers an application that authenticates so."""

        def __call__(self, auth: str) -> Application:
            """Give it."""


_PASSWORD = "een lange zin die niemand raadt"
_CONNECTOR = "basecone"


@dataclass(frozen=True, slots=True)
class WithPassword:
    """An application to which an owner gave name and password.

    Args:
        task: as a program is told of it.
    """

    task: dict[str, Any] = field(repr=False)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption("--long", action="store_true", help="have every consent clicked in a real browser")


@pytest.fixture(scope="session", autouse=True)
def _no_proxy() -> Iterator[None]:
    # Clients ask the proxy of whoever has one for all web.
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.lower() in ("http_proxy", "all_proxy")]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The service."""
    folder = tmp_path_factory.mktemp("demo")
    config = folder / "wanted.toml"
    config.write_text(CONFIGURATION, encoding="utf-8")
    with running_demo(folder / "state", {"IDP_CONFIG": str(config)}) as running:
        yield running


@pytest.fixture
def new_application(demo: Demo, tmp_path: Path) -> NewApplication:
    """Registers an application; none is remembered to have been let in before."""
    return functools.partial(register, demo, tmp_path)


@pytest.fixture(scope="module")
def owner(demo: Demo, request: pytest.FixtureRequest) -> Iterator[Owner]:
    """Who is asked."""
    if not request.config.getoption("--long"):
        yield OwnerByHand(demo, demo.visitor())
        return
    with running_browser() as browser:
        yield OwnerInChromium(demo, browser)


@pytest.fixture(scope="session")
def with_password(demo: Demo) -> WithPassword:
    """The owner has chosen a password, and has typed it into one of the applications of today."""
    flows.ask_for_reset(demo.visitor(), demo.full_name)
    link = demo.wait_for_link(demo.owner["mail"], "/reset/password/")
    assert flows.choose_password(demo.visitor(), link, _PASSWORD).status == 303
    known = demo.clients[_CONNECTOR]
    application = Application(demo.url, known["client_id"], "client_secret_basic", known["client_secret"], scope=API_SCOPE)
    return WithPassword({**application.task, "username": demo.username, "password": _PASSWORD})
