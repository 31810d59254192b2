"""What is done to the parts, each kind by a name."""

from __future__ import annotations

import resource
import sqlite3
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING

from idp.outside import DATABASE_NAME
from tests.system.processes import below
from tests.torture.court import Excuse
from tests.torture.relay import Way

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.contract.store.disks import Disk
    from tests.torture.parts import Part
    from tests.torture.place import Place
    from tests.torture.relay import Relay

_DELAY_S = 0.2
"""Of each piece that goes through a slow relay: an answer of the directory takes twice as long, and a request needs several."""

_BREATH_S = 0.02
"""Between two writes that a slow disk holds up."""

_HOUR_S = 3600.0
_SHORT_S = (1.0, 3.0)
_LOCKED_S = (5.5, 7.0)
"""Longer than anybody waits for the database."""

_NOT_NOW = frozenset({Excuse.LATER, Excuse.MAIL})
_UNHEARD = frozenset({Excuse.NO_ANSWER})
_LATE_MAIL = frozenset({Excuse.MAIL})
_UNTOLD = frozenset({Excuse.LATER, Excuse.MAIL, Excuse.UNTOLD})
"""slapd does what it is asked as long as there is room for that, also when there is none for its log."""

_ANOTHER_TIME = frozenset({Excuse.CLOCK, Excuse.MAIL})
_NOTHING: frozenset[Excuse] = frozenset()


@dataclass(frozen=True)
class Fault:
    """One kind of fault, at one part.

    Args:
        name: the part, and what is done to it.
        excuses: what it makes right.
        lasting: has it while it is open; when it is closed, the part is back.
        seconds: how short and how long it lasts, at first.
        most_s: how long it may last at the most.
    """

    name: str
    excuses: frozenset[Excuse]
    lasting: Callable[[], AbstractContextManager[None]]
    seconds: tuple[float, float] = _SHORT_S
    most_s: float = 60.0

    @property
    def part(self) -> str:
        """What is hit."""
        return self.name.partition(" ")[0]


def all_faults(place: Place) -> list[Fault]:
    """Give every kind that there is here."""
    return [*_of_processes(place), *_of_ways(place), *_of_disks(place), *_of_clocks(place)]


def last(seconds: float) -> None:
    """Let a fault last."""
    Event().wait(seconds)


def _of_processes(place: Place) -> list[Fault]:
    parts: dict[str, tuple[Part, frozenset[Excuse]]] = {
        "web": (place.web, _UNHEARD),
        "worker": (place.worker, _LATE_MAIL),
        "directory": (place.directory, _NOT_NOW),
        "mail": (place.mail, _LATE_MAIL),
    }
    killed = [Fault(f"{name} killed", excuses, partial(_killed, part)) for name, (part, excuses) in parts.items()]
    # Whoever waits gets an answer when it goes on.
    stopped = [Fault(f"{name} stopped", excuses - _UNHEARD, partial(_stopped, part)) for name, (part, excuses) in parts.items()]
    return [*killed, Fault("web child-killed", _UNHEARD, partial(_orphaned, place)), *stopped]


def _of_ways(place: Place) -> list[Fault]:
    relays = place.relays
    ways: dict[str, tuple[tuple[Relay, ...], frozenset[Excuse], frozenset[Excuse]]] = {
        # The relays, what slowness makes right, and what silence and cutting do.
        "web": ((relays.web,), _NOTHING, _UNHEARD),
        "worker": ((relays.worker,), _LATE_MAIL, _LATE_MAIL),
        "directory": ((relays.directory, relays.worker), _LATE_MAIL, _NOT_NOW),
        "mail": ((relays.mail,), _LATE_MAIL, _LATE_MAIL),
    }
    found = []
    for name, (several, slow, cut) in ways.items():
        found += [
            Fault(f"{name} slowed", slow, partial(_treated, several, Way.SLOW)),
            Fault(f"{name} silent", cut, partial(_treated, several, Way.SILENT)),
            Fault(f"{name} cut-off", cut, partial(_treated, several, Way.CLOSED)),
        ]
    return found


def _of_disks(place: Place) -> list[Fault]:
    found = [
        Fault("store may-not-grow", _NOT_NOW, partial(_limited, place)),
        Fault("store slowed", _LATE_MAIL, partial(_slow, place)),
        Fault("store locked", _NOT_NOW, partial(_locked, place), _LOCKED_S),
        Fault("store locked-shortly", _LATE_MAIL, partial(_locked, place), most_s=_SHORT_S[1]),
    ]
    if place.disks is not None:
        found += [
            Fault("store full", _NOT_NOW, partial(_full, place.disks.store)),
            Fault("directory full", _UNTOLD, partial(_full, place.disks.directory)),
        ]
    return found


def _of_clocks(place: Place) -> list[Fault]:
    return [
        Fault("clock hour-ahead", _ANOTHER_TIME, partial(_at, place, _HOUR_S)),
        Fault("clock hour-behind", _ANOTHER_TIME, partial(_at, place, -_HOUR_S)),
    ]


@contextmanager
def _killed(part: Part) -> Iterator[None]:
    part.kill()
    try:
        yield
    finally:
        part.start()


@contextmanager
def _orphaned(place: Place) -> Iterator[None]:
    place.web.kill_children()
    yield


@contextmanager
def _stopped(part: Part) -> Iterator[None]:
    part.pause()
    try:
        yield
    finally:
        part.resume()


@contextmanager
def _treated(relays: tuple[Relay, ...], way: Way) -> Iterator[None]:
    with ExitStack() as stack:
        for relay in relays:
            stack.enter_context(relay.treated(way, _DELAY_S))
        yield


@contextmanager
def _limited(place: Place) -> Iterator[None]:
    """Let no file of the service's grow: what comes nearest to a full disk where nothing may be mounted."""
    _limit(place, 0)
    try:
        yield
    finally:
        _limit(place, resource.RLIM_INFINITY)  # those too that have been started meanwhile, by one that was limited


def _limit(place: Place, most: int) -> None:
    for program in (place.web, place.worker):
        for pid in (program.pid, *(child.pid for child in below(program.pid))):
            with suppress(ProcessLookupError):
                _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard if most == resource.RLIM_INFINITY else most, hard))


@contextmanager
def _locked(place: Place) -> Iterator[None]:
    """Write to the database as somebody else, and don't come to an end."""
    with closing(sqlite3.connect(place.state(DATABASE_NAME), timeout=10, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def _slow(place: Place) -> Iterator[None]:
    """Hold the database up for most of the time, again and again: so do writes that wait for a slow disk."""
    over = Event()
    with closing(sqlite3.connect(place.state(DATABASE_NAME), timeout=10, isolation_level=None, check_same_thread=False)) as other:

        def hold_up() -> None:
            while not over.wait(_BREATH_S):
                other.execute("BEGIN IMMEDIATE")
                over.wait(_DELAY_S)
                other.execute("ROLLBACK")

        thread = Thread(target=hold_up)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


@contextmanager
def _full(disk: Disk) -> Iterator[None]:
    disk.fill()
    try:
        yield
    finally:
        disk.clear()


@contextmanager
def _at(place: Place, seconds: float) -> Iterator[None]:
    place.set_clock(seconds)
    try:
        yield
    finally:
        place.set_clock(0)
