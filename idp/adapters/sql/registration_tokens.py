"""Initial access tokens."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update

from idp.adapters.sql.border import storable
from idp.adapters.sql.tables import registration_tokens as table
from idp.domain.registration_token import RegistrationToken

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row

    from idp.adapters.sql.border import Statements

_ADD = insert(table)
_ALL = select(table).order_by(table.c.created_at, table.c.id)
_BY_DIGEST = select(table).where(table.c.digest == bindparam("digest"))
_USE = (
    update(table)
    .where(
        table.c.id == bindparam("the_id"),
        table.c.ended_at.is_(None),
        table.c.expires_at > bindparam("now"),
        table.c.used < table.c.uses,
    )
    .values(used=table.c.used + 1)
)
_END = update(table).where(table.c.id == bindparam("the_id"), table.c.ended_at.is_(None)).values(ended_at=bindparam("now"))
_EXPIRE = delete(table).where(
    table.c.id.in_(select(table.c.id).where(table.c.expires_at < bindparam("before")).limit(bindparam("most")))
)


@dataclass(frozen=True, slots=True)
class SqlRegistrationTokens:
    """`ports.store.RegistrationTokens`."""

    statements: Statements

    def add(self, token: RegistrationToken) -> None:
        """Keep a new one."""
        self.statements.change(_ADD, asdict(token))

    def all(self) -> list[RegistrationToken]:
        """All, oldest first."""
        return [_token(row) for row in self.statements.rows(_ALL)]

    def by_digest(self, digest: str) -> RegistrationToken | None:
        """Find one, used up or expired too."""
        row = self.statements.row(_BY_DIGEST, {"digest": digest})
        return _token(row) if row else None

    def use(self, token: RegistrationToken, now: datetime) -> bool:
        """Count one use; False when it was ended, is past its end, or has no use left."""
        return self.statements.change(_USE, {"the_id": token.id, "now": now}) == 1

    def end(self, token_id: str, now: datetime) -> bool:
        """End one; False when there is none, or it was ended already."""
        return storable(token_id) and self.statements.change(_END, {"the_id": token_id, "now": now}) == 1

    def expire(self, before: datetime, limit: int) -> int:
        """Delete those whose end was before a moment."""
        return self.statements.change(_EXPIRE, {"before": before, "most": limit})


def _token(row: Row[Any]) -> RegistrationToken:
    return RegistrationToken(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for it
