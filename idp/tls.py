"""TLS as this service speaks it to others: mail servers, directories, applications, and itself when it is tried."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from idp.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path


def verifying_context(ca_file: Path | None = None, setting: str = "the file of certificates") -> ssl.SSLContext:
    """Make what a server's certificate is checked by: its name, the authorities, TLS 1.2 or later (S48).

    Args:
        ca_file: PEM certificates of the authorities to trust; None: the system's.
        setting: what an operator knows that file by.

    Raises:
        ConfigurationError: `ca_file` can't be read.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError as exc:  # ssl.SSLError is one
        message = f"{setting} {ca_file} can't be read: {exc.strerror or type(exc).__name__}"
        raise ConfigurationError(message) from exc
    # Named here because Python leaves it to the system's OpenSSL where one is built to decide it, as in Debian.
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
