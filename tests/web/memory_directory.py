"""A directory in memory, for tests of pages: it keeps to the port `Directory`, and can go away and come back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from idp.domain.directory_time import format_generalized_time
from idp.domain.people import Koppelgebruiker, Locks, Owner, Seen
from idp.errors import (
    DirectoryUnavailable,
    EntryChanged,
    InvalidCredentials,
    PasswordTooYoung,
    PasswordUsedBefore,
    UnknownUser,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from idp.ports.outside import Clock

_PAST = "19700101000000Z"
Entry = TypeVar("Entry", Koppelgebruiker, Owner)


@dataclass
class MemoryDirectory:
    """Entries, and what was ever their password."""

    clock: Clock
    owners: dict[str, Owner] = field(default_factory=dict)
    users: dict[str, Koppelgebruiker] = field(default_factory=dict)
    history: dict[str, list[str]] = field(default_factory=dict, repr=False)
    away: bool = False

    # -- what a test does to it --

    def add_owner(self, name: str, mail: str, password: str) -> Owner:
        """Add an owner."""
        number = f"owner-{len(self.owners)}"
        owner = Owner(f"uid={number},ou=people", number, name, mail, "nl", self._now(), Locks())
        self.owners[number] = owner
        self.history[number] = [password]
        return owner

    def add_user(self, uid: str, owner: Owner) -> None:
        """Add a koppelgebruiker, which has no password yet."""
        self.users[uid] = Koppelgebruiker(uid, f"user-{uid}", f"A-{uid}", owner.dn, None, Locks(), released=False, revision="0")

    def release(self, user: Koppelgebruiker) -> None:
        """Waive the cooldown once, as support does."""
        self.users[user.uid] = replace(self.users[user.uid], released=True)

    # -- the port --

    def find_user(self, bare: str | None) -> Koppelgebruiker:
        """Read one by name."""
        return self._first(user for user in self.users.values() if user.uid == bare)

    def find_user_by_uuid(self, entry_uuid: str) -> Koppelgebruiker:
        """Read one by `entryUUID`."""
        return self._first(user for user in self.users.values() if user.entry_uuid == entry_uuid)

    def users_of(self, owner: Owner) -> list[Koppelgebruiker]:
        """Read an owner's."""
        self.ping()
        return sorted((user for user in self.users.values() if user.owner_dn == owner.dn), key=lambda user: user.uid)

    def find_owner(self, dn: str) -> Owner:
        """Read one by DN."""
        return self._first(owner for owner in self.owners.values() if owner.dn == dn)

    def find_owner_by_uuid(self, entry_uuid: str) -> Owner:
        """Read one by `entryUUID`."""
        return self._first(owner for owner in self.owners.values() if owner.entry_uuid == entry_uuid)

    def find_owner_by_mail(self, mail: str) -> Owner:
        """Read one by mail address."""
        return self._first(owner for owner in self.owners.values() if owner.mail == mail)

    def bind_user(self, user: Koppelgebruiker | None, password: str) -> None:
        """Check a password."""
        self._bind(user.entry_uuid if user else "", password)

    def bind_owner(self, owner: Owner | None, password: str) -> None:
        """Check a portal password."""
        self._bind(owner.entry_uuid if owner else "", password)

    def set_user_password(self, user: Koppelgebruiker, seen: Seen, password: str) -> None:
        """Write a password; history and minimal age apply."""
        self.ping()
        current = self.users[user.uid]
        if current.seen != seen or current.locks != Locks():
            raise EntryChanged
        if current.password_changed is not None and not current.released:
            raise PasswordTooYoung  # no test lives for a day
        self._write(user.entry_uuid, password)
        self.users[user.uid] = replace(current, password_changed=self._now(), released=False)

    def set_owner_password(self, owner: Owner, seen: Seen, password: str) -> None:
        """Write a portal password; history applies."""
        self.ping()
        current = self.owners[owner.entry_uuid]
        if current.seen != seen:
            raise EntryChanged
        self._write(owner.entry_uuid, password)
        self.owners[owner.entry_uuid] = replace(current, password_changed=f"{self._now()[:-1]}.5Z")

    def block_user(self, user: Koppelgebruiker) -> None:
        """Add a block."""
        self.ping()
        self.users[user.uid] = replace(self.users[user.uid], locks=Locks(end=_PAST))

    def ping(self) -> None:
        """Answer, or not."""
        if self.away:
            raise DirectoryUnavailable

    def _first(self, found: Iterable[Entry]) -> Entry:
        self.ping()
        for entry in found:
            return entry
        raise UnknownUser

    def _bind(self, entry_uuid: str, password: str) -> None:
        self.ping()
        if self.history.get(entry_uuid, [""])[-1] != password:
            raise InvalidCredentials

    def _write(self, entry_uuid: str, password: str) -> None:
        former = self.history.setdefault(entry_uuid, [])
        if password in former:
            raise PasswordUsedBefore
        former.append(password)

    def _now(self) -> str:
        return format_generalized_time(self.clock.now())
