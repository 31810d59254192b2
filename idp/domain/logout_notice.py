"""What applications are told of a logout (OpenID Connect Back-Channel Logout 1.0)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class LogoutNotice:
    """One application is to be told that one session has ended. The token that says so is made anew for each try.

    Args:
        id: random identifier; the token's `jti`, the same at each try.
        client_id: whom to tell.
        subject: `entryUUID` of the koppelgebruiker that it knows.
        session: see `PortalSession.id`.
        created_at: when the session ended.
        next_attempt_at: not before this moment.
        attempts: tries so far.
    """

    id: str
    client_id: str
    subject: str
    session: str
    created_at: datetime
    next_attempt_at: datetime
    attempts: int = 0
