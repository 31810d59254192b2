"""*Was jij dit niet?*: whoever got the confirmation blocks the user with one confirming click (R20)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.domain.audit import AuditEvent, Change
from idp.domain.capability import Purpose
from idp.domain.directory_time import LOCKED_FOR_EVER, LONG_PAST
from idp.domain.mail import Letter
from idp.errors import DirectoryRefuses, EntryMalformed, LinkSpent, UnknownUser
from idp.services.end_access import end_all
from idp.services.notices import queue

if TYPE_CHECKING:
    from datetime import datetime

    from idp.domain.people import Locks
    from idp.domain.username import Realms
    from idp.ports.directory import Directory
    from idp.services.secrets_kept import KeptSecrets


@dataclass(frozen=True, slots=True)
class NotMe:
    """Block a koppelgebruiker whose password somebody else changed."""

    directory: Directory
    kept: KeptSecrets
    realms: Realms

    def open(self, secret: str) -> str:
        """Give the full name that the link is about; nothing changes. Raises `LinkDead`."""
        return self.realms.full(self.kept.find(Purpose.NOT_ME, secret).facts["bare"])

    def confirm(self, secret: str) -> str:
        """Block the user, end its grants, tell the owner. Gives the full name.

        The block comes first: whatever dies after it, the user is blocked, and the link still works to finish the rest.

        Raises:
            LinkDead: unknown, expired, used, or the user is gone.
            DirectoryRefuses: nothing was blocked; the link still works.
        """
        link = self.kept.find(Purpose.NOT_ME, secret)
        try:
            user = self.directory.find_user_by_uuid(link.facts["user"])
            self.directory.block_user(user)
        except EntryMalformed as exc:
            message = "This user can't be blocked before its entry was mended."
            raise DirectoryRefuses(message) from exc
        except UnknownUser as exc:
            raise LinkSpent from exc
        now = self.kept.clock.now()
        with self.kept.store.transaction() as work:
            if work.capabilities.use(link, now):
                ended = end_all(work, user.entry_uuid, now)
                facts = {"reason": "not-me", "grants": str(ended)}
                event = AuditEvent(now, "user.blocked", "owner", user.entry_uuid, facts, _block(user.locks, now))
                work.audit.append(event)
                queue(work, Letter.USER_BLOCKED, now, {"user": user.entry_uuid, "at": now.isoformat()})
        return self.realms.full(user.uid)


def _block(locks: Locks, now: datetime) -> dict[str, Change]:
    """Tell what `Directory.block_user` wrote, to an entry that had these."""
    if locks.end is None:
        return {"pwdEndTime": Change(None, LONG_PAST)}
    return {} if locks.shut_at(now) else {"pwdAccountLockedTime": Change(None, LOCKED_FOR_EVER)}
