"""Stores to run the contract on. Another database joins by one more parameter of `store_url`."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine

from idp.adapters.sql import SqlStore, Writing
from idp.domain.digests import KeyedDigests
from tests.contract.store.another_process import KEY
from tests.contract.store.processes import Process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine


@pytest.fixture(params=["sqlite"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    urls = {"sqlite": f"sqlite:///{tmp_path}/koppel.db"}
    return urls[request.param]


@pytest.fixture
def open_store() -> Iterator[Callable[..., SqlStore]]:
    """A way to open any number of stores on a URL, as several processes would; they are closed afterwards."""
    opened: list[SqlStore] = []

    def open_one(url: str, busy_timeout_s: float = 5.0, writer: str = "web") -> SqlStore:
        opened.append(SqlStore(url, KeyedDigests(KEY), busy_timeout_s, Writing(writer, lambda: f"request of {writer}")))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(store_url: str, open_store: Callable[..., SqlStore], empty_database: Path) -> SqlStore:
    """A store on an empty database."""
    shutil.copy(empty_database, store_url.removeprefix("sqlite:///"))
    return open_store(store_url)


@pytest.fixture
def behind(store: SqlStore, store_url: str) -> Iterator[Engine]:
    """The same database by a back door, for whoever tampers with it or looks what is really in it."""
    store.migrate()
    engine = create_engine(store_url)
    yield engine
    engine.dispose()


@pytest.fixture
def process(store_url: str) -> Iterator[Callable[[str], Process]]:
    """A way to start processes; none is left afterwards."""
    with ExitStack() as stack:

        def start(command: str) -> Process:
            started = Process(command, store_url)
            stack.enter_context(started.running)
            stack.callback(started.running.kill)
            return started

        yield start
