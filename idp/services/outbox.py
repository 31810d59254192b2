"""The outbox: letters wait here until a mail server has them.

A letter is taken under a lease, written anew, handed over, and only then marked as sent. A worker that dies leaves it due
again; it is sent twice only when the death falls between SMTP's 250 and our commit, and then under the same Message-ID.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from idp.domain.audit import AuditEvent
from idp.domain.mail import Letter, Mail, OutboxRow, OutboxState
from idp.errors import LetterDropped, LetterWaits, MailRefused, Unavailable

if TYPE_CHECKING:
    from datetime import datetime

    from idp.ports.outside import Clock, Letters, Mailer
    from idp.ports.store import Store
    from idp.services.addressed import Addressed
    from idp.services.correspondence import Correspondence

LEASE = timedelta(minutes=15)
"""Longer than any handing over may take (RFC 5321 section 4.5.3.2 allows ten minutes after the final dot)."""

_PAUSES = (1, 2, 4, 15, 30, 60, 120, 300, 600, 1800)
"""The first are short: what is asked for just when a part comes back still meets whoever waits for it, for seconds."""

_LAST_PAUSE_S = 3600
_GIVE_UP_AFTER = {Letter.RESET: timedelta(hours=24), Letter.PORTAL_PASSWORD: timedelta(hours=24)}
_GIVE_UP_NOTICE_AFTER = timedelta(days=5)

_log = structlog.get_logger("idp.worker")


def pause_after(attempts: int) -> timedelta:
    """Give the pause before the next try, growing from a second to an hour.

    Args:
        attempts: tries so far, at least 1.
    """
    seconds = _PAUSES[attempts - 1] if attempts <= len(_PAUSES) else _LAST_PAUSE_S
    return timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Outbox:
    """Works the queue off, one letter at a time."""

    store: Store
    correspondence: Correspondence
    letters: Letters
    mailer: Mailer
    clock: Clock
    message_id_domain: str

    def release_leases(self) -> int:
        """Make letters due that a dead worker held; only for who knows that no other worker lives."""
        with self.store.transaction() as work:
            return work.outbox.release_leases(self.clock.now())

    def run_once(self) -> OutboxRow | None:
        """Handle the letter that is due longest.

        Returns:
            the letter as it stands afterwards, or None when nothing is due.
        """
        now = self.clock.now()
        with self.store.transaction() as work:
            row = work.outbox.take_due(now, now + LEASE)
        return self._handle(row) if row else None

    def _handle(self, row: OutboxRow) -> OutboxRow:
        try:
            addressed = self.correspondence.address(row)
        except LetterDropped as exc:
            return self._finish(row, OutboxState.DROPPED, exc.reason, exc.subject)
        except LetterWaits as exc:
            return self._until_mended(row, exc)
        except Unavailable as exc:
            return self._later(row, exc.part)
        return self._hand_over(row, addressed)

    def _hand_over(self, row: OutboxRow, addressed: Addressed) -> OutboxRow:
        try:
            self.mailer.send(self._mail(row, addressed))
        except MailRefused:
            return self._finish(row, OutboxState.DROPPED, "refused", addressed.subject)
        except Unavailable as exc:
            return self._later(row, exc.part, addressed.subject)
        return self._finish(replace(row, mailbox=addressed.mailbox), OutboxState.SENT, "sent", addressed.subject)

    def _mail(self, row: OutboxRow, addressed: Addressed) -> Mail:
        content = self.letters.write(row.letter, addressed.language, addressed.facts)
        message_id = f"<{row.id}@{self.message_id_domain}>"
        return Mail(addressed.to, content, message_id, row.created_at, addressed.language)

    def _until_mended(self, row: OutboxRow, found: LetterWaits) -> OutboxRow:
        _log.warning("letter_waits", id=row.id, letter=str(row.letter), wrong=found.wrong, entry_uuid=found.entry_uuid)
        later = self._later(row, found.wrong, found.subject)
        if row.attempts == 1 and later.state is OutboxState.WAITING:
            with self.store.transaction() as work:  # once: support looks at a user whose owner got no mail
                work.audit.append(self._event(later, "letter.waits", found.subject))
        return later

    def _later(self, row: OutboxRow, part: str, subject: str = "") -> OutboxRow:
        now = self.clock.now()
        if now >= row.created_at + _GIVE_UP_AFTER.get(row.letter, _GIVE_UP_NOTICE_AFTER):
            return self._finish(row, OutboxState.DROPPED, f"gave-up-{part}", subject)
        later = replace(row, next_attempt_at=now + pause_after(row.attempts), outcome=f"waits-for-{part}")
        with self.store.transaction() as work:
            work.outbox.put_off(row, later.next_attempt_at, later.outcome)
        return later

    def _finish(self, row: OutboxRow, state: OutboxState, outcome: str, subject: str) -> OutboxRow:
        now: datetime = self.clock.now()
        finished = replace(row, state=state, outcome=outcome, finished_at=now)
        with self.store.transaction() as work:
            work.outbox.finish(finished)
            work.audit.append(self._event(finished, f"letter.{state}", subject))
        return finished

    def _event(self, row: OutboxRow, action: str, subject: str) -> AuditEvent:
        facts = {"letter": str(row.letter), "outcome": row.outcome, "attempts": str(row.attempts)}
        if "request" in row.facts:  # by which a reset is followed from its asking to its password
            facts["request"] = row.facts["request"]
        about = subject or row.facts.get("user") or row.facts.get("owner", "")
        return AuditEvent(self.clock.now(), action, "service", about, facts)
