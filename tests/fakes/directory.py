"""A directory in memory. It passes the contract that the real one passes (`tests/contract/directory`)."""

from __future__ import annotations

import re
import threading
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from idp.domain.directory_time import format_generalized_time, parse_generalized_time
from idp.domain.people import Koppelgebruiker, Locks, Owner, Seen
from idp.errors import (
    DirectoryUnavailable,
    EntryChanged,
    InvalidCredentials,
    PasswordBelowPolicy,
    PasswordRejected,
    PasswordTooYoung,
    PasswordUsedBefore,
    UnknownUser,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from idp.ports.outside import Clock

BASE_DN = "dc=u4bsw,dc=nl"
COOLDOWN = timedelta(hours=24)
LONG_PAST = "19700101000000Z"
MINIMUM_CHARACTERS = 15
REMEMBERED = 6
"""The password, and the five before it."""

_LOCKS = {"pwdAccountLockedTime": "locked", "pwdEndTime": "end", "pwdStartTime": "start"}

Entry = TypeVar("Entry", Koppelgebruiker, Owner)


@dataclass
class MemoryDirectory:
    """Entries, and what was ever their password.

    Args:
        clock: the time that passwords change at.
        away: True while it answers nobody.
    """

    clock: Clock
    away: bool = False
    _users: dict[str, Koppelgebruiker] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    _owners: dict[str, Owner] = field(default_factory=dict)
    _passwords: dict[str, list[str]] = field(default_factory=dict, repr=False)
    _one_at_a_time: threading.RLock = field(default_factory=threading.RLock)
    _changes: int = 0

    # -- what an admin does ----------------------------------------------------------------------------------------------

    def add_owner(self, name: str, mail: str, password: str | None = None) -> Owner:
        """Add an owner."""
        dn = f"uid=owner-{len(self._owners)},ou=people,{BASE_DN}"
        owner = Owner(dn, str(uuid.uuid4()), name, mail, "nl", self._first_change(password), Locks())
        self._owners[dn] = owner
        self._passwords[owner.entry_uuid] = [password] if password else []
        return owner

    def add_user(self, uid: str, owner: Owner | None = None, password: str | None = None) -> Koppelgebruiker:
        """Add a koppelgebruiker; its owner matters to few tests."""
        uid = uid.upper()
        owner_dn = owner.dn if owner else f"uid=somebody,ou=people,{BASE_DN}"
        changed = self._first_change(password)
        user = Koppelgebruiker(uid, str(uuid.uuid4()), f"A-{uid}", owner_dn, changed, Locks(), released=False, revision="0")
        self._users[uid], self._names[user.entry_uuid] = user, uid
        self._passwords[user.entry_uuid] = [password] if password else []
        return user

    def set_administratie(self, uid: str, administratie: str) -> None:
        """Have a koppelgebruiker be of another administration."""
        self._keep(replace(self._users[uid], administratie=administratie))

    def delete(self, uid: str) -> None:
        """Delete a koppelgebruiker."""
        del self._users[uid]

    def set_password(self, uid: str, password: str) -> None:
        """Write a koppelgebruiker's password, whatever the policy says."""
        user = self._users[uid]
        self._passwords[user.entry_uuid].append(password)
        self._keep(replace(user, password_changed=self._change_after(user.password_changed), released=False))

    def write(self, entry: Koppelgebruiker | Owner, attribute: str, value: str | None) -> None:
        """Write one operational attribute, or delete it."""
        if attribute == "pwdReset" and isinstance(entry, Koppelgebruiker):
            self._keep(replace(self._users[entry.uid], released=value == "TRUE"))
        elif isinstance(entry, Koppelgebruiker):
            user = self._users[entry.uid]
            self._keep(replace(user, locks=replace(user.locks, **{_LOCKS[attribute]: value})))
        else:
            owner = self._owners[entry.dn]
            self._owners[entry.dn] = replace(owner, locks=replace(owner.locks, **{_LOCKS[attribute]: value}))

    def release(self, user: Koppelgebruiker) -> None:
        """Waive the cooldown once, as support does."""
        self.write(user, "pwdReset", "TRUE")

    def block(self, uid: str) -> None:
        """Write `pwdEndTime` in the past."""
        self.write(self._users[uid], "pwdEndTime", LONG_PAST)

    def unblock(self, uid: str) -> None:
        """Delete whatever blocks."""
        for attribute in _LOCKS:
            self.write(self._users[uid], attribute, None)

    def age(self, entry: Koppelgebruiker | Owner, by: timedelta) -> None:
        """Put the last change of a password back in time."""
        if isinstance(entry, Koppelgebruiker):
            user = self._users[entry.uid]
            self._keep(replace(user, password_changed=_earlier(user.password_changed, by)))
        else:
            owner = self._owners[entry.dn]
            self._owners[entry.dn] = replace(owner, password_changed=_earlier(owner.password_changed, by))

    # -- the port: reads -------------------------------------------------------------------------------------------------

    def find_user(self, bare: str | None) -> Koppelgebruiker:
        """Read one by name."""
        name = bare.upper() if bare and re.fullmatch("[A-Za-z0-9]{1,32}", bare) else None
        return self._first(user for user in (self._users.get(name or ""),) if user)

    def find_user_by_uuid(self, entry_uuid: str) -> Koppelgebruiker:
        """Read one by `entryUUID`."""
        name = self._names.get(entry_uuid, "")
        return self._first(user for user in (self._users.get(name),) if user and user.entry_uuid == entry_uuid)

    def users_of(self, owner: Owner) -> list[Koppelgebruiker]:
        """Read an owner's."""
        self.ping()
        return sorted((user for user in self._users.values() if user.owner_dn == owner.dn), key=lambda user: user.uid)

    def find_owner(self, dn: str) -> Owner:
        """Read one by DN."""
        return self._first(owner for owner in self._owners.values() if owner.dn.lower() == dn.lower())

    def find_owner_by_uuid(self, entry_uuid: str) -> Owner:
        """Read one by `entryUUID`."""
        return self._first(owner for owner in self._owners.values() if owner.entry_uuid == entry_uuid)

    def find_owner_by_mail(self, mail: str) -> Owner:
        """Read one by mail address."""
        return self._first(owner for owner in self._owners.values() if owner.mail and owner.mail.lower() == mail.lower())

    def ping(self) -> None:
        """Answer, or not."""
        if self.away:
            raise DirectoryUnavailable

    # -- the port: passwords and blocks ----------------------------------------------------------------------------------

    def bind_user(self, user: Koppelgebruiker | None, password: str) -> None:
        """Check a password."""
        self._bind(user, password, lambda: self._users[user.uid] if user and user.uid in self._users else None)

    def bind_owner(self, owner: Owner | None, password: str) -> None:
        """Check a portal password."""
        self._bind(owner, password, lambda: self._owners.get(owner.dn) if owner else None)

    def set_user_password(self, user: Koppelgebruiker, seen: Seen, password: str) -> None:
        """Write a password."""
        self.ping()
        with self._one_at_a_time:
            current = self._users.get(user.uid)
            if current is None:
                raise EntryChanged
            if current.next_reset_at(self.clock.now(), COOLDOWN) is not None:
                raise PasswordTooYoung
            self._write(current, seen, password)
            self._keep(replace(current, password_changed=self._change_after(current.password_changed), released=False))

    def set_owner_password(self, owner: Owner, seen: Seen, password: str) -> None:
        """Write a portal password."""
        self.ping()
        with self._one_at_a_time:
            current = self._owners.get(owner.dn)
            if current is None:
                raise EntryChanged
            self._write(current, seen, password)
            self._owners[owner.dn] = replace(current, password_changed=self._change_after(current.password_changed))

    def block_user(self, user: Koppelgebruiker) -> None:
        """Add a block."""
        current = self.find_user_by_uuid(user.entry_uuid)
        if current.locks.end is None:
            self.write(current, "pwdEndTime", LONG_PAST)
        elif not current.locks.shut_at(self.clock.now()):
            self.write(current, "pwdAccountLockedTime", "000001010000Z")

    def _first(self, found: Iterable[Entry]) -> Entry:
        self.ping()
        for entry in found:
            return entry
        raise UnknownUser

    def _bind(self, read: Entry | None, password: str, current: Callable[[], Entry | None]) -> None:
        self.ping()
        entry = current()
        if not password or read is None or entry is None or entry.password_changed is None:
            raise InvalidCredentials
        if any(state.locks.shut_at(self.clock.now()) for state in (read, entry)):
            raise InvalidCredentials
        if self._passwords[entry.entry_uuid][-1] != password:
            raise InvalidCredentials

    def _write(self, current: Koppelgebruiker | Owner, seen: Seen, password: str) -> None:
        # In slapd's order: the policy first, what was asserted last.
        former = self._passwords[current.entry_uuid]
        if len(password) < MINIMUM_CHARACTERS:
            raise PasswordBelowPolicy
        if re.search("[\ud800-\udfff]", password):
            raise PasswordRejected
        if password in former[-REMEMBERED:]:
            raise PasswordUsedBefore
        if current.seen != seen or current.locks.shut_at(self.clock.now()):
            raise EntryChanged
        former.append(password)

    def _keep(self, user: Koppelgebruiker) -> None:
        self._changes += 1
        self._names[user.entry_uuid] = user.uid
        self._users[user.uid] = replace(user, revision=str(self._changes))

    def _first_change(self, password: str | None) -> str | None:
        return self._change_after(None) if password else None

    def _change_after(self, former: str | None) -> str:
        # Never the same as before: tests don't wait for a second to pass, as people do.
        earliest = (parse_generalized_time(former) if former else None) or datetime.min.replace(tzinfo=UTC)
        return format_generalized_time(max(self.clock.now(), earliest + timedelta(seconds=1)))


def _earlier(moment: str | None, by: timedelta) -> str | None:
    parsed = parse_generalized_time(moment) if moment else None
    return format_generalized_time(parsed - by) if parsed else moment
