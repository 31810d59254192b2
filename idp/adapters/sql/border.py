"""The border to the database: statements go out, rows come in, and foreign errors become ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, CursorResult, Executable, Row


@dataclass(frozen=True, slots=True)
class Statements:
    """Runs statements on the connection of one unit of work.

    Args:
        connection: inside a transaction.
        border: translates errors of the database to `StoreUnavailable`.
    """

    connection: Connection
    border: Callable[[], AbstractContextManager[None]]

    def rows(self, statement: Executable, values: Mapping[str, object] | None = None) -> Sequence[Row[Any]]:
        """Read all rows. Raises `StoreUnavailable`."""
        with self.border():
            return self._run(statement, values).fetchall()

    def row(self, statement: Executable, values: Mapping[str, object] | None = None) -> Row[Any] | None:
        """Read the first row, if there is one. Raises `StoreUnavailable`."""
        with self.border():
            return self._run(statement, values).first()

    def change(self, statement: Executable, values: Mapping[str, object] | None = None) -> int:
        """Write, and tell how many rows it concerned. Raises `StoreUnavailable`."""
        with self.border():
            return self._run(statement, values).rowcount

    def _run(self, statement: Executable, values: Mapping[str, object] | None) -> CursorResult[Any]:
        return self.connection.execute(statement, dict(values or {}))


def storable(text: str) -> bool:
    """Tell whether text can stand in a column at all; strangers send what can't (lone surrogates, NUL)."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False
