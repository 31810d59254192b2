"""Directories to run the contract on. Another adapter joins by one more parameter of `world`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.adapters.ldap import LdapDirectory, LdapServer, SimpleBind
from tests.contract.directory.worlds import RealClock, SlapdAdmin, World
from tests.fakes.directory import MemoryDirectory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.slapd import RunningSlapd

TIMEOUT_S = 2.0


@pytest.fixture
def open_directory() -> Iterator[Callable[..., LdapDirectory]]:
    """A way to open directories on a server; they are closed afterwards."""
    opened: list[LdapDirectory] = []

    def open_one(
        slapd: RunningSlapd,
        service: SimpleBind | None = None,
        url: str | None = None,
        decoy_dn: str | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> LdapDirectory:
        embedded = slapd.embedded
        opened.append(
            LdapDirectory(
                server=LdapServer(url or embedded.ldap_url, timeout_s=timeout_s),
                base_dn=embedded.base_dn,
                service=service or SimpleBind(embedded.service_dn, embedded.service_password_file.read_text()),
                decoy_dn=decoy_dn or embedded.decoy_dn,
                clock=RealClock(),
            )
        )
        return opened[-1]

    yield open_one
    for directory in opened:
        directory.close()


@pytest.fixture
def real(slapd: RunningSlapd, open_directory: Callable[..., LdapDirectory]) -> World:
    """The adapter on a real slapd."""
    directory = open_directory(slapd)
    return World(directory, SlapdAdmin(slapd, directory), slapd.stop, slapd.start)


@pytest.fixture
def memory() -> World:
    """The fake."""
    directory = MemoryDirectory(RealClock())

    def be_away(away: bool) -> None:  # noqa: FBT001  # one switch
        directory.away = away

    return World(directory, directory, lambda: be_away(True), lambda: be_away(False))  # noqa: FBT003  # likewise


@pytest.fixture(params=["slapd", "memory"])
def world(request: pytest.FixtureRequest) -> World:
    """Each in turn."""
    found: World = request.getfixturevalue({"slapd": "real", "memory": "memory"}[request.param])
    return found
