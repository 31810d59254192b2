"""What a command about users has before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from idp.domain.username import parse_bare, parse_full
from idp.errors import UnknownUser
from idp.services.operations import Operations

if TYPE_CHECKING:
    from idp.domain.grant import Coupling
    from idp.domain.people import Koppelgebruiker
    from idp.ports.directory import DirectoryOperator
    from idp.ports.outside import Clock
    from idp.ports.store import Store
    from idp.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    """What one command has before it."""

    settings: Settings
    operator: DirectoryOperator
    store: Store
    clock: Clock

    @property
    def cooldown(self) -> timedelta:
        """Between two changes of a password."""
        return timedelta(hours=self.settings.directory.cooldown_h)

    @property
    def operations(self) -> Operations:
        """What an operator does."""
        return Operations(self.operator, self.store, self.clock)

    def find(self, typed: str) -> Koppelgebruiker:
        """Read a user by its name, bare or with a realm. Raises `UnknownUser`."""
        name = parse_full(typed, self.settings.brand.realms) if "@" in typed else parse_bare(typed)
        if name.bare is None:
            raise UnknownUser
        return self.operator.find_user(name.bare)

    def couplings(self, user: Koppelgebruiker) -> list[str]:
        """Say who is let in by a user, as its owner sees it."""
        with self.store.reading() as work:
            found = work.grants.couplings_of([user.entry_uuid], self.clock.now())
        return [_told(coupling) for coupling in found if coupling.works_for(user)]

    def state(self, user: Koppelgebruiker) -> dict[str, object]:
        """Say how it stands with a user."""
        now = self.clock.now()
        next_reset_at = user.next_reset_at(now, self.cooldown)
        return {
            "name": user.uid,
            "administratie": user.administratie,
            "password changed": user.password_changed,
            "next reset": next_reset_at.isoformat(timespec="seconds") if next_reset_at else None,
            "blocked": user.locks.shut_at(now),
        }


def _told(coupling: Coupling) -> str:
    grant = coupling.grant
    began, used = (f"{moment:%Y-%m-%d %H:%M}Z" for moment in (grant.created_at, grant.last_used_at))
    network = grant.network or "an unknown network"
    return f"{coupling.application} ({grant.client_id}, since {began}, last used {used}, from {network})"
