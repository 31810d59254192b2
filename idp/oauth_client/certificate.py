"""A certificate that an application shows in TLS (RFC 8705), from a file with its private key."""

from __future__ import annotations

import hashlib
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.domain.digests import base64url
from idp.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class Certificate:
    """One, of which `Wire` reads the key.

    Args:
        file: PEM: the certificate, those of its issuers if need be, and the private key, without a password.
        thumbprint: base64url of the certificate's SHA-256, which tokens are bound to (section 3.1).
    """

    file: Path
    thumbprint: str

    @classmethod
    def read(cls, file: Path) -> Certificate:
        """Read one. Raises `ConfigurationError`: it can't be read, or holds none."""
        try:
            text = file.read_text("ascii", errors="replace")
        except OSError as exc:
            message = f"the certificate file {file} can't be read: {exc.strerror}"
            raise ConfigurationError(message) from exc
        try:
            first = text[text.index(_BEGIN) : text.index(_END) + len(_END)]
            encoded = ssl.PEM_cert_to_DER_cert(first)
        except ValueError as exc:
            message = f"{file} holds no certificate in PEM"
            raise ConfigurationError(message) from exc
        return cls(file, base64url(hashlib.sha256(encoded).digest()))

    def load_into(self, tls: ssl.SSLContext) -> None:
        """Have it shown to whoever asks. Raises `ConfigurationError`: there is no private key of it, or one with a password."""
        try:
            # Without a word for it, OpenSSL would ask on the terminal.
            tls.load_cert_chain(self.file, password="")
        except OSError as exc:  # ssl.SSLError is one
            message = f"{self.file} holds no private key of its certificate, in PEM without a password; put both into one file"
            raise ConfigurationError(message) from exc
