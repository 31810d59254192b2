"""The disk is full, or read-only, under a running service: everybody is told to come back, and it heals by itself."""

from __future__ import annotations

import resource
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from idp.adapters.system_clock import SystemClock
from idp.oauth.keys import KeyRing
from idp.outside import open_digests, open_store
from tests.contract.mailer.real_server import RealServer
from tests.contract.store.disks import MAY_MOUNT, mounted_read_only, small_disk
from tests.slapd import RunningSlapd
from tests.system import flows
from tests.system.processes import AS_ANYBODY, below
from tests.system.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.system.processes import Started
    from tests.system.visitor import Answer

    Trouble = Callable[[Started], AbstractContextManager[None]]

UID = "U4BBGA5501"
PASSWORD = "vijf losse woorden achter elkaar"
LATER = "Het lukt nu even niet. Er is niets gewijzigd. Probeer het over een paar minuten opnieuw."


@dataclass(frozen=True)
class World:
    """A service with a user and an application."""

    service: Service
    client: dict[str, str] = field(repr=False)

    def token(self) -> Answer:
        """Ask for one."""
        fields = {"grant_type": "password", "username": UID, "password": PASSWORD, **self.client}
        return self.service.visitor().post("/oauth/token", fields)

    def assert_told_to_come_back(self) -> None:
        """Programs, people and operators each hear it in their way; and the process lives."""
        answer = self.token()
        assert (answer.status, answer.json["error"]) == (503, "temporarily_unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        visitor = self.service.visitor()
        visitor.open("/reset")
        page = flows.identify(visitor, f"{UID}@u4bsw.nl")
        assert page.status == 503
        assert int(page.headers["Retry-After"]) > 0
        assert page.page.alert == LATER
        assert self.service.parts() == (503, {"directory": "ok", "store": "The store does not answer."})
        assert self.service.is_alive()

    def assert_well(self) -> None:
        """All works, and what was tried in between has left nothing half-written."""
        assert self.token().status == 200
        assert self.service.parts() == (200, {"directory": "ok", "store": "ok"})
        self.service.ask_for_reset(UID)
        store = open_store(self.service.settings, open_digests(self.service.settings))
        with store.reading() as work:
            assert work.audit.verify() == []
        store.close()


@contextmanager
def world_in(folder: Path, state: Path) -> Iterator[World]:
    """Install a service, with its state where the test wants it."""
    slapd = RunningSlapd.start_in(folder)
    try:
        with RealServer() as mail:
            service = Service.install(folder, slapd, mail, state)
            service.add_user(UID, "anna@example.nl", PASSWORD)
            client, secret = service.add_client()
            yield World(service, {"client_id": client.client_id, "client_secret": secret})
    finally:
        slapd.stop()


@contextmanager
def disk_that_fills() -> Iterator[tuple[Path, Trouble]]:
    """Give a state folder on a disk of its own, and a way to leave no room on it."""
    with small_disk() as disk:

        @contextmanager
        def full(_web: Started) -> Iterator[None]:
            disk.fill()
            yield
            disk.clear()

        yield disk.folder / "state", full


@contextmanager
def files_that_may_not_grow() -> Iterator[tuple[Path, Trouble]]:
    """Give an ordinary state folder, and a way to let the server write nothing any more, not even into its log."""

    @contextmanager
    def limited(web: Started) -> Iterator[None]:
        before = {process.pid: resource.prlimit(process.pid, resource.RLIMIT_FSIZE) for process in below(web.process.pid)}
        for pid, (_, hard) in before.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
        yield
        for pid, limits in before.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)

    with tempfile.TemporaryDirectory() as name:
        yield Path(name) / "state", limited


FULL = [files_that_may_not_grow, *([disk_that_fills] if MAY_MOUNT else [])]


@pytest.mark.parametrize("way", FULL)
def test_a_full_disk_is_told_and_healed(tmp_path: Path, way: Callable[[], AbstractContextManager[tuple[Path, Trouble]]]) -> None:
    """Nobody loses anything by a full disk but time; a token that could not be remembered is not given."""
    with way() as (state, trouble), world_in(tmp_path, state) as world, world.service.web() as web:
        assert world.token().status == 200
        with trouble(web):
            world.assert_told_to_come_back()
        world.assert_well()
        assert "Traceback" not in web.said


@contextmanager
def without_permission(folder: Path) -> Iterator[None]:
    """Let nobody write who is bound by permissions."""
    paths = {path: path.stat().st_mode for path in (*folder.iterdir(), folder)}
    for path, mode in paths.items():
        path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for path, mode in paths.items():
            path.chmod(mode)


READ_ONLY = [without_permission, *([mounted_read_only] if MAY_MOUNT else [])]


@pytest.mark.parametrize("way", READ_ONLY)
def test_a_read_only_state_is_told_and_healed(tmp_path: Path, way: Callable[[Path], AbstractContextManager[None]]) -> None:
    """A machine comes back from a fault with its disk read-only: the service says that something is wrong, until it is mended."""
    state = tmp_path / "state"
    with world_in(tmp_path, state) as world, ExitStack() as serving:
        KeyRing(state, SystemClock())  # as it was before the fault
        with way(state):
            web = serving.enter_context(world.service.web(before=AS_ANYBODY))
            world.assert_told_to_come_back()
        world.assert_well()
        assert "Traceback" not in web.said
