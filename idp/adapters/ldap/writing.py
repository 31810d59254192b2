"""Writing: over a connection of its own, and never twice."""

from __future__ import annotations

import weakref
from collections import deque
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from ldap3 import MODIFY_ADD, MODIFY_REPLACE

from idp.adapters.ldap.border import border
from idp.adapters.ldap.lane import forget_after_fork
from idp.adapters.ldap.server import hang_up

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from ldap3 import Connection

Result = dict[str, Any]
"""ldap3's: `result` is the code, `controls` what the server says besides."""


class Writer:
    """Sends one change, and gives its result.

    When the answer stays away, the change may or may not have been made; whoever sent it has to look.

    Args:
        connect: opens a connection that is bound as the writer.
        passing: what each change, connecting included, is sent inside of; it may refuse.
        keep: whether the next change takes the same connection, for who makes many on end: to bind may take longer than to
            write. A kept one that has died meanwhile fails its change, of which nobody knows then whether it was made.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        passing: Callable[[], AbstractContextManager[None]] = nullcontext,
        *,
        keep: bool = False,
    ) -> None:
        self._connect = connect
        self._passing = passing
        self._keep = keep
        self._kept: deque[Connection] = deque()
        forget_after_fork(weakref.WeakMethod(self._forget))

    def close(self) -> None:
        """Let go of what is kept."""
        for connection in list(self._kept):
            hang_up(connection)
        self._kept.clear()

    def add_value(self, dn: str, attribute: str, value: str, controls: Sequence[object] = ()) -> Result:
        """Add a value. Raises `DirectoryUnavailable`."""
        return self.modify(dn, {attribute: [(MODIFY_ADD, [value.encode()])]}, controls)

    def replace(self, dn: str, values: Mapping[str, str | None], controls: Sequence[object] = ()) -> Result:
        """Replace attributes by one value each, or, for None, by nothing. Raises `DirectoryUnavailable`."""
        changes = {name: [(MODIFY_REPLACE, [] if value is None else [value.encode()])] for name, value in values.items()}
        return self.modify(dn, changes, controls)

    def add_entry(
        self, dn: str, classes: list[str], values: Mapping[str, str | list[str]], controls: Sequence[object] = ()
    ) -> Result:
        """Add an entry, with one value or more of each attribute. Raises `DirectoryUnavailable`."""

        def add(connection: Connection) -> None:
            listed = {name: [value] if isinstance(value, str) else value for name, value in values.items()}
            encoded = {name: [value.encode() for value in texts] for name, texts in listed.items()}
            connection.add(dn, classes, encoded, controls=list(controls) or None)  # type: ignore[no-untyped-call]  # its stub is unfinished

        return self._send(add)

    def delete_entry(self, dn: str) -> Result:
        """Delete an entry. Raises `DirectoryUnavailable`."""

        def delete(connection: Connection) -> None:
            connection.delete(dn)  # type: ignore[no-untyped-call]  # likewise

        return self._send(delete)

    def modify(self, dn: str, changes: Mapping[str, object], controls: Sequence[object] = ()) -> Result:
        """Send one Modify, in ldap3's form. Raises `DirectoryUnavailable`."""

        def modify(connection: Connection) -> None:
            connection.modify(dn, changes, controls=list(controls) or None)  # type: ignore[no-untyped-call]  # likewise

        return self._send(modify)

    def _send(self, change: Callable[[Connection], None]) -> Result:
        with self._passing():
            return self._send_now(change)

    def _send_now(self, change: Callable[[Connection], None]) -> Result:
        connection = self._open()
        is_well = False
        try:
            with border():
                change(connection)
                result = dict(connection.result)
            is_well = True
            return result
        finally:
            connection.request = None  # it holds a password
            if is_well and self._keep and not self._kept:
                self._kept.append(connection)
            else:
                hang_up(connection)

    def _forget(self) -> None:
        while self._kept:
            self._kept.pop().socket.close()

    def _open(self) -> Connection:
        try:
            return self._kept.pop()
        except IndexError:
            return self._connect()
