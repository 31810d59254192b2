"""kill -9 of `idp backup` and `idp restore`, before each thing that they do to the file system."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from idp.adapters.state_folder import is_half_restored
from idp.adapters.system_clock import SystemClock
from idp.backup.files import FILES
from idp.oauth.keys import KeyRing
from tests.cli.conftest import at, begun, new

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.installation import Installation

__all__ = ["at", "begun", "new"]

OLD, NEW = "of the present state", "of the backup"
CHANGES = ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "sqlite3.connect")
"""Names of what Python tells before it does it (its audit events)."""


def killed_before(step: int, folder: Path, work: Callable[[], object]) -> bool:
    """Have work done by a process that dies before it does one more thing to the file system.

    Args:
        step: the number of that thing, from 1.
        folder: opening of files elsewhere is none.
        work: what is to be done.

    Returns:
        whether it came so far; it was done otherwise.
    """
    process = os.fork()
    if process == 0:
        left = step

        def watch(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal left
            if event in CHANGES and (event != "open" or str(arguments[0]).startswith(str(folder))):
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(process, 0)
    return os.WIFSIGNALED(status)


def each_step(folder: Path, put_back: Callable[[], None], work: Callable[[], object]) -> Iterator[int]:
    """Kill work before each thing that it does, from the same beginning."""
    step = 1
    while True:
        put_back()
        if not killed_before(step, folder, work):
            return
        yield step
        step += 1


@dataclass(frozen=True)
class States:
    """An installation with two states.

    Args:
        at: it; its state is the one that is to be exchanged.
        backup: of the other one.
        template: of its state.
    """

    at: Installation
    backup: Path
    template: Path

    def put_back(self) -> None:
        """Have the state as it was."""
        shutil.rmtree(self.at.state)
        shutil.copytree(self.template, self.at.state)

    def restore(self) -> int:
        """Restore the backup; gives the exit code."""
        return self.at.idp("restore", str(self.backup)).code

    def is_as_in(self, folder: Path) -> bool:
        """Tell whether key and signing keys are those of a folder, and the database goes with them."""
        return all((self.at.state / name).read_bytes() == (folder / name).read_bytes() for name in FILES[1:])

    def shown(self) -> str:
        """Give the one application that is registered; the audit must hold."""
        assert self.at.idp("audit", "verify").code == 0
        (client,) = self.at.idp("client", "list", "--json").json
        return str(client["name"])


@pytest.fixture
def states(at: Installation, tmp_path: Path) -> States:
    """Two states that have nothing in common."""
    at.done("client", "add", "ing", "--name", NEW)
    backup = tmp_path / at.done("backup", str(tmp_path / "backups")).strip()
    shutil.rmtree(at.state)
    with closing(at.store()) as store:
        store.ping()
    KeyRing(at.state, SystemClock())
    at.done("client", "add", "ing", "--name", OLD)
    (at.state / "idp.db.lock").unlink()
    return States(at, backup, shutil.copytree(at.state, tmp_path / "template"))


def test_a_restore_that_is_killed_leaves_one_state_or_says_how_to_go_on(states: States) -> None:
    """A key of one state beside the database of another: nothing works, and nobody knows which is which."""
    seen = []
    for step in each_step(states.at.folder, states.put_back, states.restore):
        if is_half_restored(states.at.state):
            refused = states.at.idp("client", "list").sentence
            assert refused.startswith(f"a restore into {states.at.state} was broken off; run `idp restore` once more")
            assert refused in {row["state"] for row in states.at.idp("doctor", "--json").json}
            assert states.at.idp("key", "list").sentence == states.at.idp("serve").sentence == refused
            seen.append("half")
        else:
            (folder,) = [folder for folder in (states.template, states.backup) if states.is_as_in(folder)]
            assert states.shown() == (OLD if folder == states.template else NEW), step
            seen.append(states.shown())
        assert states.restore() == 0
        assert states.shown() == NEW
        assert states.is_as_in(states.backup)
        kept = list(states.at.state.glob("before-*"))
        assert any((path / name).read_bytes() == (states.template / name).read_bytes() for path in kept for name in FILES[1:2])
        assert {path.name for path in states.at.state.iterdir()} - {path.name for path in kept} <= known_files()
    assert sorted(set(seen), key=seen.index) == [OLD, "half", NEW]


def known_files() -> set[str]:
    """Give the names that a state folder has."""
    return {*FILES, "idp.db-wal", "idp.db-shm", "idp.db.lock", "oauth-keys.lock"}


def test_a_backup_that_is_killed_is_whole_or_not_there(states: States, tmp_path: Path) -> None:
    """A folder that looks like a backup is put back in the night in which all else is lost."""
    folder = tmp_path / "night"

    def put_back() -> None:
        shutil.rmtree(folder, ignore_errors=True)

    found = []
    for _ in each_step(states.at.folder, put_back, lambda: states.at.idp("backup", str(folder))):
        there = list(folder.glob("*Z"))
        found.append(len(there))
        for made in there:
            assert states.at.idp("restore", str(made)).code == 0
            assert states.shown() == OLD
        assert states.at.idp("backup", str(folder)).code == 0
        assert {path.name for path in folder.iterdir() if not path.name.endswith("Z")} == {"backup.lock"}
    assert set(found) == {0, 1}
