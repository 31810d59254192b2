"""A state folder as a whole: whoever works on it says so, and whoever puts another one in its place waits for nobody to.

What says so is a lock on the folder itself, which the kernel lets go of whatever its holder dies of.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from idp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RESTORED_NAME = "restored"
"""What a restore has ready in the state folder; it is there for as long as the files are being exchanged."""


@contextmanager
def at_work(state: Path) -> Iterator[None]:
    """Work on a state folder, beside others who do; it is made where it is missing.

    Raises:
        ConfigurationError: a backup is being restored into it, or it can't be made or looked at.
    """
    with _locked(state, fcntl.LOCK_SH, f"a backup is being restored into {state}; try again when that is done"):
        yield


@contextmanager
def alone(state: Path) -> Iterator[None]:
    """Be the only one who works on a state folder; it is made where it is missing.

    Raises:
        ConfigurationError: somebody works on it, or it can't be made or looked at.
    """
    with _locked(state, fcntl.LOCK_EX, f"{state} is in use; stop `idp serve`, `idp worker` and all other commands first"):
        yield


def is_half_restored(state: Path) -> bool:
    """Tell whether a restore was broken off, or is under way, when files of two states may lie side by side."""
    return (state / RESTORED_NAME).exists()


def assert_whole(state: Path) -> None:
    """Refuse to work with what may be half of one state and half of another. Raises `ConfigurationError`."""
    if is_half_restored(state):
        message = f"a restore into {state} was broken off; run `idp restore` once more, with the same backup, and it is finished"
        raise ConfigurationError(message)


@contextmanager
def _locked(state: Path, how: int, otherwise: str) -> Iterator[None]:
    try:
        state.mkdir(0o700, parents=True, exist_ok=True)
        folder = os.open(state, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as exc:
        message = f"the state directory {state} can't be written: {exc.strerror}"
        raise ConfigurationError(message) from exc
    try:
        try:
            fcntl.flock(folder, how | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise ConfigurationError(otherwise) from exc
        yield
    finally:
        os.close(folder)
