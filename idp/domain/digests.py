"""Keyed digests: how secrets are made, derived and kept (S34)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from idp.domain.capability import Purpose

SECRET_BYTES = 32


def new_secret() -> str:
    """Make 256 random bits, safe in a URL."""
    return secrets.token_urlsafe(SECRET_BYTES)  # pragma: no mutate  # the default is as long today, which is no promise


def base64url(data: bytes) -> str:
    """Write bytes as RFC 7515 section 2 has it: base64url without the padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class KeyedDigests:
    """HMAC-SHA-256 under one key, apart for each purpose.

    Args:
        key: at least 32 random bytes, from the key file.
    """

    key: bytes = field(repr=False)

    def digest(self, purpose: Purpose, *parts: str) -> str:
        """Give the digest under which a secret, or a name, is kept; hexadecimal."""
        return self._mac("digest", purpose, parts).hex()

    def derive(self, purpose: Purpose, identifier: str) -> str:
        """Make the same secret again from what is kept: mailed links are derived anew at each try."""
        return base64url(self._mac("derive", purpose, (identifier,)))

    def _mac(self, use: str, purpose: Purpose, parts: tuple[str, ...]) -> bytes:
        # Length prefixes keep ("ab", "c") and ("a", "bc") apart.
        message = b"".join(
            len(part).to_bytes(4) + part for part in (text.encode(errors="surrogatepass") for text in (use, str(purpose), *parts))
        )
        return hmac.digest(self.key, message, hashlib.sha256)
