"""What is done to the parts, each kind by a name."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from tests.torture.court import Excuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.torture.parts import Part
    from tests.torture.place import Place
    from tests.torture.relay import Relay, Way

_DELAY_S = 0.3
"""Of each piece that goes through a slow relay: an answer of the directory takes twice as long, and a request needs several."""

_NOT_NOW = frozenset({Excuse.LATER, Excuse.MAIL})
_UNHEARD = frozenset({Excuse.NO_ANSWER})
_LATE_MAIL = frozenset({Excuse.MAIL})


@dataclass(frozen=True)
class Fault:
    """One kind of fault, at one part.

    Args:
        name: of the part, and of what is done to it.
        excuses: what it makes right.
        lasting: has it while it is open; when it is closed, the part is back.
    """

    name: str
    excuses: frozenset[Excuse]
    lasting: Callable[[], AbstractContextManager[None]]


def all_faults(place: Place) -> list[Fault]:
    """Give every kind that there is here."""
    parts: dict[str, tuple[Part, frozenset[Excuse]]] = {
        "web": (place.web, _UNHEARD),
        "worker": (place.worker, _LATE_MAIL),
        "directory": (place.directory, _NOT_NOW),
        "mail": (place.mail, _LATE_MAIL),
    }
    found = []
    for name, (part, excuses) in parts.items():
        found += [
            Fault(f"{name} killed", excuses, partial(_killed, part)),
            Fault(f"{name} stopped", excuses, partial(_stopped, part)),
        ]
    return found


def last(seconds: float) -> None:
    """Let a fault last."""
    Event().wait(seconds)


@contextmanager
def _killed(part: Part) -> Iterator[None]:
    part.kill()
    yield
    part.start()


@contextmanager
def _stopped(part: Part) -> Iterator[None]:
    part.pause()
    yield
    part.resume()


@contextmanager
def _treated(way: Way, *relays: Relay) -> Iterator[None]:
    with relays[0].treated(way, _DELAY_S):
        if relays[1:]:
            with _treated(way, *relays[1:]):
                yield
        else:
            yield
