"""To whom a letter goes, what it names, and whether it still should.

Here, out of everybody's sight, a reset's name is looked up. A link is derived from the row's identifier, so that no try needs
a secret from the store.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from idp.domain.capability import INVITATION_LIFETIME, Purpose
from idp.domain.directory_time import parse_generalized_time
from idp.domain.mail import Letter, OutboxRow
from idp.domain.reset_request import Binding, ResetRequest, ResetState
from idp.errors import LetterDropped, UnknownUser

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from idp.domain.people import Koppelgebruiker, Owner
    from idp.domain.username import Realms
    from idp.ports.directory import Directory
    from idp.services.secrets_kept import KeptSecrets

MAILBOX_WINDOW = timedelta(days=1)

MAILED_LATELY = timedelta(minutes=30)
"""Half of a portal link's life: whose mailbox holds one that was sent since has as long again to use it."""


@dataclass(frozen=True, slots=True)
class Addressed:
    """A letter that has somewhere to go.

    Args:
        to: one address.
        language: of the letter.
        facts: what it names; may hold a link with a secret.
        mailbox: keyed digest of the address.
    """

    to: str = field(repr=False)
    language: str
    facts: Mapping[str, str] = field(repr=False)
    mailbox: str


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
            DirectoryUnavailable: not now.
        """
        ways: dict[Letter, Callable[[OutboxRow], Addressed]] = {
            Letter.RESET: self._reset,
            Letter.PASSWORD_CHANGED: self._password_changed,
            Letter.USER_BLOCKED: self._about_user,
            Letter.MAIL_CHANGED: self._mail_changed,
            Letter.INVITATION: self._invitation,
            Letter.PORTAL_PASSWORD: self._portal_password,
            Letter.PORTAL_PASSWORD_CHANGED: self._about_owner,
        }
        try:
            return ways[row.letter](row)
        except UnknownUser as exc:
            reason = "unknown"
            raise LetterDropped(reason) from exc

    # -- about koppelgebruikers --

    def _reset(self, row: OutboxRow) -> Addressed:
        with self.kept.store.reading() as work:
            request = work.resets.get(row.facts["request"])
        if request is None or request.state not in (ResetState.QUEUED, ResetState.LIVE):
            reason = "settled"
            raise LetterDropped(reason)
        try:
            user = self.directory.find_user(request.bare)
            owner = self.directory.find_owner(user.owner_dn)
            addressed = self._reset_to(row, user, owner)
        except UnknownUser:
            self._advance(request, request.dropped())
            raise
        except LetterDropped:
            self._advance(request, request.dropped())
            raise
        self._advance(request, request.link_made(Binding.of(user, owner), self.kept.clock.now()))
        return addressed

    def _reset_to(self, row: OutboxRow, user: Koppelgebruiker, owner: Owner) -> Addressed:
        now = self.kept.clock.now()
        if user.locks.shut_at(now):
            reason = "blocked"
            raise LetterDropped(reason)
        if user.next_reset_at(now, self.cooldown) is not None:
            reason = "cooldown"
            raise LetterDropped(reason)
        link = self.kept.digests.derive(Purpose.RESET_LINK, row.id)
        addressed = self._to(owner, self._user_facts(user.uid) | {"link": f"{self.origin}/reset/password/{link}"})
        self._assert_mailbox_has_room(row, addressed.mailbox)
        return addressed

    def _password_changed(self, row: OutboxRow) -> Addressed:
        link = self.kept.digests.derive(Purpose.NOT_ME, row.id)
        return self._about_user(row, {"link": f"{self.origin}/not-me/{link}"})

    def _about_user(self, row: OutboxRow, more: Mapping[str, str] | None = None) -> Addressed:
        user = self.directory.find_user_by_uuid(row.facts["user"])
        owner = self.directory.find_owner(user.owner_dn)
        return self._to(owner, self._user_facts(user.uid) | {"at": row.facts["at"]} | dict(more or {}))

    # -- about owners --

    def _mail_changed(self, row: OutboxRow) -> Addressed:
        owner = self.directory.find_owner_by_uuid(row.facts["owner"])
        return self._addressed(row.facts["to"], owner, {"at": row.facts["at"]})

    def _about_owner(self, row: OutboxRow) -> Addressed:
        owner = self.directory.find_owner_by_uuid(row.facts["owner"])
        return self._to(owner, {"at": row.facts["at"], "link": f"{self.origin}/login/forgot"})

    def _invitation(self, row: OutboxRow) -> Addressed:
        owner = self.directory.find_owner_by_uuid(row.facts["owner"])
        return self._with_portal_link(row, owner, INVITATION_LIFETIME)

    def _portal_password(self, row: OutboxRow) -> Addressed:
        owner = self.directory.find_owner_by_mail(row.facts["mail"])
        self._assert_not_mailed_lately(row, owner)
        return self._with_portal_link(row, owner, None)

    def _assert_not_mailed_lately(self, row: OutboxRow, owner: Owner) -> None:
        since = self.kept.clock.now() - MAILED_LATELY
        changed = parse_generalized_time(owner.password_changed or "")
        if changed is not None:
            since = max(since, changed)  # a link that was sent before is dead
        if self._sent(row, self._to(owner, {}).mailbox, since):
            reason = "sent-lately"
            raise LetterDropped(reason)

    def _with_portal_link(self, row: OutboxRow, owner: Owner, lifetime: timedelta | None) -> Addressed:
        now = self.kept.clock.now()
        if owner.locks.shut_at(now):
            reason = "blocked"
            raise LetterDropped(reason)
        link = self.kept.digests.derive(Purpose.PORTAL_PASSWORD, row.id)
        addressed = self._to(owner, {"link": f"{self.origin}/login/password/{link}"})
        facts = {
            "owner": owner.entry_uuid,
            "changed": owner.password_changed or "",
            "mail": addressed.to.casefold(),
        }
        expires_at = now + lifetime if lifetime else None
        # As for a reset, its time counts from this mail, which may come long after the first try, and it is bound to this moment.
        with self.kept.store.transaction() as work:
            if not work.capabilities.renew(self.kept.capability(Purpose.PORTAL_PASSWORD, link, facts, expires_at)):
                reason = "settled"
                raise LetterDropped(reason)
        return addressed

    # -- shared --

    def _to(self, owner: Owner, facts: Mapping[str, str]) -> Addressed:
        if owner.mail is None:
            reason = "no-mail"
            raise LetterDropped(reason)
        return self._addressed(owner.mail, owner, facts)

    def _addressed(self, to: str, owner: Owner, facts: Mapping[str, str]) -> Addressed:
        mailbox = self.kept.digests.digest(Purpose.MAILBOX, to.casefold())
        return Addressed(to, owner.language, {"name": owner.name, **facts}, mailbox)

    def _user_facts(self, uid: str) -> dict[str, str]:
        return {"bare": uid, "user": self.realms.full(uid)}

    def _assert_mailbox_has_room(self, row: OutboxRow, mailbox: str) -> None:
        room = self.mailbox_per_day_ticket if row.with_ticket else self.mailbox_per_day
        since = self.kept.clock.now() - MAILBOX_WINDOW
        if self._sent(row, mailbox, since) >= room:
            reason = "mailbox-full"
            raise LetterDropped(reason)

    def _sent(self, row: OutboxRow, mailbox: str, since: datetime) -> int:
        with self.kept.store.reading() as work:
            return work.outbox.sent_to(mailbox, row.letter, row.with_ticket, since)

    def _advance(self, before: ResetRequest, after: ResetRequest) -> None:
        with self.kept.store.transaction() as work:
            if not work.resets.advance(before, after):
                reason = "settled"
                raise LetterDropped(reason)
