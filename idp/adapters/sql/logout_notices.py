"""Logouts that applications are still to be told of."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from idp.adapters.sql.tables import logout_notices as table
from idp.adapters.sql.waiting import is_due, moments
from idp.domain.logout_notice import LogoutNotice

if TYPE_CHECKING:
    from datetime import datetime

    from idp.adapters.sql.border import Statements

_ADD = insert(table)
_DUE = select(table).where(is_due(table)).order_by(table.c.next_attempt_at, table.c.id).limit(1)
_PUT_OFF = (
    update(table).where(table.c.id == bindparam("the_id")).values(next_attempt_at=bindparam("at"), attempts=bindparam("tries"))
)
_PUT_OFF_ALL = (
    update(table)
    .where(table.c.client_id == bindparam("the_client"), table.c.next_attempt_at < bindparam("until"))
    .values(next_attempt_at=bindparam("until"))
)
_REMOVE = delete(table).where(table.c.id == bindparam("the_id"))


@dataclass(frozen=True, slots=True)
class SqlLogoutNotices:
    """`ports.store.LogoutNotices`."""

    statements: Statements

    def add(self, notice: LogoutNotice) -> None:
        """Queue one."""
        self.statements.change(_ADD, asdict(notice))

    def take_due(self, now: datetime, lease_until: datetime) -> LogoutNotice | None:
        """Give the one that is due longest, with `attempts` raised, and put it off to `lease_until`."""
        row = self.statements.row(_DUE, moments(now))
        if row is None:
            return None
        found = LogoutNotice(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for it
        taken = replace(found, attempts=found.attempts + 1, next_attempt_at=lease_until)
        self.put_off(taken)
        return taken

    def put_off(self, notice: LogoutNotice) -> None:
        """Keep its next_attempt_at and attempts."""
        values = {"the_id": notice.id, "at": notice.next_attempt_at, "tries": notice.attempts}
        self.statements.change(_PUT_OFF, values)

    def put_off_all(self, client_id: str, until: datetime) -> None:
        """Have no notice of a client due before a moment; what waits longer already stays as it is."""
        self.statements.change(_PUT_OFF_ALL, {"the_client": client_id, "until": until})

    def remove(self, notice: LogoutNotice) -> None:
        """Forget one that was told, or never will be."""
        self.statements.change(_REMOVE, {"the_id": notice.id})
