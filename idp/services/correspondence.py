"""To whom a letter goes, what it names, and whether it still should.

A link is derived from the row's identifier, so that no try needs a secret from the store.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.domain.capability import Purpose
from idp.domain.mail import Letter, OutboxRow
from idp.errors import EntryMalformed, LetterDropped, LetterWaits, UnknownUser
from idp.services.addressed import Addressed, Addressing, owner_of
from idp.services.owner_letters import OwnerLetters
from idp.services.reset_letter import ResetLetter
from idp.services.stale_password import StalePasswordLetter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

    from idp.domain.username import Realms
    from idp.ports.directory import Directory
    from idp.services.secrets_kept import KeptSecrets


@dataclass(frozen=True, slots=True)
class Correspondence:
    """Addresses letters."""

    directory: Directory
    kept: KeptSecrets
    realms: Realms
    cooldown: timedelta
    origin: str
    mailbox_per_day: int
    mailbox_per_day_ticket: int

    def address(self, row: OutboxRow) -> Addressed:
        """Find out where a letter goes, and make its link work.

        Raises:
            LetterDropped: it goes nowhere; the reason is for operators.
            LetterWaits: not before an entry was mended.
            DirectoryUnavailable: not now.
        """
        to_owners = OwnerLetters(self.directory, self.kept, self._addressing, self.origin)
        ways: dict[Letter, Callable[[OutboxRow], Addressed]] = {
            Letter.RESET: self._reset_letter.address,
            Letter.PASSWORD_CHANGED: self._password_changed,
            Letter.USER_BLOCKED: self._about_user,
            Letter.OWNER_CHANGED: self._owner_changed,
            Letter.MAIL_CHANGED: to_owners.mail_changed,
            Letter.INVITATION: to_owners.invitation,
            Letter.PORTAL_PASSWORD: to_owners.portal_password,
            Letter.PORTAL_PASSWORD_CHANGED: to_owners.portal_password_changed,
            Letter.STALE_PASSWORD: StalePasswordLetter(self.directory, self.kept, self._addressing).address,
        }
        try:
            return ways[row.letter](row)
        except EntryMalformed as exc:
            wrong = "entry"
            raise LetterWaits(wrong, exc.entry_uuid, exc.entry_uuid) from exc
        except UnknownUser as exc:
            reason = "unknown"
            raise LetterDropped(reason) from exc

    @property
    def _addressing(self) -> Addressing:
        return Addressing(self.kept.digests)

    @property
    def _reset_letter(self) -> ResetLetter:
        return ResetLetter(
            directory=self.directory,
            kept=self.kept,
            addressing=self._addressing,
            realms=self.realms,
            cooldown=self.cooldown,
            origin=self.origin,
            per_day=self.mailbox_per_day,
            per_day_ticket=self.mailbox_per_day_ticket,
        )

    def _password_changed(self, row: OutboxRow) -> Addressed:
        link = self.kept.digests.derive(Purpose.NOT_ME, row.id)
        return self._about_user(row, {"link": f"{self.origin}/not-me/{link}"})

    def _owner_changed(self, row: OutboxRow) -> Addressed:
        """Tell the former owner, whoever's it is by now; who is renamed since, or gone, was not robbed."""
        former = self.directory.find_owner(row.facts["dn"])
        facts = {"user": self.realms.full(row.facts["bare"]), "at": row.facts["at"]}
        return self._addressing.to_owner(former, row.facts["user"], facts)

    def _about_user(self, row: OutboxRow, more: Mapping[str, str] | None = None) -> Addressed:
        user = self.directory.find_user_by_uuid(row.facts["user"])
        owner = owner_of(self.directory, user)
        facts = {"bare": user.uid, "user": self.realms.full(user.uid), "at": row.facts["at"], **(more or {})}
        return self._addressing.to_owner(owner, user.entry_uuid, facts)
