"""An operator at the command line, in memory; it passes `tests/contract/directory/test_operator_in_memory.py`."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from idp.domain.directory_time import parse_generalized_time
from idp.domain.ldif import Record
from idp.domain.people import Locks
from idp.errors import AlreadyExists, Forbidden, UnknownUser, ValueRefused
from idp.services.operations import Operations
from tests.fakes.directory import BASE_DN
from tests.services.calls import Watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from idp.domain.people import Koppelgebruiker, Owner
    from idp.ports.directory import DirectoryOperator, NewUser
    from tests.services.admin import AdministeredDirectory
    from tests.services.world import World


@dataclass
class MemoryOperator:
    """The port `DirectoryOperator` over a directory in memory.

    Args:
        directory: where it works.
        identity: who is bound.
        may_write: False for whom the directory's access rules let read only.
    """

    directory: AdministeredDirectory
    identity: str = "cn=jan,ou=support"
    may_write: bool = True

    def look_ahead(self, news: Sequence[NewUser]) -> None:
        """Nothing is faster here for it."""

    def create_user(self, new: NewUser) -> tuple[Koppelgebruiker, Owner]:
        """Create a koppelgebruiker, and its owner if there is none."""
        self._assert_may_write()
        if self._exists(new.uid):
            raise AlreadyExists
        owner = self._owner(new)
        self.directory.add_user(new.uid.upper(), owner)
        self.directory.set_administratie(new.uid.upper(), new.administratie)
        return self.directory.find_user(new.uid), owner

    def find_user(self, bare: str | None) -> Koppelgebruiker:
        """Read one."""
        return self.directory.find_user(bare)

    def find_owner(self, dn: str) -> Owner:
        """Read one."""
        return self.directory.find_owner(dn)

    def all_users(
        self,
        *,
        changed_since: datetime | None = None,
        with_locks: bool = False,
        odd: Callable[[str], None] | None = None,
    ) -> Iterator[Koppelgebruiker]:
        """Read all. None is odd here."""
        del odd
        for user in self.directory.all_users():
            changed = parse_generalized_time(user.password_changed or "")
            is_late = changed_since is None or (changed is not None and changed >= changed_since)
            if is_late and (not with_locks or user.locks != Locks()):
                yield user

    def all_people(self, odd: Callable[[str], None]) -> Iterator[Record]:
        """Write all owners down."""
        del odd
        for owner in self.directory.all_owners():
            facts = [("objectClass", "inetOrgPerson"), ("uid", owner.dn.partition("=")[2].partition(",")[0]), ("cn", owner.name)]
            facts += [("sn", owner.name.split()[-1])]
            facts += [("mail", owner.mail)] if owner.mail else []
            facts += [("preferredLanguage", owner.language), ("pwdPolicySubentry", f"cn=people,ou=policies,{BASE_DN}")]
            yield Record(owner.dn, tuple(facts))

    def record_of(self, user: NewUser | Koppelgebruiker, owner: Owner) -> Record:
        """Write a koppelgebruiker down."""
        uid = user.uid.upper()
        facts = (("uid", uid), ("administratie", user.administratie), ("owner", owner.dn))
        classes = (("objectClass", "account"), ("objectClass", "koppelgebruiker"))
        return Record(f"uid={uid},ou=koppelgebruikers,{BASE_DN}", (*classes, *facts))

    def add_person(self, person: Record) -> None:
        """Add an owner as they were written down."""
        self._assert_may_write()
        if person.dn.partition(",")[2] != f"ou=people,{BASE_DN}":
            raise ValueRefused
        with contextlib.suppress(UnknownUser):
            self.directory.find_owner(person.dn)
            raise AlreadyExists
        with contextlib.suppress(UnknownUser):
            self.directory.find_owner_by_mail(person.all("mail")[0])
            raise AlreadyExists
        language = next(iter(person.all("preferredLanguage")), "nl")
        self.directory.put_owner(person.dn, person.all("cn")[0], person.all("mail")[0], language)

    def release(self, user: Koppelgebruiker) -> str | None:
        """Waive the cooldown once."""
        self._assert_may_write(user)
        self.directory.release(user)
        return self.find_user(user.uid).revision

    def block(self, user: Koppelgebruiker) -> str | None:
        """Write an end in the past."""
        self._assert_may_write(user)
        self.directory.block(user.uid)
        return self.find_user(user.uid).revision

    def unblock(self, user: Koppelgebruiker) -> str | None:
        """Delete whatever blocks."""
        self._assert_may_write(user)
        self.directory.unblock(user.uid)
        return self.find_user(user.uid).revision

    def change_mail(self, owner: Owner, mail: str) -> str | None:
        """Write an owner's address."""
        self._assert_may_write()
        try:
            holder = self.directory.find_owner_by_mail(mail)
        except UnknownUser:
            holder = owner
        if holder.dn != owner.dn:
            raise AlreadyExists
        self.directory.set_mail(owner, mail)
        return None  # owners have no revision here

    def _owner(self, new: NewUser) -> Owner:
        try:
            return self.directory.find_owner_by_mail(new.owner_mail)
        except UnknownUser:
            owner = self.directory.add_owner(new.owner_name, new.owner_mail)
        self.directory.set_language(owner, new.language)
        return self.directory.find_owner(owner.dn)

    def _exists(self, uid: str) -> bool:
        try:
            self.directory.find_user(uid)
        except UnknownUser:
            return False
        return True

    def _assert_may_write(self, user: Koppelgebruiker | None = None) -> None:
        if not self.may_write:
            raise Forbidden
        if user is not None:
            self.directory.find_user_by_uuid(user.entry_uuid)


def operations_of(world: World) -> Operations:
    """What Jan, of support, does; his calls are written down."""
    operator = cast("DirectoryOperator", Watched(MemoryOperator(world.admin), "operator", world.calls))
    return Operations(operator, world.store, world.clock)
