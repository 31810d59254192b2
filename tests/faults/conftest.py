"""A customer for whom every way works, until a test breaks something."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.adapters.system_clock import SystemClock
from idp.app import create_app
from tests.contract.mailer.real_server import RealServer
from tests.opened_ports import opened_ports
from tests.system.service import Service as Configured
from tests.system.two_ways import Customer, Service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.signing_keys import NewState
    from tests.slapd import RunningSlapd


@pytest.fixture
def mail() -> Iterator[RealServer]:
    """A mail server."""
    with RealServer() as server:
        yield server


@pytest.fixture
def customer(tmp_path: Path, slapd: RunningSlapd, mail: RealServer, new_state: NewState) -> Iterator[Customer]:
    """Somebody for whom every way works."""
    configured = Configured.install(tmp_path, slapd, mail, new_state())
    with opened_ports(configured.settings, SystemClock()) as ports:
        service = Service(configured.settings, slapd, ports, create_app(configured.settings, ports))
        found = Customer.begin(service)
        mail.delivered.clear()
        yield found
