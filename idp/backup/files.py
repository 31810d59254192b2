"""Files of a backup: for their owner's eyes only, and on the disk before anything is said of them."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from idp.oauth.keys import KEY_FILE_NAME as SIGNING_KEYS_NAME
from idp.outside import DATABASE_NAME, KEY_FILE_NAME

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

PRIVATE, PRIVATE_FOLDER = 0o600, 0o700
FILES = (DATABASE_NAME, KEY_FILE_NAME, SIGNING_KEYS_NAME)
"""In the order in which they are copied: a signing key that the database knows of is in the file that is copied after it."""

BESIDE = ("-wal", "-shm")
"""What SQLite keeps beside a database."""

STAMP = "%Y%m%dT%H%M%SZ"

_PIECE = 1 << 20


def named_after(moment: datetime, folder: Path, before: str = "") -> Path:
    """Give a name that tells a moment, and that nothing in a folder has yet: of the next second, where it has.

    Args:
        moment: which; its name is in UTC.
        folder: where.
        before: what the name begins with.
    """
    while (named := folder / f"{before}{moment.astimezone(UTC).strftime(STAMP)}").exists():
        moment += timedelta(seconds=1)
    return named


def make_empty(path: Path) -> None:
    """Make an empty file, which must not be there. Raises `OSError`."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, PRIVATE))


def copy(source: Path, target: Path) -> None:
    """Copy a file to where none is. Raises `OSError`."""
    descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, PRIVATE)
    with os.fdopen(descriptor, "wb") as written, source.open("rb") as read:
        while piece := read.read(_PIECE):
            written.write(piece)
        written.flush()
        os.fsync(written.fileno())


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk. Raises `OSError`."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest(path: Path) -> str:
    """Give the SHA-256 of a file, in hexadecimal. Raises `OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
