"""What happened to this customer? All that the audit holds of one koppelgebruiker and its owner (support's question)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.errors import UnknownUser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp.domain.audit import AuditRecord
    from idp.ports.directory import Directory
    from idp.ports.store import Store, Transaction

_STEP = 1000
_NAMES = ("uid", "uid:before", "uid:after")


@dataclass(frozen=True, slots=True)
class UserHistory:
    """Finds records by a name that people know."""

    store: Store
    directory: Directory

    def newest(self, bare: str, limit: int) -> list[AuditRecord]:
        """Give the newest records that concern a user or its owner, oldest of them first.

        A name that the directory doesn't know (any more) is looked for in the audit itself, record by record.

        Args:
            bare: the name.
            limit: how many at most.

        Raises:
            UnknownUser: neither the directory nor the audit has ever seen it.
            DirectoryUnavailable: no answer.
        """
        subjects = self._subjects_now(bare)
        with self.store.reading() as work:
            subjects = subjects or self._subjects_then(work, bare)
            records = [record for subject in subjects for record in _all(work, subject)]
        if not subjects:
            raise UnknownUser
        return sorted(records, key=lambda record: record.number)[-limit:]

    def _subjects_now(self, bare: str) -> set[str]:
        try:
            user = self.directory.find_user(bare)
        except UnknownUser:
            return set()
        try:
            return {user.entry_uuid, self.directory.find_owner(user.owner_dn).entry_uuid}
        except UnknownUser:
            return {user.entry_uuid}

    @staticmethod
    def _subjects_then(work: Transaction, bare: str) -> set[str]:
        named = (record.event for record in _all(work, None))
        found = {event.subject for event in named if bare in (event.detail.get(name) for name in _NAMES)}
        return found - {""}


def _all(work: Transaction, subject: str | None) -> Iterator[AuditRecord]:
    after = 0
    while step := work.audit.read(after, _STEP, subject):
        yield from step
        after = step[-1].number
