"""How far the directory's log was read, and which of its changes were told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from idp.adapters.sql.tables import change_bookmark, told_changes

if TYPE_CHECKING:
    from datetime import datetime

    from idp.adapters.sql.border import Statements

_BOOKMARK = select(change_bookmark.c.position)
_MOVE = update(change_bookmark).values(position=bindparam("new_position"))
_FIRST = insert(change_bookmark)
_TOLD = select(told_changes.c.position).where(told_changes.c.position == bindparam("position"))
_ADD = insert(told_changes)
_EXPIRE = delete(told_changes).where(
    told_changes.c.position.in_(
        select(told_changes.c.position).where(told_changes.c.told_at < bindparam("before")).limit(bindparam("most"))
    )
)


@dataclass(frozen=True, slots=True)
class SqlChanges:
    """`ports.store.Changes`."""

    statements: Statements

    def bookmark(self) -> str | None:
        """Give the position that was read up to; None before the first time."""
        row = self.statements.row(_BOOKMARK)
        return None if row is None else str(row.position)

    def move_bookmark(self, position: str) -> None:
        """Keep the position that was read up to."""
        if self.statements.change(_MOVE, {"new_position": position}) == 0:
            self.statements.change(_FIRST, {"id": 1, "position": position})

    def claim(self, position: str, now: datetime) -> bool:
        """Say that this transaction tells a change; False when it was told already."""
        if self.statements.row(_TOLD, {"position": position}) is not None:
            return False  # no race: writers come one after the other
        self.statements.change(_ADD, {"position": position, "told_at": now})
        return True

    def expire(self, before: datetime, limit: int) -> int:
        """Forget what was told before a moment."""
        return self.statements.change(_EXPIRE, {"before": before, "most": limit})
