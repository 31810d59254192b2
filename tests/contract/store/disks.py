"""Disks in trouble: real ones where this process may mount, and what comes nearest where it may not."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534


def mount(*arguments: str) -> bool:
    """Mount something; False where this process may not."""
    program = shutil.which("mount")
    if program is None:
        return False
    return subprocess.run([program, *arguments], check=False, capture_output=True).returncode == 0  # noqa: S603  # ours


def unmount(folder: Path) -> None:
    """Undo a mount."""
    program = shutil.which("umount")
    assert program is not None
    subprocess.run([program, "--lazy", str(folder)], check=True)  # noqa: S603  # ours


class Disk(Protocol):
    """A disk on which room can run out and come back."""

    folder: Path
    says: str

    def fill(self) -> None:
        """Leave no room for one more byte."""

    def clear(self) -> None:
        """Make room again."""


class SmallDisk:
    """A file system of its own, which answers ENOSPC."""

    says = "disk of the database is full"

    def __init__(self, folder: Path) -> None:
        """Take an empty file system."""
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Write to the last byte."""
        with self._filler.open("wb", buffering=0) as filler:
            try:
                while filler.write(b"x" * 1024):
                    pass
            except OSError:
                return

    def clear(self) -> None:
        """Delete what filled it."""
        self._filler.unlink()


class LimitedFiles:
    """Files that this process may not let grow, which answers EFBIG."""

    says = "can't be read or written"

    def __init__(self, folder: Path) -> None:
        """Take an ordinary folder."""
        self.folder = folder
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self) -> None:
        """Let no file grow over the size of the smallest one that must."""
        log = self.folder / "koppel.db-wal"
        size = log.stat().st_size if log.exists() else 8192
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, self._before[1]))

    def clear(self) -> None:
        """Let them grow again."""
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)


@contextmanager
def small_disk(size: str = "1m") -> Iterator[Disk]:
    """Give a real small disk.

    Args:
        size: as tmpfs has it (tmpfs(5)).
    """
    with tempfile.TemporaryDirectory() as name:
        assert mount("-t", "tmpfs", "-o", f"size={size}", "koppel-idp-test", name)
        try:
            yield SmallDisk(Path(name))
        finally:
            unmount(Path(name))


@contextmanager
def limited_files() -> Iterator[Disk]:
    """Give an ordinary folder whose files can be kept from growing."""
    with tempfile.TemporaryDirectory() as name:
        disk = LimitedFiles(Path(name))
        try:
            yield disk
        finally:
            disk.clear()


@contextmanager
def mounted_read_only(folder: Path) -> Iterator[None]:
    """Put a folder on a read-only mount, EROFS, for a while."""
    assert mount("--bind", str(folder), str(folder))
    try:
        assert mount("-o", "remount,ro,bind", str(folder))
        yield
    finally:
        unmount(folder)


@contextmanager
def without_permission(folder: Path) -> Iterator[None]:
    """Take the right to write from ourselves, EACCES, for a while; root becomes nobody, whom permissions bind."""
    before = os.geteuid()
    paths = {path: path.stat().st_mode for path in (*folder.iterdir(), folder)}
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)
        for path, mode in paths.items():
            path.chmod(mode)


def may_mount() -> bool:
    """Tell whether this process may mount."""
    with tempfile.TemporaryDirectory() as name:
        if not mount("-t", "tmpfs", "koppel-idp-test", name):
            return False
        unmount(Path(name))
        return True


# A container or an ordinary user may not mount; nothing is skipped there, since the second way always runs.
MAY_MOUNT = may_mount()
FULL_DISKS = [*([small_disk] if MAY_MOUNT else []), limited_files]
READ_ONLY = [*([mounted_read_only] if MAY_MOUNT else []), without_permission]
