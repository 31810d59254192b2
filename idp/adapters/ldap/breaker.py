"""A directory that answers slowly holds few threads, and for a short time."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from math import ceil
from typing import TYPE_CHECKING

from idp.adapters.ldap.border import NoAnswerInTime
from idp.errors import DirectoryUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAUSES_S = (1.0, 2.0, 3.0)
"""After the first, the second and each later time-out. A directory that is back is used within five seconds, which holds also for
the question that finds it out."""


class NotAsked(DirectoryUnavailable):
    """The directory is spared. Anybody may read the sentence, at `/readyz` too: it tells nothing about the inside."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.description = sentence


class Breaker:
    """Lets operations pass: not too many at a time, and hardly any to a directory that gave no answer in time. Threads share it.

    Whom it lets pass does not depend on what is asked: known and unknown names are treated alike (S27, S29).

    Args:
        room: how many operations may be on their way at a time.
        patience_s: while there is no room, how long to wait since the last operation ended, in seconds. Under load room
            comes all the time; once that has stopped, nobody else waits.
        monotonic: seconds that never go backwards.
        tell: hears of each operation that failed, in the thread that it failed in.
    """

    def __init__(
        self,
        room: int,
        patience_s: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
        tell: Callable[[DirectoryUnavailable], None] = lambda _: None,
    ) -> None:
        self._room = room
        self._patience_s = patience_s
        self._monotonic = monotonic
        self._tell = tell
        self._changed = threading.Condition()
        self._last_moved_at = monotonic()
        self._time_outs = 0
        self._closed_until = 0.0
        self._probing = False

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Do one operation inside.

        Raises:
            NotAsked: not now.
        """
        with self._changed:
            probe = self._enter()
        gone: bool | None = None
        try:
            yield
            gone = False
        except DirectoryUnavailable as exc:
            gone = isinstance(exc, NoAnswerInTime)  # a refusal is an answer
            self._tell(exc)
            raise
        finally:
            with self._changed:
                self._leave(probe, gone)

    def _enter(self) -> bool:
        self._assert_not_gone()
        while self._room == 0:
            left = self._last_moved_at + self._patience_s - self._monotonic()
            if left <= 0:
                message = "The directory is busy."
                raise NotAsked(message)
            self._changed.wait(left)
            self._assert_not_gone()
        self._room -= 1
        self._last_moved_at = self._monotonic()
        self._probing = self._time_outs > 0
        return self._probing

    def _assert_not_gone(self) -> None:
        left = self._closed_until - self._monotonic()
        if self._time_outs and (left > 0 or self._probing):
            when = f"again in {ceil(left)} s" if left > 0 else "again at this moment"
            message = f"The directory gave no answer in time; it is asked {when}."
            raise NotAsked(message)

    def _leave(self, probe: bool, gone: bool | None) -> None:  # noqa: FBT001  # two facts about what has just ended
        self._room += 1
        self._last_moved_at = self._monotonic()
        if probe:
            self._probing = False
        if gone is False:
            self._time_outs = 0
        elif gone and (probe or not self._time_outs):  # those who were on their way together count once
            self._closed_until = self._monotonic() + PAUSES_S[min(self._time_outs, len(PAUSES_S) - 1)]
            self._time_outs += 1
        self._changed.notify_all()
