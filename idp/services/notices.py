"""Notices that must reach an owner: never limited, queued in the transaction of what they tell.

What happens in the directory has no transaction with the store. Its notice is queued *before* it, as an intent, with what the
directory showed then; afterwards it is confirmed. Whoever dies in between, or is refused, leaves the intent: when it is due, a
minute later, the directory shows whether it happened, and it is told or dropped (also when another letter tells it). A confirmed
notice is told whatever the directory shows by then: what was changed may have been changed back.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from idp.domain.audit import AuditEvent
from idp.domain.capability import Purpose
from idp.domain.mail import Letter, OutboxRow, OutboxState

if TYPE_CHECKING:
    from datetime import datetime

    from idp.domain.capability import Capability
    from idp.ports.store import Transaction
    from idp.services.secrets_kept import KeptSecrets


def queue_password_changed(work: Transaction, kept: KeptSecrets, user_uuid: str, bare: str, at: datetime) -> None:
    """Queue the confirmation of a password change, with its *Was jij dit niet?* link (R20).

    Args:
        work: the transaction that records the change.
        kept: where the link's digest goes.
        user_uuid: the koppelgebruiker.
        bare: its name.
        at: when the password was changed.
    """
    row_id = secrets.token_hex(16)
    link = kept.digests.derive(Purpose.NOT_ME, row_id)
    work.capabilities.add(kept.capability(Purpose.NOT_ME, link, {"user": user_uuid, "bare": bare}))
    queue(work, Letter.PASSWORD_CHANGED, at, {"user": user_uuid, "bare": bare, "at": at.isoformat()}, row_id)


def note_portal_password_changed(work: Transaction, link: Capability, now: datetime) -> None:
    """Use a link up, and write into the audit, once, that its owner chose a portal password by it."""
    if work.capabilities.use(link, now):
        work.audit.append(AuditEvent(now, "portal-password.changed", "owner", link.facts["owner"]))


def queue(work: Transaction, letter: Letter, now: datetime, facts: dict[str, str], row_id: str | None = None) -> None:
    """Queue any letter.

    Args:
        work: the transaction it belongs to.
        letter: which one.
        now: the present moment.
        facts: what it is about; no secrets.
        row_id: a chosen identifier, from which a link is derived.
    """
    work.outbox.add(OutboxRow(row_id or secrets.token_hex(16), letter, facts, now, now))


UNLESS = "unless"
"""The fact that makes a notice an intent: what the directory showed before. Where it still does, nothing has happened."""

SETTLED_AFTER = timedelta(minutes=1)
"""When an intent is due; longer than any timeout of one write to the directory."""


def intend(work: Transaction, letter: Letter, now: datetime, facts: dict[str, str], unless: str) -> OutboxRow:
    """Queue a notice of what is about to be done in the directory.

    Args:
        work: a transaction that is kept before it is done.
        letter: which one.
        now: the present moment.
        facts: what it is about.
        unless: what the directory shows as long as it isn't done.
    """
    row = OutboxRow(secrets.token_hex(16), letter, facts | {"at": now.isoformat(), UNLESS: unless}, now, now + SETTLED_AFTER)
    work.outbox.add(row)
    return row


def was_told(work: Transaction, letter: Letter, owner_uuid: str, to: str, at: datetime) -> bool:
    """Tell whether an intent told of a change already, before it was read of in the directory's log.

    Args:
        work: the transaction that would tell of it.
        letter: which one.
        owner_uuid: whom it is about.
        to: the address that is to know.
        at: when it was changed.
    """
    return any(
        row.state is OutboxState.SENT and UNLESS in row.facts and row.facts.get("to") == to and row.created_at <= at
        for row in work.outbox.about_owner(letter, owner_uuid, at)
    )


def confirm(work: Transaction, intent: OutboxRow, now: datetime) -> None:
    """Make it due at once, for certain, when it was done; one that the worker has by then is settled there."""
    facts = {name: value for name, value in intent.facts.items() if name != UNLESS}
    work.outbox.amend(replace(intent, facts=facts | {"at": now.isoformat()}, next_attempt_at=now))
