"""The file that holds the private signing keys.

It is only ever replaced as a whole, by renaming a finished file over it, so that a reader sees the old keys or the new ones and
a crash leaves one of the two. Whoever writes holds a lock, so that of two processes that start at once one makes the keys and
the other finds them.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from idp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PRIVATE = 0o600
_OTHERS = 0o077

Entry = dict[str, Any]
"""One key as written: its JWK with the private part, its algorithm, and its times."""

Fingerprint = tuple[int, int, int]
"""Another one after each replacement of the file."""


@dataclass(frozen=True, slots=True)
class KeyFile:
    """Reads and replaces the file.

    Args:
        path: of the file; its lock and its unfinished successor stand beside it.
    """

    path: Path

    def fingerprint(self) -> Fingerprint | None:
        """Tell the present file from its successors, or None when there is none; costs one look at the directory entry."""
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def read(self) -> list[Entry]:
        """Read the keys; none when there is no file.

        Raises:
            ConfigurationError: others may read the file, or it holds no keys.
        """
        try:
            with self.path.open("rb") as file:
                self._check_mode(os.fstat(file.fileno()).st_mode)
                entries = json.load(file)["keys"]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError) as exc:
            message = f"the key file {self.path} can't be read: {type(exc).__name__}"
            raise ConfigurationError(message) from exc
        if not isinstance(entries, list):
            message = f"the key file {self.path} holds no list of keys"
            raise ConfigurationError(message)
        return entries

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other writers out; a process that dies lets go of the lock.

        Raises:
            ConfigurationError: the state directory can't be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, _PRIVATE)
        except OSError as exc:
            raise self._not_writable(exc) from exc
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def replace(self, entries: list[Entry]) -> None:
        """Put new keys in the place of the old ones, in one step. The caller holds the lock.

        Raises:
            ConfigurationError: the state directory can't be written; the old keys are as they were.
        """
        successor = self.path.with_suffix(".new")
        try:
            # One left by a crash is taken away first: its mode, or what it is a link to, is not ours to trust.
            successor.unlink(missing_ok=True)
            descriptor = os.open(successor, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, _PRIVATE)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump({"keys": entries}, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            successor.replace(self.path)
            self._sync_directory()
        except OSError as exc:
            raise self._not_writable(exc) from exc

    def _sync_directory(self) -> None:
        directory = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def _check_mode(self, mode: int) -> None:
        if mode & _OTHERS:
            message = f"the key file {self.path} may be read by others; make it chmod 600, and rotate its keys"
            raise ConfigurationError(message)

    def _not_writable(self, exc: OSError) -> ConfigurationError:
        return ConfigurationError(f"the state directory {self.path.parent} can't be written: {exc.strerror}")
