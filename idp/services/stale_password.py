"""An application that goes on with a wrong password, and was let in before: its owner is mailed, once.

It was not told of a new password, most likely; nobody but its owner can tell it. It is the same wrong secret over and over, which
locks nobody out (`idp.services.failed_secrets`), so that nothing else would ever show it to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.domain.audit_query import TOKENS, Wanted
from idp.domain.capability import Purpose
from idp.domain.mail import Letter
from idp.errors import LetterDropped
from idp.services.addressed import owner_of
from idp.services.notices import queue

if TYPE_CHECKING:
    from datetime import datetime

    from idp.domain.client import Client
    from idp.domain.mail import OutboxRow
    from idp.domain.people import Koppelgebruiker
    from idp.ports.directory import Directory
    from idp.ports.store import Transaction
    from idp.services.addressed import Addressed, Addressing
    from idp.services.secrets_kept import KeptSecrets

STALE_AFTER = 60
"""Repeats of one wrong secret by one application: an hour of those that try every minute. Nobody types so often."""


def queue_stale_password(work: Transaction, now: datetime, client: Client, user: Koppelgebruiker | None) -> None:
    """Queue the letter.

    Args:
        work: a transaction.
        now: the present moment.
        client: the application.
        user: for whom it tries; None: nobody, and the letter will go nowhere.
    """
    changed = (user.password_changed or "") if user else ""
    facts = {"user": user.entry_uuid if user else "", "client": client.client_id, "changed": changed}
    queue(work, Letter.STALE_PASSWORD, now, facts)


@dataclass(frozen=True, slots=True)
class StalePasswordLetter:
    """Addresses it."""

    directory: Directory
    kept: KeptSecrets
    addressing: Addressing

    def address(self, row: OutboxRow) -> Addressed:
        """Tell the owner which application it is, once for each password.

        Raises:
            LetterDropped: unknown, blocked, another password since, told already, or an application that was never let in, which
                may be anybody's guesses.
            UnknownUser: the user is gone.
            LetterWaits, EntryMalformed: not before an entry was mended.
        """
        if not row.facts["user"]:
            reason = "unknown"
            raise LetterDropped(reason)
        user = self.directory.find_user_by_uuid(row.facts["user"])
        owner = owner_of(self.directory, user)
        if user.is_shut_to(owner, self.kept.clock.now()):
            reason = "blocked"
            raise LetterDropped(reason, user.entry_uuid)
        if (user.password_changed or "") != row.facts["changed"]:
            reason = "settled"
            raise LetterDropped(reason, user.entry_uuid)
        facts = {"bare": user.uid, "application": self._application(row, user)}  # as it is typed there
        addressed = self.addressing.to_owner(owner, user.entry_uuid, facts)
        self._tell_once(row, user)
        return addressed

    def _application(self, row: OutboxRow, user: Koppelgebruiker) -> str:
        with self.kept.store.reading() as work:
            client = work.clients.get(row.facts["client"])
            let_in = work.audit.tally(Wanted(frozenset({user.entry_uuid}), action=TOKENS))
        if client is None or not client.enabled or f"client:{client.client_id}" not in {each.actor for each in let_in}:
            reason = "not-coupled"
            raise LetterDropped(reason, user.entry_uuid)
        return client.name

    def _tell_once(self, row: OutboxRow, user: Koppelgebruiker) -> None:
        about = f"{user.entry_uuid} {user.password_changed} {row.facts['client']}"
        told = self.kept.capability(Purpose.STALE_TOLD, about, {"row": row.id})
        with self.kept.store.transaction() as work:
            before = work.capabilities.get(Purpose.STALE_TOLD, told.digest)
            if before is None:
                work.capabilities.add(told)
            elif before.facts["row"] != row.id:  # its own is another try to send it
                reason = "told"
                raise LetterDropped(reason, user.entry_uuid)
