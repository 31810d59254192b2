"""The worker's part that follows the directory's log, with patience of its own: mail goes out meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from idp.errors import ChangesNotLogged, DirectoryUnavailable
from idp.services.follow_changes import BATCH, FollowChanges
from idp.services.secrets_kept import KeptSecrets

if TYPE_CHECKING:
    from datetime import datetime
    from threading import Event

    from idp.outside import Ports
    from idp.ports.outside import Clock

_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 5, 10, 30))
_LOOK_AGAIN = timedelta(minutes=1)
"""For a log, where there was none: an admin may have mended what was missing."""

_log = structlog.get_logger("idp.worker")


@dataclass(slots=True)
class Following:
    """Handles what is new; says once when it can't, and comes back later.

    Args:
        follow: does it.
        clock: the time.
        stop: set by a signal.
    """

    follow: FollowChanges
    clock: Clock
    stop: Event
    _failures: int = 0
    _without: bool = False
    _since: datetime | None = None
    _pause: timedelta = timedelta()

    @classmethod
    def build(cls, ports: Ports, stop: Event) -> Following | None:
        """Make one; None when nobody is to be followed."""
        if ports.changes is None:
            return None
        kept = KeptSecrets(ports.store, ports.digests, ports.clock)
        return cls(FollowChanges(ports.changes, kept), ports.clock, stop)

    def step(self) -> None:
        """Handle all that is new. Raises `StoreUnavailable`; a directory that is away is waited for here."""
        now = self.clock.now()
        # Also when the clock was set back.
        if self._since is not None and self._since <= now < self._since + self._pause:
            return
        try:
            self._catch_up()
        except ChangesNotLogged as exc:
            if not self._without:
                _log.warning("changes_not_followed", reason=str(exc))
            self._without = True
            self._wait(now, _LOOK_AGAIN)
        except DirectoryUnavailable as exc:
            if self._failures == 0:
                _log.warning("changes_wait", reason=str(exc))
            self._wait(now, _PAUSES[min(self._failures, len(_PAUSES) - 1)])
            self._failures += 1
        else:
            self._failures, self._without, self._since = 0, False, None

    def _catch_up(self) -> None:
        handled = BATCH
        while handled == BATCH and not self.stop.is_set():
            handled = self.follow.run_once()
            if handled:
                _log.info("changes", count=handled)

    def _wait(self, since: datetime, pause: timedelta) -> None:
        self._since, self._pause = since, pause
