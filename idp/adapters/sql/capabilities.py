"""Secrets that let their holder do something for a while."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, tuple_, update

from idp.adapters.sql.tables import capabilities
from idp.domain.capability import Capability, Purpose

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Row

    from idp.adapters.sql.border import Statements

_ADD = insert(capabilities)
_GET = select(capabilities).where(capabilities.c.purpose == bindparam("purpose"), capabilities.c.digest == bindparam("digest"))
_USE = (
    update(capabilities)
    .where(
        capabilities.c.purpose == bindparam("the_purpose"),
        capabilities.c.digest == bindparam("the_digest"),
        capabilities.c.used_at.is_(None),
    )
    .values(used_at=bindparam("now"))
)
_RENEW = (
    update(capabilities)
    .where(
        capabilities.c.purpose == bindparam("the_purpose"),
        capabilities.c.digest == bindparam("the_digest"),
        capabilities.c.used_at.is_(None),
    )
    .values(facts=bindparam("new_facts"), created_at=bindparam("now"), expires_at=bindparam("end"), subject=bindparam("whom"))
)
_UNUSED = select(capabilities).where(
    capabilities.c.purpose == bindparam("purpose"),
    capabilities.c.subject == bindparam("subject"),
    capabilities.c.used_at.is_(None),
)
_DELETE = delete(capabilities).where(capabilities.c.purpose == bindparam("purpose"), capabilities.c.digest == bindparam("digest"))
_DELETE_ALL = delete(capabilities).where(capabilities.c.purpose == bindparam("purpose"), capabilities.c.used_at.is_(None))
_KEY = tuple_(capabilities.c.purpose, capabilities.c.digest)
_EXPIRE = delete(capabilities).where(
    _KEY.in_(
        select(capabilities.c.purpose, capabilities.c.digest)
        .where(capabilities.c.expires_at < bindparam("before"))
        .limit(bindparam("most"))
    )
)


@dataclass(frozen=True, slots=True)
class SqlCapabilities:
    """`ports.store.Capabilities`."""

    statements: Statements

    def add(self, capability: Capability) -> bool:
        """Keep a new one; False when this digest is there already."""
        if self.get(capability.purpose, capability.digest) is not None:
            return False  # no race: writers come one after the other
        values = {
            "purpose": str(capability.purpose),
            "digest": capability.digest,
            "facts": dict(capability.facts),
            "created_at": capability.created_at,
            "expires_at": capability.expires_at,
            "used_at": capability.used_at,
            "subject": capability.subject,
        }
        self.statements.change(_ADD, values)
        return True

    def renew(self, capability: Capability) -> bool:
        """Keep a new one, or put it in the place of the one of this digest; False when that was used, and stays so."""
        if self.add(capability):
            return True
        values = {
            "the_purpose": str(capability.purpose),
            "the_digest": capability.digest,
            "new_facts": dict(capability.facts),
            "now": capability.created_at,
            "end": capability.expires_at,
            "whom": capability.subject,
        }
        return self.statements.change(_RENEW, values) == 1

    def get(self, purpose: Purpose, digest: str) -> Capability | None:
        """Find one, used or expired too."""
        row = self.statements.row(_GET, {"purpose": str(purpose), "digest": digest})
        return None if row is None else _capability(row)

    def use(self, capability: Capability, now: datetime) -> bool:
        """Use it up; False when somebody else was first."""
        values = {"the_purpose": str(capability.purpose), "the_digest": capability.digest, "now": now}
        return self.statements.change(_USE, values) == 1

    def about(self, purpose: Purpose, subject: str) -> list[Capability]:
        """Give those of a kind about a subject that nobody has used."""
        return [_capability(row) for row in self.statements.rows(_UNUSED, {"purpose": str(purpose), "subject": subject})]

    def withdraw(self, purpose: Purpose, subject: str, facts: Mapping[str, str] | None = None) -> int:
        """Delete those of a kind about a subject that nobody has used, all or those bound to some facts; tells how many."""
        found = self.statements.rows(_UNUSED, {"purpose": str(purpose), "subject": subject})
        withdrawn = [row.digest for row in found if facts is None or facts.items() <= row.facts.items()]
        for digest in withdrawn:
            self.statements.change(_DELETE, {"purpose": str(purpose), "digest": digest})
        return len(withdrawn)

    def withdraw_all(self, purpose: Purpose) -> int:
        """Delete those of a kind that nobody has used, whomever they are about; tells how many."""
        return self.statements.change(_DELETE_ALL, {"purpose": str(purpose)})

    def expire(self, before: datetime, limit: int) -> int:
        """Delete those whose end was before a moment."""
        return self.statements.change(_EXPIRE, {"before": before, "most": limit})


def _capability(row: Row[Any]) -> Capability:
    return Capability(row.digest, Purpose(row.purpose), row.facts, row.created_at, row.expires_at, row.used_at, row.subject)
