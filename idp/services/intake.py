"""Taking in many users from a file.

The directory has each user at once; what the store must know of them is written for a batch at a time, since a transaction may
take longer than both entries. Whoever dies in between has lost nothing: the same file again finds in the directory who is there,
and in the store what lacks (`idp.services.operations`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from idp.domain.ldif import Record
from idp.errors import AlreadyExists, IdpError, LineRefused, UnknownUser, ValueRefused
from idp.ports.directory import NewUser
from idp.services.user_rules import assert_sound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp.services.operations import Invited, Operations

BATCH = 50
"""Users; a second's work, after which the letters to their owners are on their way."""


class FileRefused(IdpError):
    """The file is not of the form that it should be."""


@dataclass(frozen=True, slots=True)
class OwnedUser:
    """A user whose owner is an entry of its own.

    Args:
        dn: as the file has it.
        uid: bare name.
        administratie: identifier of the administration.
        owner_dn: of the owner.
    """

    dn: str
    uid: str
    administratie: str
    owner_dn: str


@dataclass(frozen=True, slots=True)
class Line:
    """What one line, or one record, wants.

    Args:
        number: in the file, from 1.
        wanted: a user with its owner, a user of an owner, an owner; or why it is none of them.
    """

    number: int
    wanted: NewUser | OwnedUser | Record | LineRefused


@dataclass(slots=True)
class Intake:
    """Invites one user after the other.

    Args:
        operations: what an operator does.
        invited: users who are new, or to whom something lacked.
        known: users who were there already.
    """

    operations: Operations
    invited: int = 0
    known: int = 0
    _unsettled: list[Invited] = field(default_factory=list)

    def ahead(self, lines: Iterator[Line]) -> Iterator[Line]:
        """Give all lines, with a look ahead at each batch. Raises `Unavailable`, `Forbidden`."""
        while batch := list(islice(lines, BATCH)):
            self.operations.operator.look_ahead([line.wanted for line in batch if isinstance(line.wanted, NewUser)])
            yield from batch
        self.operations.operator.look_ahead([])

    def take(self, line: Line) -> None:
        """Do what a line wants.

        Raises:
            LineRefused: this one can't be done; others may.
            Forbidden: this operator may not.
            Unavailable: the directory or the store does not answer.
        """
        match line.wanted:
            case LineRefused() as refused:
                raise refused
            case Record() as person:
                self._take_person(person)
            case OwnedUser() as user:
                self._take_user(self._owned(user))
            case NewUser() as new:
                self._take_user(new)

    def settle(self) -> None:
        """Let the store know of all who were taken; without it, at most the last batch has to be completed by another run."""
        if self._unsettled:
            lacked = self.operations.settle(self._unsettled)
            self.invited += lacked
            self.known += len(self._unsettled) - lacked
            self._unsettled.clear()

    def _take_user(self, new: NewUser) -> None:
        if not self._unsettled:
            self.operations.assert_ready()
        try:
            self._unsettled.append(self.operations.admit(new))
        except AlreadyExists as exc:
            message = f"{new.uid} is there already, with another administratie or owner"
            raise LineRefused(message) from exc
        except ValueRefused as exc:
            raise LineRefused(str(exc)) from exc
        if len(self._unsettled) >= BATCH:
            self.settle()

    def _take_person(self, person: Record) -> None:
        try:
            self.operations.operator.add_person(person)
        except AlreadyExists as exc:
            if not self._is_there(person):
                message = "its name or its address is another owner's"
                raise LineRefused(message) from exc
        except ValueRefused as exc:
            raise LineRefused(str(exc)) from exc

    def _is_there(self, person: Record) -> bool:
        try:
            return self.operations.operator.find_owner(person.dn).has_mail(person.all("mail")[0])
        except UnknownUser:
            return False

    def _owned(self, user: OwnedUser) -> NewUser:
        operator = self.operations.operator
        try:
            owner = operator.find_owner(user.owner_dn)
        except UnknownUser as exc:
            message = "its owner is not in the directory; owners come before their users"
            raise LineRefused(message) from exc
        new = NewUser(user.uid, user.administratie, owner.mail or "", owner.name, owner.language)
        assert_sound(new)
        dn = operator.record_of(new, owner).dn
        if dn.casefold() != user.dn.casefold():
            message = f"its dn must be {dn} here"
            raise LineRefused(message)
        return new
