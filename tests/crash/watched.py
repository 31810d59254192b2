"""The outside, watched: each call is written down once it has returned, and after one of them the process is killed."""

from __future__ import annotations

import json
import os
import signal
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from idp.outside import Ports
    from idp.ports.store import Store, Transaction


_WITHIN = ("clock", "digests")


class Journal:
    """A file with a line for each thing that happened; what is written survives the death of the writer.

    Args:
        file: begun if it isn't there.
    """

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, kind: str, what: object) -> None:
        """Write one line, at once."""
        os.write(self._descriptor, json.dumps([kind, what]).encode() + b"\n")


@dataclass
class Recorder:
    """Told of each call.

    Args:
        journal: where calls are written; before there is one, nothing is.
        kill_after: the number of the call that is the last; None: the process lives.
        count: calls so far.
    """

    journal: Journal | None = None
    kill_after: int | None = None
    count: int = 0

    def begin(self, journal: Journal, kill_after: int | None) -> None:
        """Count from one."""
        self.journal, self.kill_after, self.count = journal, kill_after, 0

    def returned(self, name: str) -> None:
        """Write a call down; perhaps it was the last."""
        if self.journal is None:
            return
        self.journal.write("call", name)
        self.count += 1
        if self.count == self.kill_after:
            os.kill(os.getpid(), signal.SIGKILL)


class WatchedPort:
    """Any port, or repository of the store: its methods are found by asking it, so that a new one is watched by itself.

    Args:
        port: does the work.
        name: of the port, in the journal.
        recorder: is told.
    """

    def __init__(self, port: object, name: str, recorder: Recorder) -> None:
        self._port = port
        self._name = name
        self._recorder = recorder

    def __getattr__(self, method: str) -> Callable[..., Any]:
        """Give one of its methods, watched; one that raises has returned as well. A property is a call too."""
        call = getattr(self._port, method)
        if not callable(call):
            self._recorder.returned(f"{self._name}.{method}")
            return cast("Callable[..., Any]", call)

        def watched(*args: object, **named: object) -> object:
            try:
                return call(*args, **named)
            finally:
                self._recorder.returned(f"{self._name}.{method}")

        return watched


class WatchedTransaction:
    """All repositories of one unit of work, watched."""

    def __init__(self, work: Transaction, recorder: Recorder) -> None:
        self._work = work
        self._recorder = recorder

    def __getattr__(self, repository: str) -> WatchedPort:
        """Give one of them."""
        return WatchedPort(getattr(self._work, repository), repository, self._recorder)


class WatchedStore(WatchedPort):
    """The store. The commit of a unit of work that writes is a call too."""

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open one that writes."""
        with self._store.transaction() as work:
            yield cast("Transaction", WatchedTransaction(work, self._recorder))
        self._recorder.returned("store.commit")

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Open one that reads."""
        with self._store.reading() as work:
            yield cast("Transaction", WatchedTransaction(work, self._recorder))

    @property
    def _store(self) -> Store:
        return cast("Store", self._port)


def watch(ports: Ports, recorder: Recorder) -> Ports:
    """Put a watch on all ports but those that reach nothing outside; a port that is added is watched by itself."""
    watched: dict[str, Any] = {
        port.name: WatchedPort(getattr(ports, port.name), port.name, recorder)
        for port in fields(ports)
        if port.name not in _WITHIN and getattr(ports, port.name) is not None
    }
    return replace(ports, **(watched | {"store": WatchedStore(ports.store, "store", recorder)}))
