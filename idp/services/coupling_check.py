"""*Werkt mijn koppeling?*: which applications have logged in with a koppelgebruiker's present password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.errors import UnknownUser
from idp.services.own_user import own_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from connectors.base import Connector
    from idp.domain.grant import Coupling
    from idp.domain.people import Koppelgebruiker, Owner, Seen
    from idp.ports.directory import Directory
    from idp.ports.outside import Clock
    from idp.ports.store import Store


@dataclass(frozen=True, slots=True)
class Login:
    """An application, and when it was let in with the present password.

    Args:
        id: of its kind; empty where its kind is not one that owners type into.
        name: of its kind, or its own.
        typed: the koppelgebruiker's name as it is typed there.
        fields: what its fields for name and password are called there; None where nobody has told us.
        last: the latest time; None: not yet.
    """

    id: str
    name: str
    typed: str
    fields: tuple[str, str] | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What there is to know of one koppelgebruiker.

    Args:
        user: as the directory shows it.
        blocked: nobody is let in.
        kinds: those that owners type a name and a password into, whether they have logged in or not.
        others: whoever else has.
    """

    user: Koppelgebruiker
    blocked: bool
    kinds: tuple[Login, ...]
    others: tuple[Login, ...]


@dataclass(frozen=True, slots=True)
class CouplingCheck:
    """Looks, live, for two who may: the owner, and who has just chosen the password, for as long as it is that one."""

    directory: Directory
    store: Store
    clock: Clock
    connectors: Mapping[str, Connector]

    def present(self, bare: str) -> Seen:
        """Give what a right to look is bound to, right after the change. Raises `UnknownUser`."""
        return self.directory.find_user(bare).seen

    def of_own(self, owner: Owner, entry_uuid: str) -> Checked:
        """Look for an owner.

        Args:
            owner: who asks, logged in.
            entry_uuid: which of their koppelgebruikers.

        Raises:
            UnknownUser: not one of this owner's; whether it is another's is told to nobody.
        """
        return self._look(own_entry(self.directory, owner, entry_uuid))

    def of_changed(self, seen: Seen) -> Checked:
        """Look for who has chosen a password.

        Args:
            seen: the entry with that password.

        Raises:
            UnknownUser: somebody has chosen another one since, or the user was blocked, or is gone.
        """
        user = self.directory.find_user_by_uuid(seen.entry_uuid)
        if user.seen != seen or user.locks.shut_at(self.clock.now()):
            raise UnknownUser
        return self._look(user)

    def _look(self, user: Koppelgebruiker) -> Checked:
        now = self.clock.now()
        with self.store.reading() as work:
            found = [each for each in work.grants.couplings_of([user.entry_uuid], now) if each.works_for(user)]
            kinds = {client.client_id: client.connector for client in work.clients.all() if client.enabled}
        typed_into = [each for each in self.connectors.values() if each.id in kinds.values() and self._is_typed_into(each, now)]
        known = {connector.id for connector in typed_into}
        by_kind = {kind: _last(each for each in found if kinds[each.grant.client_id] == kind) for kind in known}
        others = [each for each in found if kinds[each.grant.client_id] not in known]
        return Checked(
            user,
            user.locks.shut_at(now),
            tuple(Login(each.id, each.name, each.name_typed(user.uid), each.typed_into, by_kind[each.id]) for each in typed_into),
            tuple(Login("", each.application, user.uid, None, each.grant.last_used_at) for each in others),
        )

    @staticmethod
    def _is_typed_into(connector: Connector, now: datetime) -> bool:
        return connector.is_typed_into and connector.grant_allowed_on("password", now.date())


def _last(couplings: Iterable[Coupling]) -> datetime | None:
    return max((each.grant.last_used_at for each in couplings), default=None)
