"""Mail: what waits to be sent, and what is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Letter(StrEnum):
    """The letters that we write."""

    RESET = "reset"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105  # a kind of letter
    MAIL_CHANGED = "mail-changed"
    OWNER_CHANGED = "owner-changed"
    USER_BLOCKED = "user-blocked"
    INVITATION = "invitation"
    PORTAL_PASSWORD = "portal-password"  # noqa: S105  # a kind of letter
    PORTAL_PASSWORD_CHANGED = "portal-password-changed"  # noqa: S105  # a kind of letter
    STALE_PASSWORD = "stale-password"  # noqa: S105  # a kind of letter


class OutboxState(StrEnum):
    """Where a letter stands."""

    WAITING = "waiting"
    SENT = "sent"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A letter that waits, or was sent. It holds no link and no secret: those are derived at each try.

    Args:
        id: random identifier; with the origin's host it makes the Message-ID, the same at each try.
        letter: which one.
        facts: what it is about: ``request``, ``bare``, ``owner_uuid``, ``to`` (for notices to an old address), ``dn`` (for those
            to a former owner), moments.
        created_at: when it was queued.
        next_attempt_at: not before this moment.
        attempts: tries so far.
        state: where it stands.
        outcome: one word on how it ended, for operators.
        mailbox: keyed digest of the address it went to, for the limit by mailbox.
        with_ticket: asked from the portal (a budget of its own).
        finished_at: when it was sent or dropped.
    """

    id: str
    letter: Letter
    facts: Mapping[str, str]
    created_at: datetime
    next_attempt_at: datetime
    attempts: int = 0
    state: OutboxState = OutboxState.WAITING
    outcome: str = ""
    mailbox: str = ""
    with_ticket: bool = False
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """A letter's words."""

    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Mail:
    """One message for the mail server.

    Args:
        to: one address.
        content: words; may hold a link with a secret.
        message_id: with angle brackets; the same at each try.
        date: when it was queued.
        language: ``nl`` or ``en``.
    """

    to: str = field(repr=False)
    content: Content
    message_id: str
    date: datetime
    language: str
