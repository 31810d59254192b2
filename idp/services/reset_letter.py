"""The mail of a reset: here, out of everybody's sight, its name is looked up, and its link is made or is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from idp.domain.capability import Purpose
from idp.domain.reset_request import Binding, ResetRequest, ResetState
from idp.errors import EntryMalformed, LetterDropped, UnknownUser
from idp.services.addressed import owner_of

if TYPE_CHECKING:
    from idp.domain.mail import OutboxRow
    from idp.domain.people import Koppelgebruiker, Owner
    from idp.domain.username import Realms
    from idp.ports.directory import Directory
    from idp.services.addressed import Addressed, Addressing
    from idp.services.secrets_kept import KeptSecrets

MAILBOX_WINDOW = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ResetLetter:
    """Addresses the mail of a reset.

    Args:
        directory: where names are looked up.
        kept: requests and links.
        addressing: writes addresses.
        realms: for the full name.
        cooldown: the policy's `pwdMinAge`.
        origin: of links.
        per_day: mails that a mailbox takes in a day.
        per_day_ticket: the same, for those asked for from the portal.
    """

    directory: Directory
    kept: KeptSecrets
    addressing: Addressing
    realms: Realms
    cooldown: timedelta
    origin: str
    per_day: int
    per_day_ticket: int

    def address(self, row: OutboxRow) -> Addressed:
        """Find out where it goes, and make its link work.

        Raises:
            LetterDropped: it goes nowhere, and its link never works; names the user if there is one.
            LetterWaits: not before its owner's entry was mended.
            EntryMalformed: not before its own was.
            DirectoryUnavailable: not now.
        """
        request = self._request(row)
        try:
            user = self._user(request)
            owner = owner_of(self.directory, user)
            addressed = self._to(row, user, owner)
        except LetterDropped as exc:
            self._advance(request, request.dropped(), exc.subject)
            raise
        self._advance(request, request.link_made(Binding.of(user, owner), self.kept.clock.now()), user.entry_uuid)
        return addressed

    def _request(self, row: OutboxRow) -> ResetRequest:
        with self.kept.store.reading() as work:
            request = work.resets.get(row.facts["request"])
        if request is None or request.state not in (ResetState.QUEUED, ResetState.LIVE):
            reason = "settled"
            subject = request.binding.seen.entry_uuid if request and request.binding else ""
            raise LetterDropped(reason, subject)
        return request

    def _user(self, request: ResetRequest) -> Koppelgebruiker:
        try:
            return self.directory.find_user(request.bare)
        except EntryMalformed:
            raise
        except UnknownUser as exc:
            reason = "unknown"
            raise LetterDropped(reason) from exc

    def _to(self, row: OutboxRow, user: Koppelgebruiker, owner: Owner) -> Addressed:
        now = self.kept.clock.now()
        if user.is_shut_to(owner, now):
            reason = "blocked"
            raise LetterDropped(reason, user.entry_uuid)
        if user.next_reset_at(now, self.cooldown) is not None:
            reason = "cooldown"
            raise LetterDropped(reason, user.entry_uuid)
        link = self.kept.digests.derive(Purpose.RESET_LINK, row.id)
        facts = {
            "bare": user.uid,
            "user": self.realms.full(user.uid),
            "link": f"{self.origin}/reset/password/{link}",
        }
        addressed = self.addressing.to_owner(owner, user.entry_uuid, facts)
        self._assert_mailbox_has_room(row, addressed)
        return addressed

    def _assert_mailbox_has_room(self, row: OutboxRow, addressed: Addressed) -> None:
        room = self.per_day_ticket if row.with_ticket else self.per_day
        since = self.kept.clock.now() - MAILBOX_WINDOW
        with self.kept.store.reading() as work:
            sent = work.outbox.sent_to(addressed.mailbox, row.letter, row.with_ticket, since)
        if sent >= room:
            reason = "mailbox-full"
            raise LetterDropped(reason, addressed.subject)

    def _advance(self, before: ResetRequest, after: ResetRequest, subject: str) -> None:
        with self.kept.store.transaction() as work:
            if not work.resets.advance(before, after):
                reason = "settled"
                raise LetterDropped(reason, subject)
