"""The demo as `./dev run` starts it: real slapd, real mail, real worker, one page server."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 20
MAIL_TIMEOUT_S = 20
_STEP_S = 0.05


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo, by its `demo.json`."""

    url: str
    username: str
    realm: str
    owner: dict[str, str] = field(repr=False)
    clients: dict[str, dict[str, str]] = field(repr=False)

    @property
    def full_name(self) -> str:
        """The name as the reset form wants it."""
        return f"{self.username}@{self.realm}"

    def mails(self) -> list[dict[str, Any]]:
        """Read the mailbox, newest first."""
        with urllib.request.urlopen(f"{self.url}/demo/mail.json", timeout=5) as answer:  # noqa: S310  # our own address
            return cast("list[dict[str, Any]]", json.load(answer))

    def wait_for_mails(self, count: int) -> list[dict[str, Any]]:
        """Wait until the mailbox holds so many."""
        for _ in waiting(MAIL_TIMEOUT_S):
            mails = self.mails()
            if len(mails) >= count:
                return mails
        message = f"{count} mails did not come"
        raise TimeoutError(message)


def waiting(timeout_s: float) -> Iterator[None]:
    """Give a turn again and again until the time is over, for what another process does without telling us.

    Args:
        timeout_s: seconds until the turns end.
    """
    end = time.monotonic() + timeout_s
    never = threading.Event()
    while time.monotonic() < end:
        yield
        never.wait(_STEP_S)


def free_port() -> int:
    """Give a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_demo(state: Path) -> Iterator[Demo]:
    """Start the demo, and end all of it.

    Args:
        state: an empty folder for its state.

    Raises:
        RuntimeError: it ended before it answered.
    """
    command = [sys.executable, "-m", "idp.cli", "demo", "--state", str(state), "--port", str(free_port())]
    with (state.parent / f"{state.name}.out").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)  # noqa: S603  # our own program
    try:
        yield _demo_of(state, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_TIMEOUT_S)


def _demo_of(state: Path, process: subprocess.Popen[bytes]) -> Demo:
    for _ in waiting(START_TIMEOUT_S):
        if process.poll() is not None:
            break
        if (state / "demo.json").exists():
            told = json.loads((state / "demo.json").read_text(encoding="utf-8"))
            return Demo(told["url"], told["username"], told["realm"], told["owner"], told["clients"])
    message = (state.parent / f"{state.name}.out").read_text(encoding="utf-8", errors="replace")[-2000:]
    raise RuntimeError(message)
