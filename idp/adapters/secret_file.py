"""The file that holds the service's own secret, from which every other key is derived.

It is made once and never written again: a finished file gets its name by a hard link, which fails where the name is taken, so
that of two processes that start at once both read what one of them made, and nobody ever sees half of it.
"""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from idp.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

SECRET_BYTES = 32

_PRIVATE, _PRIVATE_FOLDER = 0o600, 0o700
_OTHERS = 0o077


def load_secret(path: Path) -> bytes:
    """Read the secret; it is made at the first start.

    Args:
        path: of the file, in the state directory. Whoever loses it ends every link, session and grant; whoever reads it can
            make links.

    Raises:
        ConfigurationError: others may read the file, it is damaged, or the state directory can't be written.
    """
    try:
        return _read(path)
    except FileNotFoundError:
        _make(path)
    try:
        return _read(path)
    except FileNotFoundError as exc:
        message = f"the secret file {path} was taken away while it was made"
        raise ConfigurationError(message) from exc


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            secret = file.read(SECRET_BYTES + 1)
    except FileNotFoundError:
        raise
    except OSError as exc:
        message = f"the secret file {path} can't be read: {exc.strerror}"
        raise ConfigurationError(message) from exc
    if mode & _OTHERS:
        message = f"the secret file {path} may be read by others; make it chmod 600"
        raise ConfigurationError(message)
    if len(secret) != SECRET_BYTES:
        message = (
            f"the secret file {path} is damaged: it holds no {SECRET_BYTES} bytes; put it back from your backup "
            "(without it a new one is made, and every link, session and grant ends)"
        )
        raise ConfigurationError(message)
    return secret


def _make(path: Path) -> None:
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(_PRIVATE_FOLDER, parents=True, exist_ok=True)
        try:
            _write(unfinished)
            os.link(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
        _keep_name(path.parent)
    except FileExistsError:
        return  # another process was faster; its secret is the one
    except OSError as exc:
        message = f"the state directory {path.parent} can't be written: {exc.strerror}"
        raise ConfigurationError(message) from exc


def _write(unfinished: Path) -> None:
    descriptor = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, _PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(SECRET_BYTES))
        file.flush()
        os.fsync(file.fileno())


def _keep_name(folder: Path) -> None:
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
