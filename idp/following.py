"""The worker's part that follows changes by others, with patience of its own: mail goes out meanwhile.

The directory's log is followed where there is one: it tells each change, and who made it. Else the directory's content is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from idp.errors import ChangesNotFollowed, ChangesNotLogged, DirectoryUnavailable, EntriesMissing
from idp.services.follow_changes import BATCH, FollowChanges
from idp.services.follow_content import FollowContent
from idp.services.secrets_kept import KeptSecrets

if TYPE_CHECKING:
    from datetime import datetime
    from threading import Event

    from idp.outside import Ports
    from idp.ports.outside import Clock

_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 3))
"""After the first, the second and each later failure: what others did is told within five seconds of the directory's return."""
_LOOK_AGAIN = timedelta(minutes=1)
"""For what was missing: an admin may have mended it."""

_LONG = timedelta(seconds=1)
_REST = 10
"""After a look that took so long, it rests so many times as long, up to a minute: the directory was kept busy with it."""

_log = structlog.get_logger("idp.worker")


@dataclass(slots=True)
class Following:
    """Handles what is new; says once when it can't, and comes back later.

    Args:
        log: follows the directory's log.
        clock: the time.
        stop: set by a signal.
        content: follows its content; None: nobody does.
    """

    log: FollowChanges
    clock: Clock
    stop: Event
    content: FollowContent | None = None
    _said: str = ""
    _failures: int = 0
    _since: datetime | None = None
    _pause: timedelta = timedelta()
    _without_log_since: datetime | None = None

    @classmethod
    def build(cls, ports: Ports, stop: Event) -> Following | None:
        """Make one; None when nobody is to be followed."""
        if ports.changes is None:
            return None
        log = FollowChanges(ports.changes, KeptSecrets(ports.store, ports.digests, ports.clock))
        content = FollowContent(ports.content, log) if ports.content is not None else None
        return cls(log, ports.clock, stop, content)

    def step(self) -> None:
        """Handle all that is new. Raises `StoreUnavailable`; a directory that is away is waited for here."""
        now = self.clock.now()
        if _is_within(now, self._since, self._pause):
            return
        self._since = None
        try:
            self._catch_up(now)
        except ChangesNotFollowed as exc:
            self._say("changes_not_followed", exc)
            self._wait(now, _LOOK_AGAIN)
        except EntriesMissing as exc:
            self._say("entries_missing", exc)
            self._wait(now, _LOOK_AGAIN)
        except DirectoryUnavailable as exc:
            self._say("changes_wait", exc)
            self._wait(now, _PAUSES[min(self._failures, len(_PAUSES) - 1)])
            self._failures += 1
        else:
            self._failures, self._said = 0, ""

    def _catch_up(self, now: datetime) -> None:
        if self.content is not None and _is_within(now, self._without_log_since, _LOOK_AGAIN):
            self._compare(self.content)
            return
        try:
            self._read_log()
        except ChangesNotLogged:
            if self.content is None:
                raise
            self._compare(self.content)
            if self._without_log_since is None:
                _log.info("changes_by_content")
            self._without_log_since = now
        else:
            self._without_log_since = None

    def _read_log(self) -> None:
        handled = BATCH
        while handled == BATCH and not self.stop.is_set():
            handled = self.log.run_once()
            _report(handled)

    def _compare(self, content: FollowContent) -> None:
        began = self.clock.now()
        _report(content.run_once())
        took = self.clock.now() - began
        if took >= _LONG:
            self._wait(began, took + min(took * _REST, _LOOK_AGAIN))

    def _say(self, event: str, reason: Exception) -> None:
        if event != self._said:
            _log.warning(event, reason=str(reason))
        self._said = event

    def _wait(self, since: datetime, pause: timedelta) -> None:
        self._since, self._pause = since, pause


def _is_within(now: datetime, since: datetime | None, pause: timedelta) -> bool:
    return since is not None and since <= now < since + pause  # also when the clock was set back


def _report(handled: int) -> None:
    if handled:
        _log.info("changes", count=handled)
