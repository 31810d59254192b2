"""A directory with an admin's hands on whatever else an entry has."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from idp.domain.people import Locks, Owner
from tests.fakes.directory import MemoryDirectory

if TYPE_CHECKING:
    from idp.domain.people import Koppelgebruiker


class AdministeredDirectory(MemoryDirectory):
    """`MemoryDirectory`, and what ordinary LDAP tooling does to it besides."""

    def set_locks(self, uid: str, locks: Locks) -> None:
        """Write all three attributes that shut an entry out."""
        self._keep(replace(self._users[uid], locks=locks))

    def recreate(self, uid: str, owner: Owner) -> None:
        """Delete a koppelgebruiker, and make another one of the same name, which has no password."""
        self.delete(uid)
        self.add_user(uid, owner)

    def rename(self, uid: str, new_uid: str) -> None:
        """Give it another name; it stays the same entry."""
        user = self._users.pop(uid)
        self._keep(replace(user, uid=new_uid))

    def set_administratie(self, uid: str, administratie: str) -> None:
        """Write the administration's identifier."""
        self._keep(replace(self._users[uid], administratie=administratie))

    def give_to(self, uid: str, owner: Owner) -> None:
        """Make somebody else its owner."""
        self._keep(replace(self._users[uid], owner_dn=owner.dn))

    def set_mail(self, owner: Owner, mail: str | None) -> None:
        """Write or delete an owner's address."""
        self._owners[owner.dn] = replace(self._owners[owner.dn], mail=mail)

    def set_language(self, owner: Owner, language: str) -> None:
        """Write an owner's `preferredLanguage`."""
        self._owners[owner.dn] = replace(self._owners[owner.dn], language=language)

    def set_owner_locks(self, owner: Owner, locks: Locks) -> None:
        """Write all three attributes that shut an owner out."""
        self._owners[owner.dn] = replace(self._owners[owner.dn], locks=locks)

    def change_owner_password(self, owner: Owner, password: str) -> None:
        """Write an owner's password, whatever the policy says."""
        current = self._owners[owner.dn]
        self._passwords[owner.entry_uuid].append(password)
        self._owners[owner.dn] = replace(current, password_changed=self._change_after(current.password_changed))

    def recreate_owner(self, owner: Owner) -> None:
        """Delete an owner, and make another one with the same DN and address."""
        self._owners[owner.dn] = replace(owner, entry_uuid=str(uuid.uuid4()))

    def delete_owner(self, owner: Owner) -> None:
        """Delete an owner; their koppelgebruikers stay."""
        del self._owners[owner.dn]

    def put_owner(self, dn: str, name: str, mail: str, language: str) -> None:
        """Add an owner under a name of their own."""
        self._owners[dn] = Owner(dn, str(uuid.uuid4()), name, mail, language, None, Locks())
        self._passwords[self._owners[dn].entry_uuid] = []

    def all_owners(self) -> list[Owner]:
        """Read all."""
        return list(self._owners.values())

    def all_users(self) -> list[Koppelgebruiker]:
        """Read all."""
        return list(self._users.values())
