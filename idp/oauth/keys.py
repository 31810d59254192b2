"""The ring of signing keys: made at the first start, published before they sign, retired after their last token."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from idp.errors import ConfigurationError
from idp.oauth.key_file import KeyFile
from idp.oauth.signing_key import SigningKey, new_key, read_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from idp.oauth.key_file import Fingerprint
    from idp.ports.outside import Clock

KEY_FILE_NAME = "oauth-keys.json"
DEFAULT_ALGORITHM = "ES256"
ALWAYS_THERE = (DEFAULT_ALGORITHM, "RS256")
"""RS256 because OpenID Connect Core section 15.1 requires it of every provider."""

JWKS_MAX_AGE = timedelta(minutes=5)
"""How long others may keep our public keys."""

PUBLISH_AHEAD = timedelta(minutes=15)
"""A new key is published this long before it signs, well over `JWKS_MAX_AGE`."""

RETIRE_AFTER = timedelta(hours=24)
"""A replaced key stays published this long after its last signature: longer than any access token lives."""

_log = logging.getLogger(__name__)


class KeyRing:
    """Gives keys to sign, verify and publish with; notices by itself when another process has rotated them."""

    def __init__(self, state: Path, clock: Clock, signing_algorithm: str = DEFAULT_ALGORITHM) -> None:
        """Load the keys, and make those that are missing.

        Args:
            state: directory for the key file.
            clock: the time.
            signing_algorithm: what access tokens are signed with.

        Raises:
            ConfigurationError: the file can't be read or made, or holds a weak key.
        """
        self._file = KeyFile(state / KEY_FILE_NAME)
        self._clock = clock
        self._signing_algorithm = signing_algorithm
        self._lock = threading.Lock()
        self._fingerprint: Fingerprint | None = None
        self._keys: dict[str, SigningKey] = {}
        self._load()
        if not self._has({*ALWAYS_THERE, signing_algorithm}):
            self._make({*ALWAYS_THERE, signing_algorithm})

    def signing_key(self, alg: str | None = None) -> SigningKey:
        """Give the key to sign with now.

        Args:
            alg: which algorithm; None for the one of access tokens.

        Raises:
            ConfigurationError: there is no key of this algorithm.
        """
        wanted = alg or self._signing_algorithm
        keys = sorted((key for key in self._current().values() if key.alg == wanted), key=lambda key: key.sign_from)
        if not keys:
            message = f"there is no signing key for {wanted}"
            raise ConfigurationError(message)
        now = self._clock.now()
        # Before the first one's time there is only a clock that was set back.
        return next((key for key in reversed(keys) if key.sign_from <= now), keys[0])

    def find(self, kid: str) -> SigningKey | None:
        """Find a published key."""
        key = self._current().get(kid)
        return key if key is not None and key.published_at(self._clock.now()) else None

    def published(self) -> list[SigningKey]:
        """Give all published keys, oldest first."""
        now = self._clock.now()
        published = (key for key in self._current().values() if key.published_at(now))
        return sorted(published, key=lambda key: (key.created_at, key.kid))

    def public(self) -> dict[str, list[dict[str, str]]]:
        """Give the JWK set to publish (RFC 7517 section 5)."""
        return {"keys": [key.public() for key in self.published()]}

    def rotate(self, alg: str | None = None) -> SigningKey:
        """Make a new key, which signs when everybody can have seen it; what is past its time is forgotten.

        Args:
            alg: which algorithm; None for the one of access tokens.

        Raises:
            ConfigurationError: another algorithm, or the state directory can't be written.
        """
        with self._file.locked():
            self._load()
            now = self._clock.now()
            fresh = new_key(alg or self._signing_algorithm, now, now + PUBLISH_AHEAD)
            kept = [key for key in self._keys.values() if key.published_at(now)]
            self._write([*(self._outlived(key, fresh) for key in kept), fresh])
        return fresh

    @staticmethod
    def _outlived(key: SigningKey, fresh: SigningKey) -> SigningKey:
        if key.alg != fresh.alg or key.retire_at is not None:
            return key
        return replace(key, retire_at=fresh.sign_from + RETIRE_AFTER)

    def _make(self, algorithms: Iterable[str]) -> None:
        with self._file.locked():
            # Another process that started at the same time may have been first.
            self._load()
            now = self._clock.now()
            missing = [alg for alg in sorted(algorithms) if not self._has({alg})]
            if missing:
                self._write([*self._keys.values(), *(new_key(alg, now, now) for alg in missing)])

    def _has(self, algorithms: set[str]) -> bool:
        return algorithms <= {key.alg for key in self._keys.values()}

    def _write(self, keys: Iterable[SigningKey]) -> None:
        self._file.replace([key.entry() for key in keys])
        self._load()

    def _current(self) -> dict[str, SigningKey]:
        if self._file.fingerprint() != self._fingerprint:
            with self._lock:
                self._reload()
        return self._keys

    def _reload(self) -> None:
        try:
            if self._file.fingerprint() != self._fingerprint:
                self._load()
        except ConfigurationError:
            # The keys at hand still work; a file that is gone or broken stops the next start, not this process.
            self._fingerprint = self._file.fingerprint()
            _log.exception("signing_keys_unreadable")

    def _load(self) -> None:
        fingerprint = self._file.fingerprint()
        entries = self._file.read()
        if not entries and self._keys:
            message = f"the key file {self._file.path} is gone"
            raise ConfigurationError(message)
        read = [read_key(entry) for entry in entries]
        keys = {key.kid: self._keys.get(key.kid, key) if self._same_life(key) else key for key in read}
        if len(keys) != len(read):
            message = f"the key file {self._file.path} holds a key twice"
            raise ConfigurationError(message)
        self._keys, self._fingerprint = keys, fingerprint

    def _same_life(self, key: SigningKey) -> bool:
        # A key that was loaded once is kept: loading an RSA key again would cost tens of milliseconds.
        return self._keys.get(key.kid) == key
