"""What happened to this customer? All that the audit holds of a koppelgebruiker and its owner; and how they are erased."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp.domain.audit_query import Wanted
from idp.errors import NothingToErase, UnknownUser

if TYPE_CHECKING:
    from collections.abc import Iterable

    from idp.ports.directory import Directory
    from idp.ports.outside import Clock
    from idp.ports.store import Store


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
        """Give who bears a name now, their owner, and all who bore it before, which the audit knows.

        Raises:
            UnknownUser: neither the directory nor the audit has ever seen it, or it was erased.
            DirectoryUnavailable: no answer.
        """
        present = self._present(bare)
        with self.store.reading() as work:
            former = work.audit.subjects_named(bare) - {person.entry_uuid for person in present}
        if not present and not former:
            raise UnknownUser
        return present + [Person(subject, part="a former bearer of the name") for subject in sorted(former)]

    def _present(self, bare: str) -> list[Person]:
        try:
            user = self.directory.find_user(bare)
        except UnknownUser:
            return []
        try:
            entry_uuid = self.directory.find_owner(user.owner_dn).entry_uuid
        except UnknownUser:
            entry_uuid = ""
        return [Person(user.entry_uuid, part="bears the name"), Person(entry_uuid, user.owner_dn, "the owner")]


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
