"""The one gate: whoever acts for a subject comes through here, each time (S46).

Every grant, refresh, introspection and userinfo request ends in `Gate.assert_usable`. Revocation does not: a blocked user's
token can still be revoked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

from idp.domain.client import ClientSubject, UserSubject
from idp.errors import ClientDisabled, SubjectBlocked, SubjectChanged, UnknownUser

if TYPE_CHECKING:
    from idp.domain.client import Client
    from idp.domain.people import Koppelgebruiker, Seen
    from idp.ports.directory import Directory
    from idp.ports.outside import Clock
    from idp.ports.store import Store


@dataclass(frozen=True, slots=True)
class Gate:
    """Decides, from what the directory and the store say at this moment, whether access may be used."""

    directory: Directory
    store: Store
    clock: Clock

    @overload
    def assert_usable(self, subject: UserSubject, client: Client, seen: Seen) -> Koppelgebruiker: ...
    @overload
    def assert_usable(self, subject: ClientSubject, client: Client, seen: None) -> Client: ...

    def assert_usable(self, subject: UserSubject | ClientSubject, client: Client, seen: Seen | None) -> Koppelgebruiker | Client:
        """Let through, or raise.

        Args:
            subject: for whom the client acts.
            client: the application; read again, so that a disabled one is refused at once.
            seen: entry and password when access was given, compared for equality; None for a client alone.

        Returns:
            the subject as it is now.

        Raises:
            ClientDisabled: the client was disabled or removed.
            SubjectChanged: the user is gone, is another one, or has another password.
            SubjectBlocked: a lock, a past end or a future start stands.
            DirectoryUnavailable: it can't be known; access is not given.
        """
        with self.store.reading() as work:
            current = work.clients.get(client.client_id)
        if current is None or not current.enabled:
            raise ClientDisabled
        match subject:
            case ClientSubject(client_id):
                if client_id != current.client_id:
                    raise SubjectChanged
                return current
            case UserSubject(entry_uuid):
                return self._usable_user(entry_uuid, seen)

    def _usable_user(self, entry_uuid: str, seen: Seen | None) -> Koppelgebruiker:
        try:
            user = self.directory.find_user_by_uuid(entry_uuid)
        except UnknownUser as exc:
            raise SubjectChanged from exc
        if user.locks.shut_at(self.clock.now()):
            raise SubjectBlocked
        if user.seen != seen:
            raise SubjectChanged
        return user
