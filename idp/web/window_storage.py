"""Where the limits' counters are, for one process: in its memory, at a cost that does not grow with how much is counted.

It is one of the storages of the package `limits`, whose own looks through every key that it has ever seen, each hundredth of a
second in which something is counted, and forgets none: of 10,000 koppelgebruikers that took more than half of a processor, and
whoever came from ever new addresses could have made it take all of it, and memory without end.
"""

from __future__ import annotations

import time
from array import array
from bisect import bisect_right
from collections import OrderedDict, defaultdict
from threading import Lock

from limits.storage import MemoryStorage

SCHEME = "window"
_SWEPT = 2
"""Keys that are looked at each time that one is counted: more are forgotten than come."""


class WindowStorage(MemoryStorage):
    """Moments by key, forgotten when their window has passed. A clock that is set changes nothing of what was counted.

    Only what a moving window asks for is kept here; the rest is its parent's, and is used by nobody.
    """

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012  # the base class wants a list

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: str) -> None:  # noqa: FBT001, FBT002  # likewise
        """Begin without any.

        Args:
            uri: with our scheme.
            wrap_exceptions: see `limits.storage.Storage`.
            options: none is known.
        """
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._lock = Lock()
        self._windows: defaultdict[int, OrderedDict[str, array[float]]] = defaultdict(OrderedDict)

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count, if there is room.

        Args:
            key: what is counted.
            limit: so many in one window.
            expiry: the window's length in seconds.
            amount: how many.

        Returns:
            whether there was room.
        """
        if amount > limit:
            return False
        now = time.monotonic()
        with self._lock:
            window = self._windows[expiry]
            self._sweep(window, now - expiry)
            moments = window.get(key) or array("d")
            del moments[: bisect_right(moments, now - expiry)]
            if len(moments) + amount > limit:
                return False
            moments.extend([now] * amount)
            window[key] = moments
            window.move_to_end(key)
            return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Tell when the first of a window was counted, in seconds since the epoch, and how many there are; else now, and 0."""
        del limit
        now = time.monotonic()
        with self._lock:
            moments = self._windows[expiry].get(key) or array("d")
            gone = bisect_right(moments, now - expiry)
            since = now - moments[gone] if gone < len(moments) else 0.0
        return time.time() - since, len(moments) - gone

    def kept(self) -> int:
        """Tell how many keys are kept."""
        with self._lock:
            return sum(map(len, self._windows.values()))

    def clear(self, key: str) -> None:
        """Forget a key."""
        with self._lock:
            for window in self._windows.values():
                window.pop(key, None)

    def reset(self) -> int | None:
        """Forget all; tells how many there were."""
        with self._lock:
            count = sum(map(len, self._windows.values()))
            self._windows.clear()
        return count

    @staticmethod
    def _sweep(window: OrderedDict[str, array[float]], oldest: float) -> None:
        # In the order in which they were last counted: behind the first that is still wanted all others are.
        for _ in range(_SWEPT):
            first = next(iter(window), None)
            if first is None or window[first][-1] > oldest:
                return
            del window[first]
