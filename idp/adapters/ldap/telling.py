"""What operators are told, again and again while it lasts, but not at every request."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.errors import EntryMalformed

PAUSE_S = 60.0
_AT_MOST = 1000
"""Different things that are remembered; after that, all are told anew."""

_log = structlog.get_logger("idp.directory")


@dataclass(frozen=True, slots=True)
class Telling:
    """Says the same thing at most once a minute. Threads share it.

    Args:
        monotonic: seconds that never go backwards.
    """

    monotonic: Callable[[], float] = time.monotonic
    _told: dict[tuple[tuple[str, object], ...], float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def warn(self, event: str, **facts: str) -> None:
        """Write a line, unless it was written a moment ago."""
        key, now = (("event", event), *sorted(facts.items())), self.monotonic()
        with self._lock:
            if key in self._told and now < self._told[key] + PAUSE_S:
                return
            if len(self._told) >= _AT_MOST:
                self._told.clear()
            self._told[key] = now
        _log.warning(event, **facts)

    def malformed(self, error: EntryMalformed) -> None:
        """Tell of an entry that can't be: by its identifier, since names are nobody's business."""
        self.warn("entry_malformed", entry_uuid=error.entry_uuid, fault=error.fault)
