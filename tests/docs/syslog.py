"""A syslog of a test's own, in the place where programs look for it."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACE = Path("/dev/log")
_END = b"this is the end"
_LONGEST = 65536
_OURS_IN_ITS_PLACE = 'mount --bind "$0" /dev/log && exec "$@"'


@dataclass
class Syslog:
    """Keeps what it is told.

    Args:
        before: what starts a program that is to be heard.
    """

    before: tuple[str, ...]
    said: list[str] = field(default_factory=list)

    @classmethod
    @contextmanager
    def listening(cls, folder: Path) -> Iterator[Syslog]:
        """Listen for a while; what was said by then is kept when it ends.

        A machine that has a syslog keeps it: then a program is heard that looks at a file system of its own.
        """
        has_one = PLACE.exists()
        path = folder / "syslog" if has_one else PLACE.resolve()  # Debian's systemd leaves a link, also where it does not run
        path.parent.mkdir(parents=True, exist_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(str(path))
            syslog = cls(_apart(path) if has_one else ())
            thread = threading.Thread(target=syslog._listen, args=(listener,))
            thread.start()
            try:
                yield syslog
            finally:
                with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
                    last.sendto(_END, str(path))
                thread.join()
                path.unlink()

    def _listen(self, listener: socket.socket) -> None:
        while (told := listener.recv(_LONGEST)) != _END:
            self.said.append(told.decode())


def _apart(path: Path) -> tuple[str, ...]:
    own_user = () if os.geteuid() == 0 else ("--user", "--map-current-user", "--keep-caps")
    return ("unshare", *own_user, "--mount", "sh", "-c", _OURS_IN_ITS_PLACE, str(path))
