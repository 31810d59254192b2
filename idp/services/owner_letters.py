"""Letters to owners about themselves: their portal password, their address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from idp.domain.capability import INVITATION_LIFETIME, LIFETIMES, Purpose
from idp.domain.directory_time import parse_generalized_time
from idp.domain.mail import OutboxState
from idp.errors import LetterDropped
from idp.services.addressed import owner_of
from idp.services.notices import UNLESS, note_portal_password_changed

if TYPE_CHECKING:
    from idp.domain.mail import OutboxRow
    from idp.domain.people import Owner
    from idp.ports.directory import Directory
    from idp.services.addressed import Addressed, Addressing
    from idp.services.secrets_kept import KeptSecrets

MAILED_LATELY = timedelta(minutes=30)
"""Half of a portal link's life: whose mailbox holds one that was sent since has as long again to use it."""

INVITED_LATELY = INVITATION_LIFETIME / 2
"""Likewise for an invitation: an owner of many users, who are added one by one, is invited once."""


@dataclass(frozen=True, slots=True)
class OwnerLetters:
    """Addresses them. Each method may raise `UnknownUser`, `LetterDropped`, `LetterWaits`, `DirectoryUnavailable`.

    Args:
        directory: where owners are looked up.
        kept: links.
        addressing: writes addresses.
        origin: of links.
    """

    directory: Directory
    kept: KeptSecrets
    addressing: Addressing
    origin: str

    def mail_changed(self, row: OutboxRow) -> Addressed:
        """Tell the former address."""
        owner = self.directory.find_owner_by_uuid(row.facts["owner"])
        if UNLESS in row.facts:
            self._assert_happened(row, owner, unchanged=owner.has_mail(row.facts[UNLESS]))
        return self.addressing.to(row.facts["to"], owner, owner.entry_uuid, {"at": row.facts["at"]})

    def portal_password_changed(self, row: OutboxRow) -> Addressed:
        """Tell the owner, with a way to choose another one."""
        owner = self.directory.find_owner_by_uuid(row.facts["owner"])
        if UNLESS in row.facts:
            self._assert_happened(row, owner, unchanged=(owner.password_changed or "") == row.facts[UNLESS])
            self._note_change(row)
        facts = {"at": row.facts["at"], "link": f"{self.origin}/login/forgot"}
        return self.addressing.to_owner(owner, owner.entry_uuid, facts)

    def invitation(self, row: OutboxRow) -> Addressed:
        """Let an owner choose a first password, unless they have one, or an invitation that works for a while."""
        owner = self._invited(row)
        if owner.password_changed is not None:
            reason = "has-password"
            raise LetterDropped(reason, owner.entry_uuid)
        addressed = self._with_link(row, owner)
        self._assert_not_mailed_lately(row, owner, addressed.mailbox, INVITED_LATELY)
        self._open(row, owner, addressed, INVITATION_LIFETIME)
        return addressed

    def portal_password(self, row: OutboxRow) -> Addressed:
        """Let whoever has this mail address choose a password, unless their mailbox holds a link that works for a while."""
        owner = self.directory.find_owner_by_mail(row.facts["mail"])
        addressed = self._with_link(row, owner)
        self._assert_not_mailed_lately(row, owner, addressed.mailbox, MAILED_LATELY)
        self._open(row, owner, addressed, LIFETIMES[Purpose.PORTAL_PASSWORD])
        return addressed

    # -- intents --

    def _assert_happened(self, row: OutboxRow, owner: Owner, *, unchanged: bool) -> None:
        if unchanged:
            reason = "unchanged"
            raise LetterDropped(reason)
        with self.kept.store.reading() as work:
            others = work.outbox.about_owner(row.letter, owner.entry_uuid, row.created_at)
        if any(_tells(other, row) for other in others):
            reason = "told"
            raise LetterDropped(reason)

    def _note_change(self, row: OutboxRow) -> None:
        with self.kept.store.transaction() as work:
            link = work.capabilities.get(Purpose.PORTAL_PASSWORD, row.facts["link"])
            if link is not None:
                note_portal_password_changed(work, link, self.kept.clock.now())

    # -- links --

    def _invited(self, row: OutboxRow) -> Owner:
        if "owner" in row.facts:
            return self.directory.find_owner_by_uuid(row.facts["owner"])
        # Of a user who was added by tooling nothing more is known: whose it is shows here.
        return owner_of(self.directory, self.directory.find_user_by_uuid(row.facts["user"]))

    def _with_link(self, row: OutboxRow, owner: Owner) -> Addressed:
        if owner.locks.shut_at(self.kept.clock.now()):
            reason = "blocked"
            raise LetterDropped(reason, owner.entry_uuid)
        link = self.kept.digests.derive(Purpose.PORTAL_PASSWORD, row.id)
        addressed = self.addressing.to_owner(owner, owner.entry_uuid, {"link": f"{self.origin}/login/password/{link}"})
        # Counted by owner and mailbox: an owner who was deleted and made anew holds a link of the former one, which is dead.
        mailbox = self.kept.digests.digest(Purpose.MAILBOX, owner.entry_uuid, addressed.to.casefold())
        return replace(addressed, mailbox=mailbox)

    def _assert_not_mailed_lately(self, row: OutboxRow, owner: Owner, mailbox: str, lately: timedelta) -> None:
        since = self.kept.clock.now() - lately
        changed = parse_generalized_time(owner.password_changed) if owner.password_changed else None
        if changed is not None:
            since = max(since, changed)  # a link that was sent before is dead
        with self.kept.store.reading() as work:
            sent = work.outbox.sent_to(mailbox, row.letter, row.with_ticket, since)
        if sent:
            reason = "sent-lately"
            raise LetterDropped(reason, owner.entry_uuid)

    def _open(self, row: OutboxRow, owner: Owner, addressed: Addressed, lifetime: timedelta) -> None:
        # As for a reset, its time counts from this mail, which may come long after the first try, and it is bound to this moment.
        link = self.kept.digests.derive(Purpose.PORTAL_PASSWORD, row.id)
        facts = {
            "owner": owner.entry_uuid,
            "changed": owner.password_changed or "",
            "mail": addressed.to.casefold(),
        }
        end = self.kept.clock.now() + lifetime
        with self.kept.store.transaction() as work:
            if not work.capabilities.renew(self.kept.capability(Purpose.PORTAL_PASSWORD, link, facts, end)):
                reason = "settled"
                raise LetterDropped(reason, owner.entry_uuid)


def _tells(other: OutboxRow, intent: OutboxRow) -> bool:
    """Tell whether a letter is about the same change: made since, for certain or from the directory's log; or found as well."""
    if other.facts.get("to") != intent.facts.get("to"):
        return False
    if UNLESS in other.facts:
        return other.state is OutboxState.SENT
    return other.created_at >= intent.created_at
