"""What an owner sees of their koppelgebruikers, and the ticket that *Vraag aan* makes (R3-R6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.domain.capability import Purpose
from idp.errors import FlowExpired, LinkDead
from idp.services.own_user import own_user

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from idp.domain.people import Koppelgebruiker, Owner
    from idp.domain.username import Realms
    from idp.ports.directory import Directory
    from idp.services.secrets_kept import KeptSecrets


@dataclass(frozen=True, slots=True)
class PortalLine:
    """One koppelgebruiker in the block *Koppel Gebruiker*.

    Args:
        user: as the directory shows it.
        full_name: with the canonical realm.
        next_reset_at: end of the cooldown, or None.
        blocked: a lock stands.
    """

    user: Koppelgebruiker
    full_name: str
    next_reset_at: datetime | None
    blocked: bool


@dataclass(frozen=True, slots=True)
class Ticket:
    """Proof that an owner came from the portal for this koppelgebruiker.

    Args:
        owner_uuid: the owner.
        user_uuid: the koppelgebruiker.
        bare: its name.
    """

    owner_uuid: str
    user_uuid: str
    bare: str


@dataclass(frozen=True, slots=True)
class Portal:
    """The portal's reading, and its tickets."""

    directory: Directory
    kept: KeptSecrets
    realms: Realms
    cooldown: timedelta

    def lines(self, owner: Owner) -> list[PortalLine]:
        """Give one line for each koppelgebruiker of this owner."""
        return [self.line(user) for user in self.directory.users_of(owner)]

    def line(self, user: Koppelgebruiker) -> PortalLine:
        """Give the line of one that was just read."""
        now = self.kept.clock.now()
        return PortalLine(
            user=user,
            full_name=self.realms.full(user.uid),
            next_reset_at=user.next_reset_at(now, self.cooldown),
            blocked=user.locks.shut_at(now),
        )

    def ticket(self, owner: Owner, uid: str) -> str:
        """Make a ticket, at the click; its secret goes into one URL.

        Raises:
            UnknownUser: not a koppelgebruiker of this owner.
        """
        user = own_user(self.directory, owner, uid)
        return self.kept.make(Purpose.TICKET, {"owner": owner.entry_uuid, "user": user.entry_uuid, "bare": user.uid})

    def exchange(self, ticket: str) -> str:
        """Change the ticket in the URL for a cookie's secret, once; its ten minutes go on.

        Raises:
            FlowExpired: unknown, too old, or exchanged before.
        """
        try:
            found = self.kept.find(Purpose.TICKET, ticket)
        except LinkDead as exc:
            raise FlowExpired from exc
        with self.kept.store.transaction() as work:
            if not work.capabilities.use(found, self.kept.clock.now()):
                raise FlowExpired
        return self.kept.make(Purpose.TICKET_COOKIE, found.facts, found.expires_at)

    def holder(self, cookie: str | None) -> Ticket | None:
        """Give the live ticket behind a cookie, or None."""
        if not cookie:
            return None
        try:
            facts = self.kept.find(Purpose.TICKET_COOKIE, cookie).facts
        except LinkDead:
            return None
        return Ticket(facts["owner"], facts["user"], facts["bare"])
