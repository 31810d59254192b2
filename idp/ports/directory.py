"""The directory: the only truth about who exists and whether they may enter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from idp.domain.ldif import Record
    from idp.domain.people import Koppelgebruiker, Owner, Seen


class Directory(Protocol):
    """What the service's own identity does. Each method may raise `DirectoryUnavailable`.

    Every read is live; nothing is cached.
    """

    def find_user(self, bare: str | None) -> Koppelgebruiker:
        """Read a koppelgebruiker by its bare name.

        Args:
            bare: normalised name; None is looked up as well, under a name that can't exist, at the same cost.

        Raises:
            UnknownUser: there is none.
        """

    def find_user_by_uuid(self, entry_uuid: str) -> Koppelgebruiker:
        """Read a koppelgebruiker by `entryUUID`. Raises `UnknownUser`."""

    def users_of(self, owner: Owner) -> list[Koppelgebruiker]:
        """Read the koppelgebruikers of one owner, ordered by name."""

    def find_owner(self, dn: str) -> Owner:
        """Read an owner by DN. Raises `UnknownUser`, for a DN outside the people's container too."""

    def find_owner_by_uuid(self, entry_uuid: str) -> Owner:
        """Read an owner by `entryUUID`. Raises `UnknownUser`."""

    def find_owner_by_mail(self, mail: str) -> Owner:
        """Read an owner by mail address, exactly one. Raises `UnknownUser`."""

    def bind_user(self, user: Koppelgebruiker | None, password: str) -> None:
        """Check a koppelgebruiker's password by simple bind as itself.

        Args:
            user: as read just before; None, one who is shut out or one without a password costs the same, a bind to the decoy.
            password: never empty (RFC 4513 section 5.1.2: that would be an anonymous bind).

        Raises:
            InvalidCredentials: wrong, unknown, locked, or no password.
        """

    def bind_owner(self, owner: Owner | None, password: str) -> None:
        """Check an owner's portal password; as `bind_user`."""

    def set_user_password(self, user: Koppelgebruiker, seen: Seen, password: str) -> None:
        """Write a koppelgebruiker's password as an ordinary writer: the password policy applies.

        An assertion (RFC 4528) makes it one step: nothing is written unless `seen` still holds and no lock stands.

        Raises:
            EntryChanged: `seen` does not hold, or a lock stands.
            PasswordTooYoung: `pwdMinAge` has not passed.
            PasswordUsedBefore: in the history.
            PasswordRejected: another rule of the policy; the subclass says which, where the server does.
            PasswordNotWritable: the service may not, whichever password it is.
            DirectoryRefuses: it was not written: read-only, full.
            DirectoryUnavailable: no answer; it may or may not have been written.
        """

    def set_owner_password(self, owner: Owner, seen: Seen, password: str) -> None:
        """Write an owner's portal password; as `set_user_password`."""

    def block_user(self, user: Koppelgebruiker) -> None:
        """Add a block, from now; where a future `pwdEndTime` stands, add the lock. A block that stands is no error."""

    def ping(self) -> None:
        """Ask for one answer of each kind. Raises `DirectoryUnavailable`; it is `LookUpsNotIndexed` if an index is missing."""


@dataclass(frozen=True, slots=True)
class NewUser:
    """What an invitation or an import creates.

    Args:
        uid: bare name.
        administratie: identifier of the administration.
        owner_mail: address of the owner; an owner who exists is taken.
        owner_name: `cn` for a new owner.
        language: `nl` or `en` for a new owner.
    """

    uid: str
    administratie: str
    owner_mail: str
    owner_name: str
    language: str = "nl"


class DirectoryOperator(Protocol):
    """What an operator does, bound as themselves. Each method may raise `DirectoryUnavailable` and `Forbidden`.

    A change gives the position that it has in the directory's log (see `ports.changes`); None where the directory doesn't tell.
    """

    @property
    def identity(self) -> str:
        """Who is bound, for the audit."""

    def look_ahead(self, news: Sequence[NewUser]) -> None:
        """Ask at once for who is there of those who are to be created next, rather than one by one; none: forget that."""

    def create_user(self, new: NewUser) -> tuple[Koppelgebruiker, Owner]:
        """Create a koppelgebruiker without a password, and its owner if there is none.

        Returns:
            the user, whose `revision` is the position of its being added, and the owner.

        Raises:
            AlreadyExists: the uid is taken.
            ValueRefused: the directory doesn't take a value.
        """

    def find_user(self, bare: str | None) -> Koppelgebruiker:
        """Read one. Raises `UnknownUser`."""

    def find_owner(self, dn: str) -> Owner:
        """Read one. Raises `UnknownUser`."""

    def all_users(
        self,
        *,
        changed_since: datetime | None = None,
        with_locks: bool = False,
        odd: Callable[[str], None] | None = None,
    ) -> Iterator[Koppelgebruiker]:
        """Read all, a page at a time as they are asked for, ordered as the directory gives them.

        Args:
            changed_since: only those whose password was changed then or later.
            with_locks: only those with any attribute that may shut them out, whether it does or not.
            odd: told the DN of each entry that is left out since it is none: with two owners, say.
        """

    def all_people(self, odd: Callable[[str], None]) -> Iterator[Record]:
        """Read all owners, as `all_users`, written down so that they can be added elsewhere: no password, no state."""

    def record_of(self, user: NewUser | Koppelgebruiker, owner: Owner) -> Record:
        """Write a koppelgebruiker down, as `all_people` does owners."""

    def add_person(self, person: Record) -> None:
        """Add an owner as they were written down.

        Raises:
            AlreadyExists: there is an entry of this name, or another one has the address.
            ValueRefused: the directory doesn't take it, or not there.
        """

    def release(self, user: Koppelgebruiker) -> str | None:
        """Waive the cooldown once: `pwdReset: TRUE` (R24)."""

    def block(self, user: Koppelgebruiker) -> str | None:
        """Write `pwdEndTime` in the past; it survives password changes."""

    def unblock(self, user: Koppelgebruiker) -> str | None:
        """Delete `pwdEndTime`, `pwdAccountLockedTime` and `pwdStartTime`."""

    def change_mail(self, owner: Owner, mail: str) -> str | None:
        """Write an owner's mail address. Raises `AlreadyExists` when another owner has it."""
