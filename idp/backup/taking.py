"""Takes a backup while the service is at work: whole, or not at all."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING

from idp.backup.files import FILES, PRIVATE, PRIVATE_FOLDER, STAMP, copy, make_empty, named_after, sync
from idp.backup.manifest import FileFacts, Manifest
from idp.errors import BackupNotTaken, StoreUnavailable
from idp.outside import DATABASE_NAME, open_digests, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from idp.ports.outside import Clock
    from idp.settings import Settings

PROGRAM = "koppel-idp"

_NAMES = re.compile(r"\d{8}T\d{6}Z")
_UNFINISHED, _LOCK = "unfinished", "backup.lock"


@dataclass(frozen=True, slots=True)
class Backups:
    """The backups in a folder.

    Args:
        folder: holds a folder for each, named after the moment it was made (UTC).
        settings: whose state it is.
        clock: the time.
    """

    folder: Path
    settings: Settings
    clock: Clock

    def take(self, keep_days: int) -> Path:
        """Make one more, and take away those that are too old.

        Args:
            keep_days: so many days one is kept, and so many are kept in any case: a clock that is ahead must not take all away.

        Returns:
            its folder.

        Raises:
            BackupNotTaken: no room, not allowed, or another one is being made; nothing is left of it.
            ConfigurationError: the state can't be used.
        """
        now = self.clock.now()
        with self._locked():
            new = self._make(now)
            for former in self._too_old(now, keep_days):
                self._remove(former)
        return new

    def _make(self, now: datetime) -> Path:
        unfinished, new = self.folder / _UNFINISHED, named_after(now, self.folder)
        try:
            self._clear()
            unfinished.mkdir(PRIVATE_FOLDER)
            self._fill(unfinished, now)
            sync(unfinished)
            unfinished.rename(new)
            sync(self.folder)
        except (OSError, StoreUnavailable) as exc:
            refused = self._refused(exc)  # while it still is so
            shutil.rmtree(unfinished, ignore_errors=True)
            raise refused from exc
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        return new

    def _fill(self, unfinished: Path, now: datetime) -> None:
        settings = self.settings
        make_empty(unfinished / DATABASE_NAME)
        with closing(open_store(settings, open_digests(settings))) as store:
            schema = store.copy_to(unfinished / DATABASE_NAME)
        sync(unfinished / DATABASE_NAME)
        for name in FILES[1:]:
            copy(settings.service.state / name, unfinished / name)
        files = {name: FileFacts.of(unfinished / name) for name in FILES}
        Manifest(now, version(PROGRAM), schema, settings.service.origin, files).write(unfinished)

    def _too_old(self, now: datetime, keep_days: int) -> list[Path]:
        end = (now - timedelta(days=keep_days)).strftime(STAMP)
        newest_first = sorted((path for path in self.folder.iterdir() if _NAMES.fullmatch(path.name)), reverse=True)
        return [path for path in newest_first[keep_days:] if path.name < end]

    def _remove(self, former: Path) -> None:
        # By another name first: half of one must never pass for a backup.
        try:
            former.rename(self.folder / _UNFINISHED)
            self._clear()
        except OSError as exc:
            message = f"the backup was made, but the former one in {former} can't be taken away: {exc.strerror}"
            raise BackupNotTaken(message) from exc

    def _clear(self) -> None:
        # Of whoever was killed.
        if (self.folder / _UNFINISHED).exists():
            shutil.rmtree(self.folder / _UNFINISHED)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.folder.mkdir(PRIVATE_FOLDER, exist_ok=True)
            lock = os.open(self.folder / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, PRIVATE)
        except OSError as exc:
            raise self._refused(exc) from exc
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as exc:
                message = f"another backup is being made in {self.folder}"
                raise BackupNotTaken(message) from exc
            yield
        finally:
            os.close(lock)

    def _refused(self, exc: OSError | StoreUnavailable) -> BackupNotTaken:
        if self.folder.exists() and os.statvfs(self.folder).f_bavail == 0:
            reason = "its disk is full"
        elif isinstance(exc, OSError):
            reason = f"{exc.filename}: {exc.strerror}" if exc.filename else str(exc.strerror)
        else:
            reason = str(exc).rstrip(".")
        return BackupNotTaken(f"no backup was made in {self.folder}: {reason}")
