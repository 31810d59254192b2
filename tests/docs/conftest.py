"""What documents are run at."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import at, begun, new
from tests.docs.asked_for_certificates import Front
from tests.docs.office import Office
from tests.system.two_ways import Customer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.docs.desk import Desk

__all__ = ["at", "begun", "new"]


@pytest.fixture(scope="session")
def office_of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One for all recipes."""
    with Office.opened(tmp_path_factory.mktemp("o")) as opened:
        yield opened


@pytest.fixture
def office(office_of_the_run: Office) -> Office:
    """The one, with nobody in its directory, and nothing on its way."""
    office_of_the_run.slapd.empty()
    office_of_the_run.letters()
    return office_of_the_run


@pytest.fixture
def customer(office: Office) -> Customer:
    """A koppelgebruiker with a coupling, and its owner."""
    return Customer.begin(office.service)


@pytest.fixture
def admin(office: Office, tmp_path: Path) -> Desk:
    """Whom the socket knows."""
    return office.on_the_server(tmp_path)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory, keys_of_the_day: Path, empty_database: Path) -> Iterator[Front]:
    """Nginx and the service."""
    state = tmp_path_factory.mktemp("state")
    for file in (keys_of_the_day, empty_database):
        shutil.copy(file, state)
    with Front.open_in(tmp_path_factory.mktemp("front"), state) as front:
        yield front
