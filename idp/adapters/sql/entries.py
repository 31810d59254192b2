"""What entries of the directory were when they were looked at last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from idp.adapters.sql.tables import known_entries
from idp.domain.directory_change import Kind
from idp.domain.directory_entry import KnownEntry

if TYPE_CHECKING:
    from idp.adapters.sql.border import Statements

_GET = select(known_entries).where(known_entries.c.entry_uuid == bindparam("entry_uuid"))
_NEW = insert(known_entries)
_KEEP = _NEW.on_conflict_do_update(
    index_elements=["entry_uuid"], set_={name: _NEW.excluded[name] for name in ("kind", "dn", "revision", "attributes")}
)
_FORGET = delete(known_entries).where(known_entries.c.entry_uuid == bindparam("the_uuid"))
_FORGET_ALL = delete(known_entries)
_UUIDS = select(known_entries.c.entry_uuid).where(known_entries.c.kind == bindparam("kind"))
_SOME = _UUIDS.limit(bindparam("most"))


@dataclass(frozen=True, slots=True)
class SqlEntries:
    """`ports.store.KnownEntries`."""

    statements: Statements

    def get(self, entry_uuid: str) -> KnownEntry | None:
        """Find one."""
        row = self.statements.row(_GET, {"entry_uuid": entry_uuid})
        if row is None:
            return None
        values = {name: tuple(found) for name, found in row.attributes.items()}
        return KnownEntry(row.entry_uuid, Kind(row.kind), row.dn, row.revision, values)

    def keep(self, entry: KnownEntry) -> None:
        """Remember one, in the place of what it was."""
        values = {
            "entry_uuid": entry.entry_uuid,
            "kind": str(entry.kind),
            "dn": entry.dn,
            "revision": entry.revision,
            "attributes": dict(entry.values),
        }
        self.statements.change(_KEEP, values)

    def forget(self, entry_uuid: str) -> None:
        """Forget one."""
        self.statements.change(_FORGET, {"the_uuid": entry_uuid})

    def forget_all(self) -> None:
        """Forget everybody."""
        self.statements.change(_FORGET_ALL)

    def uuids(self, kind: Kind, limit: int | None = None) -> set[str]:
        """Give the `entryUUID`s of all of a kind, or of some."""
        statement, more = (_UUIDS, {}) if limit is None else (_SOME, {"most": limit})
        return {str(row.entry_uuid) for row in self.statements.rows(statement, {"kind": str(kind), **more})}
