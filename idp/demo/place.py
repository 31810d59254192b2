"""The demo's folder: what lies where, and who may use it."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


_ROOM_BYTES = 4 * 1024 * 1024
"""An empty demo takes 1 MiB; no start makes sense on a disk that is as good as full."""


@dataclass(frozen=True, slots=True)
class Place:
    """One state folder.

    Args:
        folder: absolute.
    """

    folder: Path

    @property
    def slapd(self) -> Path:
        """The embedded directory."""
        return self.folder / "slapd"

    @property
    def mail(self) -> Path:
        """Received mail, a file each."""
        return self.folder / "mail"

    @property
    def config(self) -> Path:
        """The configuration that web, worker and command line run with; made anew at each start."""
        return self.folder / "idp.toml"

    @property
    def told(self) -> Path:
        """What programs read to use the demo; there only while everything answers."""
        return self.folder / "demo.json"

    @property
    def secrets(self) -> Path:
        """The demo people's passwords, and the clients' secrets, which are kept nowhere else."""
        return self.folder / "demo-secrets.json"

    def log(self, part: str) -> Path:
        """What one part says."""
        return self.folder / f"{part}.log"

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Be the one demo in this folder; the folder is made.

        Raises:
            ConfigurationError: another one runs here, or the folder can't be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = os.open(self.folder / "demo.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as exc:
            message = f"the state folder {self.folder} can't be written ({exc.strerror}); name another one with --state"
            raise ConfigurationError(message) from exc
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            os.close(lock)
            message = f"a demo is running in {self.folder} already; name another folder with --state, and another --port"
            raise ConfigurationError(message) from exc
        try:
            self._assert_room()
            yield
        finally:
            os.close(lock)

    def _assert_room(self) -> None:
        # A part that finds no room says so in its log, if there is room for that.
        disk = os.statvfs(self.folder)
        if disk.f_bavail * disk.f_frsize < _ROOM_BYTES:
            message = f"the disk of the state folder {self.folder} is full; make room, or name another folder with --state"
            raise ConfigurationError(message)


def write_private(path: Path, text: str) -> None:
    """Put a file in place as a whole, for its owner's eyes only.

    Raises:
        ConfigurationError: it can't be written.
    """
    successor = path.with_name(path.name + ".new")
    try:
        successor.unlink(missing_ok=True)
        descriptor = os.open(successor, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        successor.replace(path)
    except OSError as exc:
        message = f"{path} can't be written: {exc.strerror}"
        raise ConfigurationError(message) from exc
