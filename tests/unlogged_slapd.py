"""Real slapds that keep no log of changes, as a customer's: with `syncprov`, as every replicated one has, or without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.slapd import BASE_DN, RunningSlapd

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAIN = "olcDatabase={1}mdb,cn=config"
"""Once the log's database is gone."""

_SYNCPROV = f"""dn: olcOverlay={{0}}syncprov,{_MAIN}
objectClass: olcOverlayConfig
objectClass: olcSyncProvConfig
olcOverlay: {{0}}syncprov
"""

SESSION_LOG = "olcSpSessionlog: 1000\n"
"""With it, the server can name what is gone; else it names all that is there."""


def take_log_away(slapd: RunningSlapd) -> None:
    """Make a server of ours one that keeps no log."""
    slapd.tool("ldapdelete", "olcOverlay={0}accesslog,olcDatabase={2}mdb,cn=config")
    slapd.tool("ldapdelete", "olcDatabase={1}mdb,cn=config")


def add_syncprov(slapd: RunningSlapd, more: str = SESSION_LOG) -> None:
    """Let a server without a log synchronise."""
    slapd.modify("dn: cn=module{0},cn=config\nchangetype: modify\nadd: olcModuleLoad\nolcModuleLoad: syncprov\n")
    slapd.tool("ldapadd", ldif=_SYNCPROV + more)


def hide(slapd: RunningSlapd, dn: str) -> None:
    """Break the access rules: nobody sees what is below an entry, not even the service."""
    rule = f'to dn.children="{dn}" by * none'
    slapd.modify(f"dn: {_MAIN}\nchangetype: modify\nadd: olcAccess\nolcAccess: {{0}}{rule}\n")


def show(slapd: RunningSlapd) -> None:
    """Mend the access rules."""
    slapd.modify(f"dn: {_MAIN}\nchangetype: modify\ndelete: olcAccess\nolcAccess: {{0}}\n")


def _ready(slapd: RunningSlapd) -> RunningSlapd:
    if slapd.process.poll() is not None:
        slapd.start()
    slapd.resume()
    slapd.empty()
    return slapd


@pytest.fixture(scope="session")
def naming_gone_of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSlapd]:
    """A server with a session log; it goes on from test to test."""
    running = RunningSlapd.start_in(tmp_path_factory.mktemp("g"))
    take_log_away(running)
    add_syncprov(running)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def naming_present_of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSlapd]:
    """A server without one."""
    running = RunningSlapd.start_in(tmp_path_factory.mktemp("p"))
    take_log_away(running)
    add_syncprov(running, "")
    yield running
    running.stop()


@pytest.fixture
def naming_gone(naming_gone_of_the_run: RunningSlapd) -> RunningSlapd:
    """A server that names what is gone, up, without people."""
    return _ready(naming_gone_of_the_run)


@pytest.fixture
def naming_present(naming_present_of_the_run: RunningSlapd) -> RunningSlapd:
    """A server that names what is there, up, without people."""
    return _ready(naming_present_of_the_run)


@pytest.fixture(params=["naming_gone", "naming_present"])
def unlogged(request: pytest.FixtureRequest) -> RunningSlapd:
    """Each in turn."""
    slapd: RunningSlapd = request.getfixturevalue(request.param)
    assert slapd.embedded.base_dn == BASE_DN
    return slapd
