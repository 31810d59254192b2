"""Koppelgebruikers in memory: what the token service reads of a directory, and hands to change it with."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from idp.domain.directory_time import format_generalized_time
from idp.domain.people import Koppelgebruiker, Locks
from idp.errors import InvalidCredentials, UnknownUser

LONG_AGO = "19700101000000Z"


@dataclass
class People:
    """The reading half of the port `Directory`, for koppelgebruikers."""

    _users: dict[str, Koppelgebruiker] = field(default_factory=dict)
    _passwords: dict[str, str | None] = field(default_factory=dict, repr=False)
    _changes: int = 0

    # -- the port --------------------------------------------------------------------------------------------------------

    def find_user(self, bare: str | None) -> Koppelgebruiker:
        """Read by name."""
        user = self._users.get(bare or "")
        if user is None:
            raise UnknownUser
        return user

    def find_user_by_uuid(self, entry_uuid: str) -> Koppelgebruiker:
        """Read by `entryUUID`."""
        for user in self._users.values():
            if user.entry_uuid == entry_uuid:
                return user
        raise UnknownUser

    def bind_user(self, user: Koppelgebruiker | None, password: str) -> None:
        """Check a password; an empty one would succeed, as an anonymous bind does (RFC 4513 section 5.1.2)."""
        if not password:
            return
        right = self._passwords.get(user.uid) if user else None
        if user is None or user.locks != Locks() or right is None or right != password:
            raise InvalidCredentials

    # -- what an admin does ----------------------------------------------------------------------------------------------

    def create(self, uid: str, password: str | None) -> None:
        """Add an entry."""
        changed = self._now() if password else None
        entry_uuid = str(uuid.uuid4())
        owner = "uid=owner,ou=people,dc=u4bsw,dc=nl"
        self._users[uid] = Koppelgebruiker(uid, entry_uuid, f"adm-{uid}", owner, changed, Locks(), False, self._now())  # noqa: FBT003
        self._passwords[uid] = password

    def delete(self, uid: str) -> None:
        """Remove an entry."""
        del self._users[uid], self._passwords[uid]

    def set_password(self, uid: str, password: str) -> None:
        """Write `userPassword`."""
        self._change(uid, password_changed=self._now())
        self._passwords[uid] = password

    def block(self, uid: str) -> None:
        """Write `pwdEndTime` in the past."""
        self._change(uid, locks=Locks(end=LONG_AGO))

    def unblock(self, uid: str) -> None:
        """Delete `pwdEndTime`."""
        self._change(uid, locks=Locks())

    def _change(self, uid: str, **changes: object) -> None:
        self._users[uid] = replace(self._users[uid], revision=self._now(), **changes)  # type: ignore[arg-type]  # fields by name

    def _now(self) -> str:
        # Each change has a time of its own, in whole seconds, as the directory has.
        self._changes += 1
        return format_generalized_time(datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=self._changes))
