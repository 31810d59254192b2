"""Koppelgebruikers and their owners, as the directory shows them at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from idp.domain.directory_time import parse_generalized_time
from idp.domain.mail_address import is_address

if TYPE_CHECKING:
    from datetime import timedelta

FARTHEST_END = datetime(3000, 1, 1, tzinfo=UTC)
"""What ends behind it, slapd 2.5 counts wrongly: it refuses who ends in 5000 or on the last day of 9999, not who ends in 9000."""


@dataclass(frozen=True, slots=True)
class Locks:
    """What may shut an entry out, as raw Generalized Time values.

    Args:
        locked: `pwdAccountLockedTime`; in force whenever it stands (the policy's lock-out has no duration).
        end: `pwdEndTime`; in force once it has passed.
        start: `pwdStartTime`; in force until it has passed.
    """

    locked: str | None = None
    end: str | None = None
    start: str | None = None

    def shut_at(self, now: datetime) -> bool:
        """Tell whether slapd would refuse this entry; a value that can't be read, or not be relied on, shuts it."""
        if self.locked is not None:
            return True
        if self.end is not None:
            end = parse_generalized_time(self.end)
            if end is None or not now < end < FARTHEST_END:
                return True
        if self.start is not None:
            start = parse_generalized_time(self.start)
            if start is None or start > now:
                return True
        return False


@dataclass(frozen=True, slots=True)
class Seen:
    """What access is bound to: this entry with this password, compared for equality.

    A user deleted and made anew has another `entryUUID`; a changed password another `pwdChangedTime`. The time has whole
    seconds, hence equality and no order.
    """

    entry_uuid: str
    password_changed: str | None


@dataclass(frozen=True, slots=True)
class Koppelgebruiker:
    """A machine account of one administration.

    Args:
        uid: the bare name, `[A-Z0-9]{1,32}`.
        entry_uuid: `entryUUID`, the subject of tokens.
        administratie: identifier of the administration.
        owner_dn: DN of the owner below `ou=people`.
        password_changed: raw `pwdChangedTime`; None when no password was ever set.
        locks: what may shut the entry out.
        released: `pwdReset` is TRUE: support waived the cooldown once.
        revision: `entryCSN`; another one after any change of the entry.
    """

    uid: str
    entry_uuid: str
    administratie: str
    owner_dn: str
    password_changed: str | None
    locks: Locks
    released: bool
    revision: str

    @property
    def seen(self) -> Seen:
        """What a grant or a link made now is bound to."""
        return Seen(self.entry_uuid, self.password_changed)

    @property
    def password_since(self) -> datetime | None:
        """When the present password was chosen; None without one, or where the directory's moment can't be read."""
        return None if self.password_changed is None else parse_generalized_time(self.password_changed)

    def is_shut_to(self, owner: Owner, now: datetime) -> bool:
        """Tell whether nobody may choose its password: it is shut out, or its owner is, whose mailbox is not theirs then.

        Args:
            owner: its own.
            now: the present moment.
        """
        return self.locks.shut_at(now) or owner.locks.shut_at(now)

    def next_reset_at(self, now: datetime, cooldown: timedelta) -> datetime | None:
        """Give the end of the cooldown, or None when a reset is possible now (R27, R28).

        Args:
            now: the present moment.
            cooldown: the policy's `pwdMinAge`.
        """
        changed = self.password_since
        if self.released or changed is None or changed + cooldown <= now:
            return None
        return changed + cooldown


@dataclass(frozen=True, slots=True)
class Owner:
    """A person who logs in to the portal, and to whom mail goes.

    Args:
        dn: distinguished name below `ou=people`.
        entry_uuid: `entryUUID`.
        name: `cn`, for the greeting.
        mail: the one address that mail goes to, or None when the directory has none.
        language: `nl` or `en`, from `preferredLanguage`.
        password_changed: raw `pwdChangedTime` of the portal password, or None.
        locks: what may shut the entry out.
    """

    dn: str
    entry_uuid: str
    name: str
    mail: str | None
    language: str
    password_changed: str | None
    locks: Locks

    @property
    def seen(self) -> Seen:
        """What a portal session made now is bound to."""
        return Seen(self.entry_uuid, self.password_changed)

    @property
    def address(self) -> str | None:
        """Where mail to them goes; None when the directory has no address, or one that no mail can go to."""
        return self.mail if self.mail is not None and is_address(self.mail) else None

    def has_mail(self, address: str) -> bool:
        """Tell whether an address is this owner's, in any spelling."""
        return self.mail is not None and self.mail.casefold() == address.casefold()
