"""Changes by others: noticed in the directory's log, told to owners, and audited (R20, R25, S46).

What a change means for access needs no notice: every request reads the entry itself. Here is done what must be done once: grants
end, so that they don't live again when a block is lifted; an owner is told; the audit says who it was.

A batch's effects and the new bookmark are one transaction: whoever dies in between has done none of it. A change made by one of
our own commands is claimed there, in the transaction that tells it, and skipped here; had the command died before that, it is
told here. Whether the owner of a user who was added or handed over, or an owner with a new address, needs an invitation (R1) is
decided when it is addressed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.domain.audit import Personal
from idp.domain.directory_change import KNOWN, DirectoryChange, Kind, Values, What
from idp.domain.mail import Letter
from idp.domain.people import Locks
from idp.services.bookmarks import is_of_content
from idp.services.change_notes import note, note_rest
from idp.services.end_access import end_all, end_older
from idp.services.notices import queue, queue_password_changed, was_told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.ports.changes import ChangeLog
    from idp.ports.store import Transaction
    from idp.services.secrets_kept import KeptSecrets

BATCH = 100

_LOCKS = {"pwdAccountLockedTime": "locked", "pwdEndTime": "end", "pwdStartTime": "start"}


@dataclass(frozen=True, slots=True)
class FollowChanges:
    """Reads on from the bookmark.

    Args:
        log: of the directory.
        kept: the store, and secrets for links.
    """

    log: ChangeLog
    kept: KeptSecrets

    def run_once(self) -> int:
        """Handle what is new, up to a batch; the first time ever, begin at the end of the log.

        Returns:
            how many changes there were; there may be more when it is a full batch.

        Raises:
            ChangesNotLogged: this directory has no log for us.
            DirectoryUnavailable: no answer.
        """
        with self.kept.store.reading() as work:
            bookmark = work.changes.bookmark()
        if bookmark is not None and is_of_content(bookmark):
            bookmark = None
        position = bookmark or self.log.end()
        changes = self.log.read(position, BATCH)
        if changes or bookmark is None:
            with self.kept.store.transaction() as work:
                if bookmark is None:
                    work.entries.forget_all()  # with a log, nobody need remember what entries were
                for change in changes:
                    self._tell_once(work, change)
                work.changes.move_bookmark(changes[-1].position if changes else position)
        return len(changes)

    def _tell_once(self, work: Transaction, change: DirectoryChange) -> None:
        if not change.by_service and work.changes.claim(change.position, self.kept.clock.now()):
            self.tell(work, change)

    def tell(self, work: Transaction, change: DirectoryChange) -> None:
        """Do what follows from a change that is not one of ours, in the transaction that remembers that it was told."""
        match change.kind:
            case Kind.USER:
                self._tell_user(work, change)
            case Kind.OWNER:
                self._tell_owner(work, change)
            case Kind.OTHER:
                note(work, change, f"directory.{change.what}", change.changed, {"dn": Personal(change.dn, change.entry_uuid)})

    # -- koppelgebruikers --

    def _tell_user(self, work: Transaction, change: DirectoryChange) -> None:
        if change.what is not What.MODIFIED:
            ended = self._end_all(work, change) if change.what is What.DELETED else {}
            note(work, change, f"user.{change.what}", (*KNOWN, *change.changed), ended)
            if change.what is What.ADDED:
                queue(work, Letter.INVITATION, self.kept.clock.now(), {"user": change.entry_uuid})
            return
        told = [
            self._password_changed(work, change),
            self._locks_changed(work, change),
            self._released(work, change),
        ]
        self._handed_over(work, change)
        note_rest(work, change, "user.changed", is_told=any(told))

    def _password_changed(self, work: Transaction, change: DirectoryChange) -> bool:
        if "pwdChangedTime" not in change.changed:
            return False
        new, former = change.new("pwdChangedTime"), change.former("pwdChangedTime")
        ended = end_older(work, change.entry_uuid, former, new, self.kept.clock.now())
        note(work, change, "user.password-changed", ("pwdChangedTime",), {"grants": str(ended)})
        if new is not None:
            queue_password_changed(work, self.kept, change.entry_uuid, change.uid, change.at)
        return True

    def _locks_changed(self, work: Transaction, change: DirectoryChange) -> bool:
        if not set(_LOCKS) & set(change.changed):
            return False
        was, is_shut = (_locks(values).shut_at(change.at) for values in (change.before, change.after))
        if is_shut and not was:
            note(work, change, "user.blocked", tuple(_LOCKS), self._end_all(work, change))
            facts = {"user": change.entry_uuid, "at": change.at.isoformat()}
            queue(work, Letter.USER_BLOCKED, self.kept.clock.now(), facts)
        else:
            note(work, change, "user.changed" if is_shut or not was else "user.unblocked", tuple(_LOCKS))
        return True

    @staticmethod
    def _released(work: Transaction, change: DirectoryChange) -> bool:
        if change.new("pwdReset") != "TRUE" or "pwdReset" not in change.changed:
            return False
        note(work, change, "user.released", ("pwdReset",))
        return True

    def _handed_over(self, work: Transaction, change: DirectoryChange) -> None:
        former, new = change.former("owner"), change.new("owner")
        if "owner" not in change.changed or new is None or (former or "").casefold() == new.casefold():
            return
        now, user = self.kept.clock.now(), {"user": change.entry_uuid}
        if former is not None:
            facts = user | {"bare": change.uid, "dn": former, "at": change.at.isoformat()}
            queue(work, Letter.OWNER_CHANGED, now, facts)
        queue(work, Letter.INVITATION, now, user)

    def _end_all(self, work: Transaction, change: DirectoryChange) -> dict[str, str]:
        return {"grants": str(end_all(work, change.entry_uuid, self.kept.clock.now()))}

    # -- owners --

    def _tell_owner(self, work: Transaction, change: DirectoryChange) -> None:
        if change.what is not What.MODIFIED:
            # By the DN, which records of users name, whoever looks for this owner finds what is told under the `entryUUID`.
            note(work, change, f"owner.{change.what}", (*KNOWN, *change.changed), {"dn": Personal(change.dn, change.entry_uuid)})
            return
        told = [self._mail_changed(work, change), self._portal_password_changed(work, change)]
        note_rest(work, change, "owner.changed", is_told=any(told))

    def _mail_changed(self, work: Transaction, change: DirectoryChange) -> bool:
        if "mail" not in change.changed:
            return False
        note(work, change, "owner.mail-changed", ("mail",))
        former, new = (values.get("mail", ()) for values in (change.before, change.after))
        now = self.kept.clock.now()
        for address in _not_among(former, new):
            if not was_told(work, Letter.MAIL_CHANGED, change.entry_uuid, address, change.at):
                facts = {"to": address, "owner": change.entry_uuid, "at": change.at.isoformat()}
                queue(work, Letter.MAIL_CHANGED, now, facts)
        if _not_among(new, former):
            queue(work, Letter.INVITATION, now, {"owner": change.entry_uuid})
        return True

    def _portal_password_changed(self, work: Transaction, change: DirectoryChange) -> bool:
        if "pwdChangedTime" not in change.changed:
            return False
        note(work, change, "portal-password.changed", ("pwdChangedTime",))
        facts = {"owner": change.entry_uuid, "at": change.at.isoformat()}
        queue(work, Letter.PORTAL_PASSWORD_CHANGED, self.kept.clock.now(), facts)
        return True


def _not_among(addresses: Values, others: Values) -> list[str]:
    known = {address.casefold() for address in others}
    return [address for address in addresses if address.casefold() not in known]


def _locks(values: Mapping[str, tuple[str, ...]]) -> Locks:
    return Locks(**{name: next(iter(values.get(attribute, ())), None) for attribute, name in _LOCKS.items()})
