"""Giving all users and owners, for a file from which they can be taken in elsewhere. What can't be is named, and left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from idp.errors import LineRefused, UnknownUser
from idp.ports.directory import NewUser
from idp.services.user_ldif import assert_person
from idp.services.user_rules import assert_sound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from idp.domain.ldif import Record
    from idp.domain.people import Koppelgebruiker, Owner
    from idp.ports.directory import DirectoryOperator

_REMEMBERED = 1000
"""Owners: their users often stand side by side. Memory doesn't grow with the directory."""

_NOT_AS_IT_SHOULD_BE = "it is not as it should be; see idp directory check"


@dataclass(slots=True)
class UserExport:
    """Reads them.

    Args:
        operator: who reads.
        tell: told a sentence for each who is left out.
        left_out: how many that were.
    """

    operator: DirectoryOperator
    tell: Callable[[str], None]
    left_out: int = 0
    _without: set[str] = field(default_factory=set)

    def users(self) -> Iterator[NewUser]:
        """Give users with their owners; of an owner, what an invitation says."""
        for _, _, new in self._owned():
            yield new

    def records(self) -> Iterator[Record]:
        """Give owners, also those without users, and then users, as entries."""
        for person in self.operator.all_people(self._leave_person_out):
            try:
                assert_person(person)
            except LineRefused as exc:
                self._leave_person_out(person.dn, str(exc))
                continue
            yield person
        for user, owner, _ in self._owned():
            if owner.dn in self._without:
                self._leave_out(user.uid, "its owner is left out")
            else:
                yield self.operator.record_of(user, owner)

    def _owned(self) -> Iterator[tuple[Koppelgebruiker, Owner, NewUser]]:
        find_owner = lru_cache(_REMEMBERED)(self.operator.find_owner)
        for user in self.operator.all_users(odd=lambda dn: self._leave_out(dn, _NOT_AS_IT_SHOULD_BE)):
            try:
                owner = find_owner(user.owner_dn)
                new = NewUser(user.uid, user.administratie, owner.mail or "", owner.name, owner.language)
                assert_sound(new)
            except UnknownUser:
                self._leave_out(user.uid, "it has no owner who exists")
            except LineRefused as exc:
                self._leave_out(user.uid, str(exc))
            else:
                yield user, owner, new

    def _leave_person_out(self, dn: str, why: str = "its name is not of an attribute that is written") -> None:
        self._without.add(dn)
        self._leave_out(dn, why)

    def _leave_out(self, who: str, why: str) -> None:
        self.left_out += 1
        self.tell(f"{who} is left out: {why}")
