"""Notices that must reach an owner: never limited, queued in the transaction of what they tell."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from idp.domain.capability import Purpose
from idp.domain.mail import Letter, OutboxRow

if TYPE_CHECKING:
    from datetime import datetime

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
