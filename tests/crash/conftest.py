"""One installation for all crash tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.crash.case import NEW, Case
from tests.crash.crashes import Crashes
from tests.crash.installation import Installation, running_installation
from tests.crash.recoveries import CHOOSE, CONNECT, WORK, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.slapd import RunningSlapd


@pytest.fixture(scope="session")
def installation_of_the_run(slapd_of_the_run: RunningSlapd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The installation; what costs time is done once."""
    with running_installation(tmp_path_factory.mktemp("crash"), slapd_of_the_run) as installation:
        installation.wait_until_ready()
        case = Case.begin(installation)
        case.run(CONNECT, ask(with_ticket=True), WORK, CHOOSE, WORK, warm_up=True)
        assert case.password() == NEW
        yield installation


@pytest.fixture
def installation(installation_of_the_run: Installation, slapd: RunningSlapd) -> Installation:
    """The installation, with slapd up and empty."""
    del slapd
    return installation_of_the_run


@pytest.fixture
def crashes(installation: Installation, subtests: pytest.Subtests) -> Crashes:
    """Crashes in the installation."""
    return Crashes(installation, subtests)
