"""What happened to this customer? All that the audit holds of a koppelgebruiker and its owner; and how they are erased."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.errors import NothingToErase, UnknownUser

if TYPE_CHECKING:
    from collections.abc import Iterable

    from idp.domain.audit import AuditRecord
    from idp.ports.directory import Directory
    from idp.ports.outside import Clock
    from idp.ports.store import Store


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom the audit may name.

    Args:
        entry_uuid: of their entry; empty where nobody knows it.
        who: their DN or account, by which records name those whose entry nobody looked up; empty where it is not known.
    """

    entry_uuid: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class UserHistory:
    """Finds records by a name that people know."""

    store: Store
    directory: Directory

    def newest(self, bare: str, limit: int) -> list[AuditRecord]:
        """Give the newest records that concern a user or its owner, oldest of them first.

        Args:
            bare: the name.
            limit: how many at most.

        Raises:
            UnknownUser: neither the directory nor the audit has ever seen it, or it was erased.
            DirectoryUnavailable: no answer.
        """
        subjects = [person.entry_uuid for person in self.persons(bare) if person.entry_uuid]
        with self.store.reading() as work:
            return work.audit.newest(subjects, limit)

    def persons(self, bare: str) -> list[Person]:
        """Give a user and its owner.

        A name that the directory doesn't know (any more) is looked for in the audit itself, which knows all who ever bore it.

        Raises:
            UnknownUser, DirectoryUnavailable: as in `newest`.
        """
        try:
            user = self.directory.find_user(bare)
        except UnknownUser:
            return self._persons_then(bare)
        persons = [Person(user.entry_uuid)]
        try:
            persons.append(Person(self.directory.find_owner(user.owner_dn).entry_uuid, user.owner_dn))
        except UnknownUser:
            persons.append(Person("", user.owner_dn))
        return persons

    def _persons_then(self, bare: str) -> list[Person]:
        with self.store.reading() as work:
            subjects = work.audit.subjects_named(bare)
        if not subjects:
            raise UnknownUser
        return [Person(subject) for subject in sorted(subjects)]


@dataclass(frozen=True, slots=True)
class Erasure:
    """Takes out of the audit what identifies a person; what was done stays."""

    store: Store
    clock: Clock

    def erase(self, persons: Iterable[Person], actor: str) -> int:
        """Erase all of them or, when something fails, none; tells how many values there were.

        Raises:
            NothingToErase: the audit names none of them.
        """
        now = self.clock.now()
        with self.store.transaction() as work:
            by_entry = {person.entry_uuid for person in persons if person.entry_uuid}
            by_name = {work.audit.subject_of(person.who) for person in persons if person.who}
            erased = sum(work.audit.erase(subject, now, actor) for subject in sorted(by_entry | by_name))
            if not erased:
                raise NothingToErase
        return erased
