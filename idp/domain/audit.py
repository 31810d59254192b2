"""What is remembered of who did what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One thing that happened.

    Args:
        at: when.
        action: a dotted name, such as ``reset.completed``.
        actor: who: ``owner``, ``client:<client_id>``, ``operator:<dn>``, ``service``, ``stranger``.
        subject: whom it concerns: an `entryUUID`, a client_id, or empty.
        detail: small facts; no secrets, no mail addresses.
    """

    at: datetime
    action: str
    actor: str
    subject: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """An event as stored: numbered, and chained to the one before by a keyed digest."""

    number: int
    event: AuditEvent
    chain: str
