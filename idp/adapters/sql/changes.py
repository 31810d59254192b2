"""How far changes in the directory were read, and which of them were told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from idp.adapters.sql.tables import change_bookmark, told_changes

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from idp.adapters.sql.border import Statements

_BOOKMARK = select(change_bookmark.c.position)
_MOVE = update(change_bookmark).values(position=bindparam("new_position"), doubted_since=None)
_DOUBTED = select(change_bookmark.c.doubted_since)
_DOUBT = update(change_bookmark).where(change_bookmark.c.doubted_since.is_(None)).values(doubted_since=bindparam("now"))
_FIRST = insert(change_bookmark)
_TOLD = select(told_changes.c.attributes).where(told_changes.c.position == bindparam("position"))
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

    def doubted_since(self, now: datetime) -> datetime:
        """Keep in mind that what comes behind the bookmark is doubtful; tells since when it is."""
        self.statements.change(_DOUBT, {"now": now})
        row = self.statements.row(_DOUBTED)
        since: datetime = now if row is None else row.doubted_since
        return since

    def claim(self, position: str, now: datetime, attributes: Collection[str] = ()) -> bool:
        """Say that this transaction tells a change; False when it was told already."""
        if self.statements.row(_TOLD, {"position": position}) is not None:
            return False  # no race: writers come one after the other
        self.statements.change(_ADD, {"position": position, "told_at": now, "attributes": " ".join(attributes)})
        return True

    def told(self, position: str) -> frozenset[str]:
        """Give the attributes that a change was claimed with."""
        row = self.statements.row(_TOLD, {"position": position})
        return frozenset() if row is None else frozenset(row.attributes.split())

    def expire(self, before: datetime, limit: int) -> int:
        """Forget what was told before a moment."""
        return self.statements.change(_EXPIRE, {"before": before, "most": limit})
