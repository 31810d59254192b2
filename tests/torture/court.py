"""Judges what is not about anybody: may there be no answer now, or a 503, or one so late? And counts all of it."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum, auto
from time import monotonic
from typing import TYPE_CHECKING

from tests.torture.facts import Forbidden

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.visitor import Answer

RECOVERY_S = 5.0
"""So long after all parts are back somebody may still be told to come later."""

PROMISED_S = 20.0
"""The time-outs of one request, one after the other: a connection to the directory and an answer, 5 s each, and the database,
5 s; and 5 s on a machine that does all this besides."""

LATER = 503
_FAULTS = range(500, 600)


class Excuse(StrEnum):
    """What a fault makes right."""

    LATER = auto()  # a 503
    NO_ANSWER = auto()
    MAIL = auto()  # mail is late, or comes twice
    UNTOLD = auto()  # the directory had no room to write down what admins did: nobody is told of it
    CLOCK = auto()  # what was good for a while is not good any more


@dataclass
class Outage:
    """A fault, from its first moment on.

    Args:
        name: its kind and part.
        excuses: what it makes right.
        began: on the monotonic clock, as all here.
        ended: when the part was back.
    """

    name: str
    excuses: frozenset[Excuse]
    began: float
    ended: float | None = None

    def touches(self, since: float, until: float) -> bool:
        """Tell whether it may have to do with what happened in between."""
        return self.began <= until and (self.ended is None or since <= self.ended + RECOVERY_S)


@dataclass
class Court:
    """What happened. Threads share it."""

    outages: list[Outage] = field(default_factory=list)
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def outage(self, name: str, excuses: frozenset[Excuse]) -> Iterator[Outage]:
        """Have a fault; it ends when the part is back."""
        outage = Outage(name, excuses, monotonic())
        with self._lock:
            self.outages.append(outage)
        try:
            yield outage
        finally:
            outage.ended = monotonic()

    def exited(self, kind: str, began: float, code: int, words: str) -> None:
        """Hear how a command ended. Raises `Forbidden`."""
        self._count(kind, f"exit {code}", began, is_promised=False)  # how soon a program starts is the machine's business
        if "Traceback" in words:
            message = f"{kind}: {words[:2000]}"
            raise Forbidden(message)
        if code:
            self._assert_excused(Excuse.LATER, kind, began, words)

    def answered(self, kind: str, began: float, answer: Answer) -> None:
        """Hear an answer. Raises `Forbidden`."""
        self._count(kind, str(answer.status), began)
        if answer.status in _FAULTS and answer.status != LATER:
            message = f"{kind} was answered {answer.status}: {answer.text[:300]}"
            raise Forbidden(message)
        if answer.status == LATER:
            self._assert_excused(Excuse.LATER, kind, began, answer.text)
            if not answer.headers.get("Retry-After", "").isdecimal():
                message = f"{kind} was answered 503 without Retry-After: {answer.text[:300]}"
                raise Forbidden(message)

    def not_answered(self, kind: str, began: float, reason: Exception) -> None:
        """Hear that there was no answer. Raises `Forbidden`."""
        self._count(kind, "none", began)
        self._assert_excused(Excuse.NO_ANSWER, kind, began, repr(reason))

    def is_excused(self, excuse: Excuse, since: float | None = None) -> bool:
        """Tell whether something since a moment makes this right; None: since now."""
        now = monotonic()
        since = now if since is None else since
        with self._lock:
            return any(outage.touches(since, now) for outage in self.outages if excuse in outage.excuses)

    def is_quiet(self, since: float, for_s: float) -> bool:
        """Tell whether nothing has been wrong since a moment, or for some seconds."""
        now = monotonic()
        with self._lock:
            last = max((now if outage.ended is None else outage.ended for outage in self.outages), default=0.0)
        return now - max(last, since) > for_s

    def condemn(self, message: str) -> None:
        """Keep a fault that was found."""
        with self._lock:
            self.wrong.append(message)

    def _count(self, kind: str, status: str, began: float, *, is_promised: bool = True) -> None:
        now = monotonic()
        with self._lock:
            self.answers[kind, status] += 1
            self.took[kind].append(now - began)
            frozen = sum(
                max(0.0, min(now, outage.ended or now) - max(began, outage.began))
                for outage in self.outages
                if outage.touches(began, now)
            )
        if is_promised and now - began > PROMISED_S + frozen:
            message = f"{kind} took {now - began:.1f} s, of which a part was away for {frozen:.1f} s"
            raise Forbidden(message)

    def _assert_excused(self, excuse: Excuse, kind: str, began: float, words: str) -> None:
        if not self.is_excused(excuse, began):
            message = f"{kind}: {excuse} without a reason: {words[:300]}"
            raise Forbidden(message)

    def lines(self) -> list[str]:
        """Tell what was answered, and how late."""
        found = []
        for kind, took in sorted(self.took.items()):
            statuses = ", ".join(f"{status}: {count}" for (of, status), count in sorted(self.answers.items()) if of == kind)
            found.append(f"{kind:20} {len(took):6} {statuses}; {_latencies(took)}")
        return found


def _latencies(took: list[float]) -> str:
    under = [(bound, sum(1 for seconds in took if seconds < bound)) for bound in (0.1, 0.3, 1, 3, 10)]
    return " ".join(f"<{bound:g} s: {count}" for bound, count in under) + f"; slowest {max(took):.1f} s"
