"""The border to the database driver: statements go out, rows come in, and its errors become ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy.exc import SQLAlchemyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection, CursorResult, Executable, Row

    from idp.errors import StoreUnavailable

Explain: TypeAlias = "Callable[[Exception], StoreUnavailable]"
"""Finds the sentence for an error of the driver, or of the file system below it."""


@dataclass(frozen=True, slots=True)
class Statements:
    """Runs statements on the connection of one unit of work.

    Args:
        connection: inside a transaction.
        explain: how errors are worded.
    """

    connection: Connection
    explain: Explain

    def rows(self, statement: Executable, values: Mapping[str, object] | None = None) -> Sequence[Row[Any]]:
        """Read all rows. Raises `StoreUnavailable`."""
        try:
            return self._run(statement, values).fetchall()
        except (SQLAlchemyError, OSError) as exc:
            raise self.explain(exc) from exc

    def row(self, statement: Executable, values: Mapping[str, object] | None = None) -> Row[Any] | None:
        """Read the first row, if there is one. Raises `StoreUnavailable`."""
        try:
            return self._run(statement, values).first()
        except (SQLAlchemyError, OSError) as exc:
            raise self.explain(exc) from exc

    def change(self, statement: Executable, values: Mapping[str, object] | None = None) -> int:
        """Write, and tell how many rows it concerned. Raises `StoreUnavailable`."""
        try:
            return self._run(statement, values).rowcount
        except (SQLAlchemyError, OSError) as exc:
            raise self.explain(exc) from exc

    def _run(self, statement: Executable, values: Mapping[str, object] | None) -> CursorResult[Any]:
        return self.connection.execute(statement, dict(values or {}))


def storable(text: str) -> bool:
    """Tell whether text can stand in a column at all; strangers send what can't (lone surrogates, NUL)."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False
