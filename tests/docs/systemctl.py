"""A stand-in for `systemctl` where systemd does not run: `python -m tests.docs.systemctl MACHINE VERB UNIT…`.

It does with a unit's own lines what systemd does with a process: its command and nothing but its environment, its umask, no new
privileges, no memory that is written and executed (from Linux 6.3 on), the wait until it is ready, the signal and the time to
end. What needs PID 1, such as other users, a file system of its own, filters of system calls and timers, is not there; nothing
is started again by itself. MACHINE is a JSON file: `{"units", "run", "moved"}`.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import shlex
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.docs.units import Unit, read_unit

if TYPE_CHECKING:
    from collections.abc import Mapping

_NO_NEW_PRIVILEGES, _MEMORY_DENY_WRITE_EXECUTE = 38, 65  # prctl(2)
_START_TIMEOUT_S = 60
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class UnitFailed(Exception):
    """A unit did not do what it should."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where units are, and what runs of them.

    Args:
        units: folder of the units.
        run: folder of process numbers and of what the processes say.
        moved: folders that units name, and where they are instead.
    """

    units: Path
    run: Path
    moved: Mapping[str, str]

    def unit(self, name: str) -> Unit:
        """Read a unit."""
        return read_unit(self.units, name if "." in name else f"{name}.service", self.moved)

    def start(self, unit: Unit) -> None:
        """Start it, and wait until systemd would call it started."""
        if unit.name.endswith(".timer") or self.pid(unit):
            return
        if unit.one("Type", "simple") == "oneshot":
            for command in unit.all("ExecStart"):
                if self._spawn(unit, command, {}).wait(_START_TIMEOUT_S):
                    raise UnitFailed(unit.name)
            return
        address = self.run / f"{unit.name}.notify"
        address.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(address))
            process = self._spawn(unit, unit.all("ExecStart")[-1], {"NOTIFY_SOCKET": str(address)})
            self._pid_file(unit).write_text(str(process.pid))
            if unit.one("Type", "simple") == "notify":
                self._await_ready(unit, manager, process)

    def stop(self, unit: Unit) -> None:
        """End it as it wants to be ended; it must need no more time than it has."""
        pid = self.pid(unit)
        if not pid:
            return
        watched = os.pidfd_open(pid)
        try:
            os.kill(pid, signal.Signals[unit.one("KillSignal", "SIGTERM")])
            if not select.select([watched], [], [], unit.seconds("TimeoutStopSec"))[0]:
                os.kill(pid, signal.SIGKILL)
                raise UnitFailed(unit.name)
        finally:
            os.close(watched)
            self._pid_file(unit).unlink()

    def reload(self, unit: Unit) -> None:
        """Have it read its configuration again."""
        for command in unit.all("ExecReload"):
            words = [word.replace("$MAINPID", str(self.pid(unit))) for word in shlex.split(command)]
            subprocess.run(words, check=True)  # noqa: S603  # our own words

    def pid(self, unit: Unit) -> int:
        """Give the number of its process; 0 when none lives."""
        with suppress(OSError, ValueError):
            pid = int(self._pid_file(unit).read_text())
            state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
            return 0 if state in "ZX" else pid
        return 0

    def _pid_file(self, unit: Unit) -> Path:
        return self.run / f"{unit.name}.pid"

    def _spawn(self, unit: Unit, command: str, more: Mapping[str, str]) -> subprocess.Popen[bytes]:
        with (self.run / f"{unit.name}.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603  # the unit's own words
                [word.replace("$$", "$") for word in shlex.split(command)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=unit.one("WorkingDirectory", "/"),
                env={"PATH": _PATH, "LANG": "C.UTF-8", **unit.environment, **more},
                umask=int(unit.one("UMask", "0022"), 8),
                start_new_session=True,
                preexec_fn=lambda: _harden(unit),  # noqa: PLW1509  # this process has one thread
            )

    @staticmethod
    def _await_ready(unit: Unit, manager: socket.socket, process: subprocess.Popen[bytes]) -> None:
        watched = os.pidfd_open(process.pid)
        try:
            if manager.fileno() not in select.select([manager.fileno(), watched], [], [], _START_TIMEOUT_S)[0]:
                raise UnitFailed(unit.name)
            if not manager.recv(4096).startswith(b"READY=1"):
                raise UnitFailed(unit.name)
        finally:
            os.close(watched)


def _harden(unit: Unit) -> None:
    this_process = ctypes.CDLL(None)
    if unit.one("NoNewPrivileges", "no") == "yes":
        this_process.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if unit.one("MemoryDenyWriteExecute", "no") == "yes":
        this_process.prctl(_MEMORY_DENY_WRITE_EXECUTE, 1, 0, 0, 0)


def main(machine_file: str, verb: str, *arguments: str) -> None:
    """Do what `systemctl` would."""
    told = json.loads(Path(machine_file).read_text("utf-8"))
    machine = Machine(Path(told["units"]), Path(told["run"]), told["moved"])
    now = "--now" in arguments
    for unit in [machine.unit(name) for name in arguments if name != "--now"]:
        match verb:
            case "enable":
                assert unit.all("WantedBy", "Install"), unit.name
                if now:
                    machine.start(unit)
            case "restart":
                machine.stop(unit)
                machine.start(unit)
            case "start" | "stop" | "reload":
                getattr(machine, verb)(unit)
            case _:
                raise UnitFailed(verb)


if __name__ == "__main__":
    main(*sys.argv[1:])
