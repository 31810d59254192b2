"""Creating koppelgebruikers and owners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.adapters.ldap.entries import OWNER_ATTRIBUTES, USER_ATTRIBUTES, to_owner, to_user
from idp.adapters.ldap.looked_ahead import LookedAhead
from idp.adapters.ldap.newcomers import Newcomers
from idp.adapters.ldap.people import People
from idp.errors import AlreadyExists, EntryMalformed, UnknownUser, ValueRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp.adapters.ldap.lane import Lane
    from idp.adapters.ldap.tree import Tree
    from idp.adapters.ldap.writing import Writer
    from idp.domain.ldif import Record
    from idp.domain.people import Koppelgebruiker, Owner
    from idp.ports.directory import NewUser


class Creating(People):
    """People, and how they come to be.

    Args:
        lane: connections of whoever reads.
        tree: where entries are.
        writer: of the same identity.
    """

    def __init__(self, lane: Lane, tree: Tree, writer: Writer) -> None:
        super().__init__(lane, tree)
        self._newcomers = Newcomers(tree, writer)
        self._ahead = LookedAhead()

    def look_ahead(self, news: Sequence[NewUser]) -> None:
        """Ask at once for who is there of those who are to be created next."""
        self._ahead = LookedAhead.read(self._lane, self._tree, news)

    def create_user(self, new: NewUser) -> tuple[Koppelgebruiker, Owner]:
        """Create a koppelgebruiker without a password, and its owner if there is none.

        The owner comes first: what a crash leaves is an owner, whom the next try finds.

        Returns:
            the user and the owner.

        Raises:
            AlreadyExists: the uid is taken.
            Forbidden: not to this identity, or a value that the directory doesn't take.
        """
        if self._is_taken(new.uid):
            raise AlreadyExists
        owner = self._owner_for(new)
        record = self._newcomers.user_with_policy(self.record_of(new, owner))
        added = self._newcomers.add(record, USER_ATTRIBUTES)
        try:
            return to_user(added), owner
        except EntryMalformed:  # what it is now was not told, or only in part
            return self.find_user(new.uid), owner

    def add_person(self, person: Record) -> None:
        """Add an owner as they were written down. Errors as `create_user`'s; `ValueRefused` for a place that isn't people's."""
        if not self._tree.is_person(person.dn):
            message = f"its dn is not below {self._tree.people_dn}"
            raise ValueRefused(message)
        try:
            self._newcomers.add(self._newcomers.with_policy(person), ("1.1",))
        except UnknownUser as exc:
            message = "there is no entry above it"
            raise ValueRefused(message) from exc

    def record_of(self, user: NewUser | Koppelgebruiker, owner: Owner) -> Record:
        """Write a koppelgebruiker down."""
        return self._newcomers.user(user.uid, user.administratie, owner.dn)

    def _is_taken(self, uid: str) -> bool:
        if uid.upper() in self._ahead.free:
            self._ahead.free.discard(uid.upper())
            return False
        try:
            self.find_user(uid)
        except EntryMalformed:
            return True
        except UnknownUser:
            return False
        return True

    def _owner_for(self, new: NewUser) -> Owner:
        mail, ahead = new.owner_mail.lower(), self._ahead.owners
        owner = ahead[mail] if mail in ahead else self._owner_at(new.owner_mail)
        if owner is None:
            owner = self._added_owner(new)
        if mail in ahead:
            ahead[mail] = owner
        return owner

    def _owner_at(self, mail: str) -> Owner | None:
        try:
            return self.find_owner_by_mail(mail)
        except UnknownUser:
            return None

    def _added_owner(self, new: NewUser) -> Owner:
        try:
            return to_owner(self._newcomers.add(self._newcomers.person(new), OWNER_ATTRIBUTES))
        except (AlreadyExists, EntryMalformed) as exc:  # another invitation was faster; or what was added was not told
            owner = self._owner_at(new.owner_mail)
            if owner is None:
                message = "the address is that of an entry that is not as it should be; see idp directory check"
                raise ValueRefused(message) from exc
            return owner
