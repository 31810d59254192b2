"""What operators do to users from the command line, as themselves (R1, R24, R25)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.domain.audit import AuditEvent
from idp.domain.mail import Letter
from idp.services.notices import queue

if TYPE_CHECKING:
    from idp.domain.people import Koppelgebruiker, Owner
    from idp.ports.directory import DirectoryOperator, NewUser
    from idp.ports.outside import Clock
    from idp.ports.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Operations:
    """The directory does what the operator's own identity may; the store remembers it.

    Each change is claimed in the transaction that tells it, so that who follows the directory's log doesn't tell it again; a
    command that dies between the two has claimed nothing, and the change is told from the log.
    """

    operator: DirectoryOperator
    store: Store
    clock: Clock

    def invite(self, new: NewUser) -> tuple[Koppelgebruiker, Owner]:
        """Create a koppelgebruiker without a password, and mail a new owner a link to the portal (R1).

        Raises:
            AlreadyExists: the uid is taken.
            Forbidden: this operator may not.
        """
        user, owner, _ = self.operator.create_user(new)
        with self.store.transaction() as work:
            self._claim(work, user.revision)
            self._note(work, "user.invited", user.entry_uuid, {"uid": user.uid})
            if owner.password_changed is None:
                queue(work, Letter.INVITATION, self.clock.now(), {"owner": owner.entry_uuid})
        return user, owner

    def release(self, user: Koppelgebruiker) -> None:
        """Waive the cooldown once (R24). Raises `Forbidden`."""
        position = self.operator.release(user)
        with self.store.transaction() as work:
            if self._claim(work, position):
                self._note(work, "user.released", user.entry_uuid)

    def block(self, user: Koppelgebruiker) -> None:
        """Block a user and end its grants. Raises `Forbidden`."""
        position = self.operator.block(user)
        now = self.clock.now()
        with self.store.transaction() as work:
            if not self._claim(work, position):
                return
            ended = work.grants.revoke_all(user.entry_uuid, now)
            self._note(work, "user.blocked", user.entry_uuid, {"grants": str(ended)})
            queue(work, Letter.USER_BLOCKED, now, {"user": user.entry_uuid, "at": now.isoformat()})

    def unblock(self, user: Koppelgebruiker) -> None:
        """Lift every lock. Raises `Forbidden`."""
        position = self.operator.unblock(user)
        with self.store.transaction() as work:
            if self._claim(work, position):
                self._note(work, "user.unblocked", user.entry_uuid)

    def change_mail(self, owner: Owner, mail: str) -> None:
        """Mend an owner's mail address; the old address is told (R25).

        Raises:
            AlreadyExists: another owner has this address.
            Forbidden: this operator may not.
        """
        position = self.operator.change_mail(owner, mail)
        now = self.clock.now()
        with self.store.transaction() as work:
            if not self._claim(work, position):
                return
            self._note(work, "owner.mail-changed", owner.entry_uuid)
            if owner.mail and owner.mail.casefold() != mail.casefold():
                facts = {"to": owner.mail, "owner": owner.entry_uuid, "at": now.isoformat()}
                queue(work, Letter.MAIL_CHANGED, now, facts)

    def _claim(self, work: Transaction, position: str | None) -> bool:
        """Tell whether this change is ours to tell: not when the worker has read of it in the log, and was faster."""
        return position is None or work.changes.claim(position, self.clock.now())

    def _note(self, work: Transaction, action: str, subject: str, detail: dict[str, str] | None = None) -> None:
        actor = f"operator:{self.operator.identity}"
        work.audit.append(AuditEvent(self.clock.now(), action, actor, subject, detail or {}))
