"""What happened to this customer? All that the audit holds of a koppelgebruiker and its owner; and how they are erased."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp.domain.audit import Personal
from idp.domain.audit_query import Wanted
from idp.errors import NothingToErase, UnknownUser

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from idp.ports.directory import Directory
    from idp.ports.outside import Clock
    from idp.ports.store import Store, Transaction


_ENOUGH = 1000  # records in which an owner is looked for


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom the audit may name.

    Args:
        entry_uuid: of their entry; empty where nobody knows it.
        who: their DN or account, by which records name those whose entry nobody looked up; empty where it is not known.
        part: what they are to the name that was asked for; empty where none was.
    """

    entry_uuid: str
    who: str = ""
    part: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class UserHistory:
    """Finds whom a name that people know stands for, and stood for."""

    store: Store
    directory: Directory

    def persons(self, bare: str) -> list[Person]:
        """Give who bears a name now and all who bore it before, whom the audit knows; and their owners.

        Raises:
            UnknownUser: neither the directory nor the audit has ever seen it, or it was erased.
            DirectoryUnavailable: no answer.
        """
        present = self._present(bare)
        with self.store.reading() as work:
            former = work.audit.subjects_named(bare) - {person.entry_uuid for person in present}
            named = _owners_named(work, former) - {person.who for person in present}
            known = {
                owner_dn: sorted(work.audit.subjects_named(owner_dn) - {work.audit.subject_of(owner_dn)}) for owner_dn in named
            }
        if not present and not former:
            raise UnknownUser
        bearers = [Person(subject, part="a former bearer of the name") for subject in sorted(former)]
        return present + bearers + [self._owner(*each, "the owner of a former bearer") for each in sorted(known.items())]

    def _present(self, bare: str) -> list[Person]:
        try:
            user = self.directory.find_user(bare)
        except UnknownUser:
            return []
        return [Person(user.entry_uuid, part="bears the name"), self._owner(user.owner_dn, (), "the owner")]

    def _owner(self, owner_dn: str, told: Sequence[str], part: str) -> Person:
        """Find an owner; who is gone has the `entryUUID` that the record of their deletion tells, if there is one."""
        try:
            return Person(self.directory.find_owner(owner_dn).entry_uuid, owner_dn, part)
        except UnknownUser:
            return Person(told[-1] if told else "", owner_dn, part)


def _owners_named(work: Transaction, users: Collection[str]) -> set[str]:
    """Give the DNs of owners that the records of users name, as far as they weren't erased."""
    records = work.audit.newest(_ENOUGH, Wanted(frozenset(users), action="user.")) if users else []
    changes = [change for record in records for name, change in record.event.changes.items() if name == "owner"]
    values = [value for change in changes for value in (change.before, change.after)]
    return {value.value for value in values if isinstance(value, Personal) and value.value is not None}


def wanted_of(persons: Iterable[Person]) -> Wanted:
    """Ask for all that concerns these."""
    return Wanted(frozenset(person.entry_uuid for person in persons if person.entry_uuid))


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
