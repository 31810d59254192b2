"""The password of the service's account: made on the spot, kept in one file, shown to nobody."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from idp.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path


def new_password() -> str:
    """Make one that nobody guesses: 256 bits."""
    return secrets.token_urlsafe(32)


def keep_password(path: Path, password: str) -> None:
    """Write it into a new file that only its owner reads.

    It is kept before the account is made: of a run that broke off, the next one takes it up.

    Raises:
        ConfigurationError: the file can't be made, or is there already.
    """
    try:
        # Without a line's end, which `ldapsearch -y` would take for a part of the password.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(password)
    except OSError as exc:
        message = f"directory.password_file {path} can't be made: {exc.strerror}"
        raise ConfigurationError(message) from exc
