"""Every call of a port, written down; and a way to let something happen just before or just after one of them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from idp.adapters.sql import SqlStore
    from idp.adapters.sql.store import SqlTransaction

    Happening = Callable[[], object]

# What a stranger's two steps call, whatever they typed: no directory anywhere.
IDENTIFY_CALLS = ["store.transaction", "limits.hit reset-address", "limits.check reset-name", "store.transaction"]
VERIFY_CALLS = ["store.reading", "limits.hit reset-name", "store.transaction"]


class Crash(BaseException):
    """The process dies here: nothing may catch this."""


def raising(error: BaseException) -> Happening:
    """Let this be raised."""

    def happen() -> None:
        raise error

    return happen


@dataclass
class Calls:
    """What was called, in order.

    Args:
        names: what was called so far.
        before: by name or by position, what happens instead of the call; once.
        after: likewise, what happens when it has been done, before its caller learns of it.
    """

    names: list[str] = field(default_factory=list)
    before: dict[str | int, Happening] = field(default_factory=dict)
    after: dict[str | int, Happening] = field(default_factory=dict)

    @contextmanager
    def one(self, name: str) -> Iterator[None]:
        """Write a call down."""
        number = len(self.names)
        self.names.append(name)
        self._happen(self.before, name, number)
        yield
        self._happen(self.after, name, number)

    @staticmethod
    def _happen(happenings: dict[str | int, Happening], name: str, number: int) -> None:
        for key in (name, number):
            if key in happenings:
                happenings.pop(key)()


@dataclass
class Watched:
    """Passes every call on, and writes it down.

    Args:
        target: what is called.
        name: of the port.
        calls: where it is written down.
        with_first: whether the first argument belongs to the name.
    """

    target: object
    name: str
    calls: Calls
    with_first: bool = False

    def __getattr__(self, attribute: str) -> object:
        """Give a method of the target, watched."""
        method: object = getattr(self.target, attribute)
        if not callable(method):
            return method  # a property

        def call(*args: object, **kwargs: object) -> object:
            first = f" {args[0]}" if self.with_first else ""
            with self.calls.one(f"{self.name}.{attribute}{first}"):
                return method(*args, **kwargs)

        return call


@dataclass
class WatchedStore:
    """The store, whose units of work are calls that end when they are committed."""

    store: SqlStore
    calls: Calls

    @contextmanager
    def transaction(self) -> Iterator[SqlTransaction]:
        """A unit of work that writes."""
        with self.calls.one("store.transaction"), self.store.transaction() as work:
            yield work

    @contextmanager
    def reading(self) -> Iterator[SqlTransaction]:
        """A unit of work that reads."""
        with self.calls.one("store.reading"), self.store.reading() as work:
            yield work

    def expire(self, now: datetime, limit: int) -> Mapping[str, int]:
        """A step of forgetting."""
        with self.calls.one("store.expire"):
            return self.store.expire(now, limit)

    def ping(self) -> None:
        """A look whether it answers."""
        with self.calls.one("store.ping"):
            self.store.ping()
