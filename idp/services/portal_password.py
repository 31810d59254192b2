"""The owner's own portal password: chosen by an invitation's link or after *Wachtwoord vergeten* (R1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.domain.audit import AuditEvent
from idp.domain.capability import Purpose
from idp.domain.mail import Letter
from idp.domain.password_rules import check_new_password
from idp.errors import EntryChanged, LinkSpent, UnknownUser
from idp.services.notices import confirm, intend, note_portal_password_changed, queue
from idp.services.owner_login import normalised_mail

if TYPE_CHECKING:
    from idp.domain.capability import Capability
    from idp.domain.mail import OutboxRow
    from idp.domain.people import Owner
    from idp.ports.directory import Directory
    from idp.ports.outside import Limits
    from idp.services.secrets_kept import KeptSecrets


@dataclass(frozen=True, slots=True)
class PortalPassword:
    """Request, open and complete; people have no cooldown.

    Args:
        directory: where passwords are.
        limits: of requests.
        kept: links and their digests.
        common_knowledge: what a guesser tries for everybody: products, applications.
    """

    directory: Directory
    limits: Limits
    kept: KeptSecrets
    common_knowledge: tuple[str, ...]

    def request(self, mail: str, network: str) -> None:
        """Queue one row, whether or not somebody has this address; the answer is the same for everybody.

        Args:
            mail: as typed.
            network: address that asks. Limits count by it, alone and with the mail address, so that nobody can use an owner's
                number up from elsewhere; what the mailbox is spared is decided when the letter is addressed.

        Raises:
            Throttled: too many requests, known or not.
        """
        address = normalised_mail(mail)
        self.limits.hit("forgot-address", network)
        self.limits.hit("forgot-mail", self.kept.digests.digest(Purpose.LIMIT, address), network)
        now = self.kept.clock.now()
        with self.kept.store.transaction() as work:
            queue(work, Letter.PORTAL_PASSWORD, now, {"mail": address})
            work.audit.append(AuditEvent(now, "portal-password.requested", "stranger"))

    def open(self, secret: str) -> Owner:
        """Give the owner whose password the link sets; nothing changes. Raises `LinkDead`."""
        return self._owner_of(self.kept.find(Purpose.PORTAL_PASSWORD, secret))

    def complete(self, secret: str, password: str, again: str) -> None:
        """Set the portal password; sessions made with the former one end.

        The directory's assertion on the password seen makes it one step: of two submissions one wins. The notice is intended
        before (`idp.services.notices`), so that its owner is told, and the audit knows, when and only when it was changed,
        whatever dies meanwhile.

        Raises:
            PasswordRejected: a rule; the link still works.
            PasswordTooYoung: where a directory lets people wait, which ours doesn't; the link still works.
            DirectoryRefuses: it takes no password now; the link still works.
            LinkDead: the subclass says why.
            DirectoryUnavailable: no answer; it may or may not have been written.
        """
        link = self.kept.find(Purpose.PORTAL_PASSWORD, secret)
        owner = self._owner_of(link)
        users = self.directory.users_of(owner)
        theirs = {name for user in users for name in (user.uid, user.administratie)}
        check_new_password(password, again, (owner.name, link.facts["mail"], *sorted(theirs), *self.common_knowledge))
        intent = self._intend(link, owner)
        try:
            self.directory.set_owner_password(owner, owner.seen, password)
        except EntryChanged as exc:
            raise LinkSpent from exc
        now = self.kept.clock.now()
        with self.kept.store.transaction() as work:
            confirm(work, intent, now)
            note_portal_password_changed(work, link, now)

    def _intend(self, link: Capability, owner: Owner) -> OutboxRow:
        facts = {"owner": owner.entry_uuid, "link": link.digest}
        with self.kept.store.transaction() as work:
            return intend(work, Letter.PORTAL_PASSWORD_CHANGED, self.kept.clock.now(), facts, owner.password_changed or "")

    def _owner_of(self, link: Capability) -> Owner:
        try:
            owner = self.directory.find_owner_by_uuid(link.facts["owner"])
        except UnknownUser as exc:
            raise LinkSpent from exc
        changed = (owner.password_changed or "") != link.facts["changed"]
        if changed or not owner.has_mail(link.facts["mail"]) or owner.locks.shut_at(self.kept.clock.now()):
            raise LinkSpent
        return owner
