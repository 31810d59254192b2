"""Reset requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, insert, or_, select, update

from idp.adapters.sql.tables import resets
from idp.domain.people import Seen
from idp.domain.reset_request import Binding, ResetRequest, ResetState

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row

    from idp.adapters.sql.border import Statements

# Statements are built once: building costs SQLAlchemy more than running.
_ADD = insert(resets)
_BY_ID = select(resets).where(resets.c.id == bindparam("id"))
_BY_DIGEST = select(resets).where(resets.c.digest == bindparam("digest"))
_CLAIMED = select(resets).where(resets.c.state == str(ResetState.CLAIMED)).order_by(resets.c.claimed_at, resets.c.id)
_ADVANCE = update(resets).where(resets.c.id == bindparam("the_id"), resets.c.version == bindparam("seen_version"))
_FINISHED = and_(
    resets.c.created_at < bindparam("before"),
    resets.c.state != str(ResetState.CLAIMED),
    or_(resets.c.expires_at.is_(None), resets.c.expires_at < bindparam("before")),
)
_EXPIRE = delete(resets).where(resets.c.id.in_(select(resets.c.id).where(_FINISHED).limit(bindparam("most"))))


@dataclass(frozen=True, slots=True)
class SqlResets:
    """`ports.store.Resets`."""

    statements: Statements

    def add(self, request: ResetRequest) -> None:
        """Keep a new one."""
        self.statements.change(_ADD, _values(request))

    def get(self, request_id: str) -> ResetRequest | None:
        """Find one by id."""
        row = self.statements.row(_BY_ID, {"id": request_id})
        return _request(row) if row else None

    def by_digest(self, digest: str) -> ResetRequest | None:
        """Find one by the digest of its link's secret."""
        row = self.statements.row(_BY_DIGEST, {"digest": digest})
        return _request(row) if row else None

    def advance(self, before: ResetRequest, after: ResetRequest) -> bool:
        """Compare and swap on `version`; False when somebody else was first."""
        seen = {"the_id": before.id, "seen_version": before.version}
        return self.statements.change(_ADVANCE, _values(after) | seen) == 1

    def claimed(self) -> list[ResetRequest]:
        """Those with a claim under way, oldest first."""
        return [_request(row) for row in self.statements.rows(_CLAIMED)]

    def expire(self, before: datetime, limit: int) -> int:
        """Delete those made, and ended, before a moment; never one whose claim recovery must still settle."""
        return self.statements.change(_EXPIRE, {"before": before, "most": limit})


def _values(request: ResetRequest) -> dict[str, object]:
    binding = request.binding
    return {
        "id": request.id,
        "digest": request.digest,
        "bare": request.bare,
        "with_ticket": request.with_ticket,
        "created_at": request.created_at,
        "state": str(request.state),
        "version": request.version,
        "entry_uuid": binding.seen.entry_uuid if binding else None,
        "password_changed": binding.seen.password_changed if binding else None,
        "uid": binding.uid if binding else None,
        "owner_dn": binding.owner_dn if binding else None,
        "mail": binding.mail if binding else None,
        "expires_at": request.expires_at,
        "claimed_at": request.claimed_at,
    }


def _request(row: Row[Any]) -> ResetRequest:
    binding = None
    if row.mail is not None:
        binding = Binding(Seen(row.entry_uuid, row.password_changed), row.uid, row.owner_dn, row.mail)
    return ResetRequest(
        id=row.id,
        digest=row.digest,
        bare=row.bare,
        with_ticket=row.with_ticket,
        created_at=row.created_at,
        state=ResetState(row.state),
        version=row.version,
        binding=binding,
        expires_at=row.expires_at,
        claimed_at=row.claimed_at,
    )
