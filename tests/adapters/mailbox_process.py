"""The demo's mail server as the demo runs it: a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
_RUN = "import sys; from pathlib import Path; from idp.adapters.mailbox_server import run_mailbox_server as run"
_RUN += "; run(Path(sys.argv[1]), int(sys.argv[2]))"


@contextmanager
def mailbox_process(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """Run one; it answers, and none is left afterwards."""
    process = subprocess.Popen(  # noqa: S603  # our own arguments
        [sys.executable, "-W", "error", "-c", _RUN, str(folder), str(port)], stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        while not _answers(port):
            assert process.poll() is None, process.communicate()[1]
        yield process
    finally:
        process.kill()
        process.communicate()


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            return connection.recv(3) == b"220"
    except ConnectionRefusedError:
        Event().wait(0.02)
        return False
