"""What an owner sees of their couplings (*koppelingen*), and how they end them (S42)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from idp.domain.audit import AuditEvent
from idp.domain.capability import FETCHED_FOR
from idp.errors import UnknownCoupling
from idp.services.own_user import own_user

if TYPE_CHECKING:
    from datetime import datetime

    from idp.domain.grant import Coupling, Grant
    from idp.domain.people import Koppelgebruiker, Owner
    from idp.ports.directory import Directory
    from idp.ports.outside import Clock
    from idp.ports.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class CoupledUser:
    """One koppelgebruiker and who is let in by it.

    Args:
        user: as the directory shows it.
        blocked: a lock stands; then nobody is let in.
        couplings: given with its present password, oldest first.
    """

    user: Koppelgebruiker
    blocked: bool
    couplings: tuple[Coupling, ...]


@dataclass(frozen=True, slots=True)
class Couplings:
    """See and end. Whose a koppelgebruiker is, the directory says each time: nobody ends what was given to another owner."""

    directory: Directory
    store: Store
    clock: Clock

    def of_owner(self, owner: Owner) -> list[CoupledUser]:
        """Give all koppelgebruikers of an owner, ordered by name, with their couplings."""
        users = self.directory.users_of(owner)
        now = self.clock.now()
        with self.store.reading() as work:
            found = work.grants.couplings_of([user.entry_uuid for user in users], now)
        return [_coupled(user, found, blocked=user.locks.shut_at(now)) for user in users]

    def end(self, owner: Owner, grant_id: str) -> tuple[str, str]:
        """End one, with what its application was allowed and has not fetched yet; one that was ended already stays so.

        Args:
            owner: who ends it.
            grant_id: of its grant, as `of_owner` told.

        Returns:
            the application, and the bare name.

        Raises:
            UnknownCoupling: there is none of this owner's.
        """
        names = {user.entry_uuid: user.uid for user in self.directory.users_of(owner)}
        with self.store.transaction() as work:
            grant = work.grants.get(grant_id)
            if grant is None or grant.sub not in names:
                raise UnknownCoupling
            client = work.clients.get(grant.client_id)
            # Its page may stand open with a code that would bring all of it back.
            facts = {"client": grant.client_id}
            for purpose in FETCHED_FOR:
                work.capabilities.withdraw(purpose, grant.sub, facts)
            self._end(work, grant)
        return client.name if client else grant.client_id, names[grant.sub]

    def end_all(self, owner: Owner, uid: str) -> None:
        """End all of one koppelgebruiker, with what any application was allowed and has not fetched yet.

        Args:
            owner: who ends them.
            uid: the bare name.

        Raises:
            UnknownUser: not a koppelgebruiker of this owner.
        """
        user = own_user(self.directory, owner, uid)
        with self.store.transaction() as work:
            for purpose in FETCHED_FOR:
                work.capabilities.withdraw(purpose, user.entry_uuid)
            for grant in work.grants.of_user(user.entry_uuid):
                self._end(work, grant)

    def _end(self, work: Transaction, grant: Grant) -> None:
        now = self.clock.now()
        if work.grants.revoke(grant.id, now):
            facts = {"grant": grant.id, "client": grant.client_id}
            work.audit.append(AuditEvent(now, "grant.revoked", "owner", grant.sub, facts))


def applications_coupled(store: Store, user: Koppelgebruiker, now: datetime) -> tuple[str, ...]:
    """Name whom a new password of a koppelgebruiker shuts out, each once, in the order of the alphabet."""
    with store.reading() as work:
        found = work.grants.couplings_of([user.entry_uuid], now)  # pragma: no mutate  # how long they have access isn't told
    return tuple(sorted({coupling.application for coupling in found if coupling.works_for(user)}))


def _coupled(user: Koppelgebruiker, found: list[Coupling], *, blocked: bool) -> CoupledUser:
    working = [coupling for coupling in found if coupling.works_for(user)]
    shown = [replace(coupling, access_until=None) for coupling in working] if blocked else working
    return CoupledUser(user, blocked, tuple(shown))
