"""What operators do to users from the command line, as themselves (R1, R24, R25)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.domain.audit import AuditEvent, Change, Personal
from idp.domain.audit_query import Wanted
from idp.domain.capability import INVITATION_LIFETIME
from idp.domain.directory_time import LONG_PAST
from idp.domain.mail import Letter
from idp.errors import AlreadyExists, UnknownUser
from idp.services.end_access import end_all
from idp.services.notices import confirm, intend, queue
from idp.services.owner_letters import INVITED_LATELY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from idp.domain.mail import OutboxRow
    from idp.domain.people import Koppelgebruiker, Owner
    from idp.ports.directory import DirectoryOperator, NewUser
    from idp.ports.outside import Clock
    from idp.ports.store import Store, Transaction

_BLOCKS = ("user.blocked", "user.unblocked")
_RECENT = 100
"""Records among which the last block is looked for; should it be older, its owner is told once more."""


@dataclass(frozen=True, slots=True)
class Invited:
    """A koppelgebruiker whom the directory has, and whom the store may know nothing of yet.

    Args:
        user: the user.
        owner: its owner.
        is_new: made just now.
    """

    user: Koppelgebruiker
    owner: Owner
    is_new: bool


@dataclass(frozen=True, slots=True)
class Operations:
    """The directory does what the operator's own identity may; the store remembers it.

    Each change is claimed in the transaction that tells it, so that who follows the directory's log doesn't tell it again; a
    command that dies between the two has claimed nothing, and the change is told from the log.

    The directory comes first, and the store is asked before it whether it answers: while it is down, nothing is changed that
    nobody would be told of. Only a block doesn't wait for it.
    """

    operator: DirectoryOperator
    store: Store
    clock: Clock

    def invite(self, new: NewUser) -> tuple[Koppelgebruiker, Owner]:
        """Create a koppelgebruiker without a password, and mail a new owner a link to the portal (R1).

        The same invitation again completes one that died half way, and mails a link where the former one has run out.

        Raises:
            AlreadyExists: the uid is taken, by another invitation or by this one, to which nothing lacks.
            Forbidden: this operator may not.
        """
        self.assert_ready()
        invited = self.admit(new)
        if not self.settle([invited]):
            raise AlreadyExists
        return invited.user, invited.owner

    def assert_ready(self) -> None:
        """See that the store answers, and who is bound: what the directory is made to do can be told of then.

        Raises:
            Unavailable: one of both does not answer.
            Forbidden: the directory doesn't know this operator.
        """
        self.store.ping()
        _ = self._actor

    def admit(self, new: NewUser) -> Invited:
        """Do the directory's part of an invitation: find what an earlier one made, or make it.

        Raises:
            AlreadyExists: the uid is taken by another invitation.
            ValueRefused: the directory doesn't take a value.
            Forbidden: this operator may not.
        """
        try:
            user, owner = self.operator.create_user(new)
        except AlreadyExists:
            return self._admitted(new)
        return Invited(user, owner, is_new=True)

    def settle(self, invited: Sequence[Invited]) -> int:
        """Do the store's part of invitations, in one transaction; what was done before is left as it is.

        Returns:
            to how many of them something lacked.
        """
        actor = self._actor
        with self.store.transaction() as work:
            return sum([self._settle(work, each, actor) for each in invited])

    def _settle(self, work: Transaction, invited: Invited, actor: str) -> bool:
        user, owner, now = invited.user, invited.owner, self.clock.now()
        is_ours = not invited.is_new or self._claim(work, user.revision)  # else the worker has told it, and invited the owner
        # Whoever has a password was invited once, also when the record of it has expired since.
        noted = Wanted(frozenset({user.entry_uuid}), action="user.invited")
        is_noted = user.password_changed is not None or bool(work.audit.read(limit=1, wanted=noted))
        since = now - (INVITED_LATELY if invited.is_new else INVITATION_LIFETIME)
        needs_link = (
            is_ours and owner.password_changed is None and not work.outbox.about_owner(Letter.INVITATION, owner.entry_uuid, since)
        )
        if is_noted and not needs_link:
            return False
        work.audit.append(AuditEvent(now, "user.invited", actor, user.entry_uuid, changes=_added(user)))
        if needs_link:
            queue(work, Letter.INVITATION, now, {"owner": owner.entry_uuid})
        return True

    def _admitted(self, new: NewUser) -> Invited:
        try:
            user = self.operator.find_user(new.uid)
            owner = self.operator.find_owner(user.owner_dn)
        except UnknownUser as exc:
            raise AlreadyExists from exc
        if user.administratie != new.administratie or not owner.has_mail(new.owner_mail):
            raise AlreadyExists
        return Invited(user, owner, is_new=False)

    def release(self, user: Koppelgebruiker) -> None:
        """Waive the cooldown once (R24). Raises `Forbidden`."""
        self.store.ping()
        position = self.operator.release(user)
        with self.store.transaction() as work:
            if self._claim(work, position, "pwdReset"):
                was = "TRUE" if user.released else None
                self._note(work, "user.released", user.entry_uuid, {"pwdReset": Change(was, "TRUE")})

    def block(self, user: Koppelgebruiker) -> None:
        """Block a user and end its grants; with the store down, the block stands all the same.

        The owner is told of a block once; of one whose command died, or met a store that was down, the next one tells.

        Raises:
            Forbidden: this operator may not.
        """
        position = self.operator.block(user)
        now = self.clock.now()
        with self.store.transaction() as work:
            if not self._claim(work, position, "pwdEndTime"):
                return
            is_told = user.locks.shut_at(now) and _is_block_told(work, user)
            ended = end_all(work, user.entry_uuid, now)
            changes = {"pwdEndTime": Change(user.locks.end, LONG_PAST)}
            self._note(work, "user.blocked", user.entry_uuid, changes, {"grants": str(ended)})
            if not is_told:
                queue(work, Letter.USER_BLOCKED, now, {"user": user.entry_uuid, "at": now.isoformat()})

    def unblock(self, user: Koppelgebruiker) -> None:
        """Lift every lock. Raises `Forbidden`."""
        self.store.ping()
        position = self.operator.unblock(user)
        with self.store.transaction() as work:
            was = {"pwdEndTime": user.locks.end, "pwdAccountLockedTime": user.locks.locked, "pwdStartTime": user.locks.start}
            if self._claim(work, position, *was):
                changes = {name: Change(value) for name, value in was.items() if value is not None}
                self._note(work, "user.unblocked", user.entry_uuid, changes)

    def change_mail(self, owner: Owner, mail: str) -> None:
        """Mend an owner's mail address; the old address is told (R25), and who has no password yet is invited at the new one.

        Who tries again after a crash finds the new address, and would tell nobody: so the notice is intended before
        (`idp.services.notices`).

        Raises:
            AlreadyExists: another owner has this address.
            Forbidden: this operator may not.
        """
        intent = self._intend_notice(owner, mail)
        position = self.operator.change_mail(owner, mail)
        now = self.clock.now()
        with self.store.transaction() as work:
            if not self._claim(work, position, "mail"):
                return  # who reads the log tells it, and when the intent is due, that shows
            was = None if owner.mail is None else Personal(owner.mail, owner.entry_uuid)
            changes = {"mail": Change(was, Personal(mail, owner.entry_uuid))}
            self._note(work, "owner.mail-changed", owner.entry_uuid, changes)
            if intent is not None:
                confirm(work, intent, now)
            if owner.password_changed is None:
                queue(work, Letter.INVITATION, now, {"owner": owner.entry_uuid})

    def _intend_notice(self, owner: Owner, mail: str) -> OutboxRow | None:
        self.store.ping()
        if not owner.mail or owner.has_mail(mail):
            return None
        facts = {"to": owner.mail, "owner": owner.entry_uuid}
        with self.store.transaction() as work:
            return intend(work, Letter.MAIL_CHANGED, self.clock.now(), facts, owner.mail)

    def _claim(self, work: Transaction, position: str | None, *attributes: str) -> bool:
        """Tell whether this change, of some attributes, is ours to tell: not when the worker read of it, and was faster."""
        return position is None or work.changes.claim(position, self.clock.now(), attributes)

    def _note(
        self,
        work: Transaction,
        action: str,
        subject: str,
        changes: Mapping[str, Change],
        detail: Mapping[str, str] | None = None,
    ) -> None:
        work.audit.append(AuditEvent(self.clock.now(), action, self._actor, subject, detail or {}, changes))

    @property
    def _actor(self) -> str:
        return f"operator:{self.operator.identity}"


def _is_block_told(work: Transaction, user: Koppelgebruiker) -> bool:
    wanted = Wanted(frozenset({user.entry_uuid}), action="user.")
    told = [record.event.action for record in work.audit.newest(_RECENT, wanted)]
    return next((action == "user.blocked" for action in reversed(told) if action in _BLOCKS), False)


def _added(user: Koppelgebruiker) -> dict[str, Change]:
    return {
        "uid": Change(after=Personal(user.uid, user.entry_uuid)),
        "administratie": Change(after=Personal(user.administratie, user.entry_uuid)),
        "owner": Change(after=Personal(user.owner_dn)),
    }
