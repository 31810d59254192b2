"""The ring of signing keys: made at the first start, published before they sign, retired after their last token."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from idp.domain.audit import Change
from idp.errors import ConfigurationError
from idp.oauth.algorithms import ALGORITHMS
from idp.oauth.key_file import KeyFile
from idp.oauth.key_life import PUBLISH_AHEAD, lives, with_fresh, with_own
from idp.oauth.signing_key import SigningKey, new_key, read_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path

    from idp.oauth.key_file import Fingerprint
    from idp.ports.outside import Clock

KEY_FILE_NAME = "oauth-keys.json"
DEFAULT_ALGORITHM = "ES256"
ALWAYS_THERE = (DEFAULT_ALGORITHM, "RS256")
"""RS256 because OpenID Connect Core section 15.1 requires it of every provider."""

_log = logging.getLogger(__name__)


class KeyRing:
    """Gives keys to sign, verify and publish with; notices by itself when another process has rotated them."""

    def __init__(
        self,
        state: Path,
        clock: Clock,
        signing_algorithm: str = DEFAULT_ALGORITHM,
        own: Collection[SigningKey] | None = None,
        tell: Callable[[Change], None] | None = None,
    ) -> None:
        """Load the keys, and make those that are missing.

        Args:
            state: directory for the key file.
            clock: the time.
            signing_algorithm: what access tokens are signed with.
            own: the operator's keys, at the service's start; None for whoever only looks, and sees of them what is published.
            tell: is told once, before they become others than they were.

        Raises:
            ConfigurationError: the file can't be read or made, or holds a weak key; one of `own` was for another algorithm.
        """
        self._file = KeyFile(state / KEY_FILE_NAME)
        self._clock = clock
        self._signing_algorithm = signing_algorithm
        self._own = {key.kid: key for key in own or ()}
        self._lock = threading.Lock()
        self._fingerprint: Fingerprint | None = None
        self._keys: dict[str, SigningKey] = {}
        self._load()
        if own is not None and self._own_in_the_file() != {(key.kid, key.alg) for key in own}:
            self._take_up(own, tell)
        if not self._has({*ALWAYS_THERE, signing_algorithm}):
            self._make({*ALWAYS_THERE, signing_algorithm})

    def signing_key(self, alg: str | None = None, allowed: Collection[str] = ALGORITHMS) -> SigningKey:
        """Give the key to sign with now.

        Args:
            alg: which algorithm; None for the one of access tokens, or, where that is not allowed, or until its first key has
                been published long enough, the default one.
            allowed: algorithms that whoever asks may sign with; the default one is always among them.

        Raises:
            ConfigurationError: there is no key of this algorithm.
        """
        usual = self._signing_algorithm if self._signing_algorithm in allowed else DEFAULT_ALGORITHM
        keys, now = self._signers(alg or usual), self._clock.now()
        if alg is None and all(key.sign_from > now for key in keys):
            keys = [key for key in self._signers(DEFAULT_ALGORITHM) if key.sign_from <= now] or keys
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
            ConfigurationError: another algorithm, one whose keys are the operator's own, or the state directory can't be
                written.
        """
        wanted = alg or self._signing_algorithm
        with self._file.locked():
            self._load()
            if any(key.alg == wanted and key.is_own and lives(key) for key in self._keys.values()):
                message = f"the keys for {wanted} are files of your own; put the new one beside them, and restart the service"
                raise ConfigurationError(message)
            now = self._clock.now()
            fresh = new_key(wanted, now, now + PUBLISH_AHEAD)
            self._write(with_fresh((key for key in self._keys.values() if key.published_at(now)), fresh))
        return fresh

    def _signers(self, alg: str) -> list[SigningKey]:
        found = (key for key in self._current().values() if key.alg == alg and key.can_sign)
        keys = sorted(found, key=lambda key: key.sign_from)
        if not keys:
            message = f"there is no signing key for {alg}"
            raise ConfigurationError(message)
        return keys

    def _take_up(self, own: Collection[SigningKey], tell: Callable[[Change], None] | None) -> None:
        with self._file.locked():
            # Another process that started at the same time may have been first.
            self._load()
            before, after = self._own_in_the_file(), {(key.kid, key.alg) for key in own}
            if before == after:
                return
            keys = with_own(self._keys.values(), own, self._clock.now())
            if tell is not None:
                tell(Change(_names(before), _names(after)))
            self._write(keys)

    def _own_in_the_file(self) -> set[tuple[str, str]]:
        return {(key.kid, key.alg) for key in self._keys.values() if key.is_own and lives(key)}

    def _make(self, algorithms: Iterable[str]) -> None:
        with self._file.locked():
            # Another process that started at the same time may have been first.
            self._load()
            now = self._clock.now()
            missing = [alg for alg in sorted(algorithms) if not self._has({alg})]
            # At the first start of all, nobody has keys of ours that they could keep.
            sign_from = now + PUBLISH_AHEAD if self._keys else now
            if missing:
                self._write([*self._keys.values(), *(new_key(alg, now, sign_from) for alg in missing)])

    def _has(self, algorithms: set[str]) -> bool:
        return algorithms <= {key.alg for key in self._keys.values() if lives(key)}

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
        read = [self._whole(read_key(entry)) for entry in entries]
        keys = {key.kid: self._keys.get(key.kid, key) if self._same_life(key) else key for key in read}
        if len(keys) != len(read):
            message = f"the key file {self._file.path} holds a key twice"
            raise ConfigurationError(message)
        self._keys, self._fingerprint = keys, fingerprint

    def _whole(self, key: SigningKey) -> SigningKey:
        own = self._own.get(key.kid)
        return replace(key, members=own.members) if own and key.is_own else key

    def _same_life(self, key: SigningKey) -> bool:
        # A key that was loaded once is kept: loading an RSA key again would cost tens of milliseconds.
        return self._keys.get(key.kid) == key


def _names(keys: Iterable[tuple[str, str]]) -> str | None:
    return " ".join(f"{alg}:{kid}" for kid, alg in sorted(keys, key=lambda key: (key[1], key[0]))) or None
