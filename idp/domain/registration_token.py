"""Initial access tokens: what whoever holds one may register by itself (RFC 7591 section 1.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class RegistrationToken:
    """An initial access token; the token itself is never kept.

    Args:
        id: random identifier, which proves nothing.
        digest: keyed digest of the token.
        connector: id of the connector whose facts are the most that a client may get.
        created_at: when it was made.
        expires_at: its end.
        uses: how many clients it is good for.
        used: how many there are.
        ended_at: when an operator has ended it, or None.
    """

    id: str
    digest: str = field(repr=False)
    connector: str
    created_at: datetime
    expires_at: datetime
    uses: int
    used: int = 0
    ended_at: datetime | None = None

    def good_at(self, now: datetime) -> bool:
        """Tell whether another client may be registered with it."""
        return self.ended_at is None and now < self.expires_at and self.used < self.uses
