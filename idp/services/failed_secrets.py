"""A memory of secrets that were wrong, so that a stale password costs neither a hash nor a guess.

An application that was not told of a new password sends the old one every minute, for months. The same wrong secret against the
same state of the entry is wrong again: it need not be hashed, and it is no new guess. Kept is a digest under a key that only
this process has, bound to the entry's revision read live, so a password set a moment ago is never refused by it. A memory dump
shows which secrets were wrong, to whoever has the key from the same dump; nothing is written anywhere.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

REMEMBERED_FOR = timedelta(hours=1)
CAPACITY = 20_000


@dataclass(frozen=True, slots=True)
class FailedSecrets:
    """Remembers, bounded in time and number."""

    _seen: OrderedDict[str, tuple[str, datetime]] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def remember(self, digest: str, revision: str, now: datetime) -> None:
        """Note that this secret was wrong against this state.

        Args:
            digest: keyed digest of user and secret.
            revision: state of the entry; a fixed word for unknown names.
            now: the present moment.
        """
        with self._lock:
            self._seen[digest] = (revision, now + REMEMBERED_FOR)
            self._seen.move_to_end(digest)
            while len(self._seen) > CAPACITY:
                del self._seen[next(iter(self._seen))]  # the one unused longest

    def known(self, digest: str, revision: str, now: datetime) -> bool:
        """Tell whether this secret was wrong against this very state; if so it is remembered anew."""
        with self._lock:
            kept, until = self._seen.get(digest, (None, now))
        if kept != revision or not now < until:
            return False
        self.remember(digest, revision, now)
        return True
