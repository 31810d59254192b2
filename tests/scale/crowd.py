"""A directory of a number of people, and the service beside it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.contract.mailer.real_server import RealServer
from tests.population import USERS_OF_AN_OWNER, load, uid
from tests.slapd import USERS_DN, RunningSlapd
from tests.system.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

PASSWORD = "vijf losse woorden achter elkaar"
_NO_LIMIT = "1000000 per hour"
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took.

    Args:
        seconds: from its start to its end.
        peak_mib: of resident memory.
        code: its exit code.
    """

    seconds: float
    peak_mib: float
    code: int


@dataclass(frozen=True, slots=True)
class Crowd:
    """One directory.

    Args:
        users: how many.
        service: the installation.
        load_s: seconds that loading took.
        start_s: seconds until slapd answered.
    """

    users: int
    service: Service
    load_s: float
    start_s: float

    @classmethod
    @contextmanager
    def gather(cls, folder: Path, users: int) -> Iterator[Crowd]:
        """Make a directory of so many users, and start it; one of the users has a password."""
        folder.mkdir(parents=True)
        slapd = RunningSlapd.start_in(folder)
        slapd.stop()
        began = time.monotonic()
        load(slapd.embedded, users)
        loaded = time.monotonic()
        slapd.start()
        started = time.monotonic()
        try:
            with RealServer() as smtp:
                service = Service.install(folder, slapd, smtp)
                _configure(service.config)
                slapd.write(f"uid={uid(users // 2)},{USERS_DN}", "userPassword", PASSWORD)
                yield cls(users, service, loaded - began, started - loaded)
        finally:
            slapd.stop()
            shutil.rmtree(slapd.embedded.state / "data")

    @property
    def entries(self) -> int:
        """Users and owners."""
        return self.users + -(-self.users // USERS_OF_AN_OWNER)

    @property
    def database_mib(self) -> float:
        """Size of the database on disk."""
        return (self.service.slapd.embedded.state / "data" / "data.mdb").stat().st_blocks * 512 / _MIB

    @property
    def resident_mib(self) -> float:
        """What slapd has in memory, the database's pages included."""
        status = f"/proc/{self.service.slapd.process.pid}/statm"
        with open(status, encoding="ascii") as file:  # noqa: PTH123  # proc(5)
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / _MIB

    def run(self, command: Sequence[str]) -> Cost:
        """Run a command of `idp`, and throw away what it says."""
        began = time.monotonic()
        words = [sys.executable, "-m", "idp.cli", "--config", str(self.service.config), *command]
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL)  # noqa: S603  # our own words
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return Cost(time.monotonic() - began, usage.ru_maxrss / 1024, process.returncode)


def _configure(config: Path) -> None:
    """Have the time-out that is usual, and no limit of requests by user."""
    text = config.read_text(encoding="utf-8").replace("timeout_s = 0.5", "timeout_s = 5.0", 1)
    config.write_text(text.replace("[limits]\n", f'[limits]\ntoken_client_user = "{_NO_LIMIT}"\n'), encoding="utf-8")
