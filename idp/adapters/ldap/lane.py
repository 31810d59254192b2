"""Connections that are kept, shared by threads, and replaced when they have died."""

from __future__ import annotations

import os
import weakref
from collections import deque
from contextlib import nullcontext
from typing import TYPE_CHECKING, TypeVar

from idp.adapters.ldap.border import ConnectionLost
from idp.adapters.ldap.server import hang_up

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from ldap3 import Connection

_KEPT = 8
"""More are opened when more threads ask at once; that many are kept afterwards."""

Answer = TypeVar("Answer")


class Lane:
    """Kept connections of one kind.

    One thread at a time uses a connection. None is shared with a child after a fork.

    Args:
        connect: opens one.
        passing: what each question, connecting included, is asked inside of; it may refuse.
    """

    def __init__(
        self, connect: Callable[[], Connection], passing: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> None:
        self._connect = connect
        self._passing = passing
        self._idle: deque[Connection] = deque()
        forget_after_fork(weakref.WeakMethod(self._forget))

    def ask(self, question: Callable[[Connection], Answer]) -> Answer:
        """Put a question that does no harm when it is put twice: a kept connection may turn out to be dead.

        Raises:
            DirectoryUnavailable: no answer, also on a new connection.
        """
        with self._passing():
            return self._ask(question)

    def _ask(self, question: Callable[[Connection], Answer]) -> Answer:
        try:
            kept = self._idle.pop()
        except IndexError:
            return self._put(self._connect(), question)
        try:
            return self._put(kept, question)
        except ConnectionLost:
            return self._put(self._connect(), question)

    def close(self) -> None:
        """Let go of what is kept; the lane goes on working."""
        while self._idle:
            try:
                hang_up(self._idle.pop())
            except IndexError:  # another thread was faster
                return

    def _put(self, connection: Connection, question: Callable[[Connection], Answer]) -> Answer:
        try:
            answer = question(connection)
        except BaseException:
            hang_up(connection)
            self.close()  # what befell this one has befallen the others too
            raise
        if len(self._idle) < _KEPT:
            self._idle.append(connection)
        else:
            hang_up(connection)
        return answer

    def _forget(self) -> None:
        # Without hanging up: the connections are the parent's, who goes on using them.
        while self._idle:
            self._idle.pop().socket.close()


def forget_after_fork(forget: weakref.WeakMethod[Callable[[], None]]) -> None:
    """Have a child let go of what it got from its parent, who goes on using it."""

    def run() -> None:
        method = forget()
        if method is not None:
            method()

    os.register_at_fork(after_in_child=run)
