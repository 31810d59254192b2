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

    _seen: OrderedDict[str, tuple[str, datetime, int]] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def remember(self, digest: str, revision: str, now: datetime) -> None:
        """Note that this secret was wrong against this state.

        Args:
            digest: keyed digest of application, user and secret.
            revision: state of the entry; a fixed word for unknown names.
            now: the present moment.
        """
        with self._lock:
            self._keep(digest, revision, now, 0)

    def repeats(self, digest: str, revision: str, now: datetime) -> int:
        """Count how often this secret came again, this time too, since it was wrong against this very state.

        Returns:
            0 when it was not; else it is remembered anew.
        """
        with self._lock:
            found = self._seen.get(digest)
            if found is None or found[0] != revision or not now < found[1]:
                return 0
            times = found[2] + 1
            self._keep(digest, revision, now, times)
        return times

    def _keep(self, digest: str, revision: str, now: datetime, times: int) -> None:
        self._seen[digest] = (revision, now + REMEMBERED_FOR, times)
        self._seen.move_to_end(digest)
        while len(self._seen) > CAPACITY:
            del self._seen[next(iter(self._seen))]  # the one unused longest
