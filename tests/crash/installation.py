"""The whole service for the crash tests: slapd behind a relay, a mail server, a database, and the zygote."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from idp.outside import DATABASE_NAME
from idp.settings import Settings
from tests.crash.mailbox import Mailbox, PostOffice
from tests.crash.relay import Relay
from tests.crash.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.crash.trace import Order
    from tests.slapd import RunningSlapd

ROOT = Path(__file__).parents[2]


@dataclass
class Installation:
    """Everything that a reset touches.

    Args:
        folder: for all of it.
        settings: the rules.
        slapd: the directory.
        relay: the way there.
        mailbox: the mail that arrived.
        zygote: every process of the service is its child.
    """

    folder: Path
    settings: Settings
    slapd: RunningSlapd
    relay: Relay
    mailbox: Mailbox
    zygote: subprocess.Popen[str]

    @property
    def journal(self) -> Path:
        """What the latest process wrote."""
        return self.folder / "journal"

    def run(self, order: Order) -> Trace:
        """Have steps done, and wait until the process has ended."""
        self.journal.unlink(missing_ok=True)
        assert self.zygote.stdin is not None
        self.zygote.stdin.write(json.dumps(asdict(order)) + "\n")
        self.zygote.stdin.flush()
        trace = Trace.read(int(self._told()), self.journal)
        assert not trace.faults, trace.faults[0]
        return trace

    def wait_until_ready(self) -> None:
        """Wait for the zygote, and keep its database, in which nothing has happened yet."""
        assert self._told() == "ready"
        shutil.copy(self._database, self._template)

    def begin_anew(self) -> None:
        """Put that database back, and empty the mailbox."""
        for file in self._database.parent.glob(f"{DATABASE_NAME}*"):
            file.unlink()
        shutil.copy(self._template, self._database)
        self.mailbox.empty()

    @property
    def _database(self) -> Path:
        return self.settings.service.state / DATABASE_NAME

    @property
    def _template(self) -> Path:
        return self.folder / "template.db"

    def _told(self) -> str:
        assert self.zygote.stdout is not None
        told = self.zygote.stdout.readline().strip()
        if not told:
            self.zygote.wait()
            raise AssertionError((self.folder / "zygote.log").read_text(encoding="utf-8")[-4000:])
        return told


@contextmanager
def running_installation(folder: Path, slapd: RunningSlapd) -> Iterator[Installation]:
    """Start everything but slapd, and end it.

    Args:
        folder: empty.
        slapd: runs.
    """
    relay, mailbox = Relay(slapd), Mailbox(folder / "mail")
    mailbox.folder.mkdir()
    try:
        with PostOffice(folder=mailbox.folder) as post_office:
            settings = _settings(folder, slapd, relay, post_office)
            with _running_zygote(folder, settings, slapd) as zygote:
                yield Installation(folder, settings, slapd, relay, mailbox, zygote)
    finally:
        relay.close()


@contextmanager
def _running_zygote(folder: Path, settings: Settings, slapd: RunningSlapd) -> Iterator[subprocess.Popen[str]]:
    file = folder / "settings.json"
    file.write_text(settings.model_dump_json(), encoding="utf-8")
    admin = [slapd.embedded.admin_dn, str(slapd.embedded.admin_password_file)]
    command = [sys.executable, "-m", "tests.crash.zygote", str(file), *admin]
    with (
        (folder / "zygote.log").open("w") as log,
        subprocess.Popen(  # noqa: S603  # our own program
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        ) as zygote,
    ):
        yield zygote
        assert zygote.stdin is not None
        zygote.stdin.close()  # there are no more orders: it ends


def _settings(folder: Path, slapd: RunningSlapd, relay: Relay, post_office: PostOffice) -> Settings:
    embedded, state = slapd.embedded, folder / "state"
    state.mkdir()
    directory = {
        "url": relay.url,
        "base_dn": embedded.base_dn,
        "service_dn": embedded.service_dn,
        "decoy_dn": embedded.decoy_dn,
        "password_file": embedded.service_password_file,
        "timeout_s": 30,  # a machine that is busy is no crash
    }
    mail = {"host": "127.0.0.1", "port": post_office.port, "tls": "none"}
    return Settings.model_validate({"service": {"state": state}, "directory": directory, "mail": mail})
