"""What clients sign to say who they are: whose keys it is verified with, and that it works once (S20)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.domain.capability import Purpose
from idp.errors import AssertionRefused, Refusal

if TYPE_CHECKING:
    from datetime import datetime

    from idp.domain.client import Client
    from idp.services.used_once import UsedOnce


@dataclass(frozen=True, slots=True)
class Assertions:
    """Assertions that were used, in the store: a replay is refused by another process and after a restart too."""

    used_once: UsedOnce

    def signer(self, client_id: str, jti: str) -> Client | None:
        """Find the client whose keys an assertion is to be verified with.

        Args:
            client_id: whom it names, unproved.
            jti: its identifier, unproved.

        Returns:
            None where no key can help: the client is unknown or disabled, or has used this assertion already. One look for
            all of them, so that whoever asks sees no difference (S27).
        """
        with self.used_once.store.reading() as work:
            client = work.clients.get(client_id)
            used = self.used_once.was_used(work, Purpose.CLIENT_ASSERTION, client_id, jti)
        if client is None or not client.enabled or used:
            return None
        return client

    def use(self, client_id: str, jti: str, expires_at: datetime) -> None:
        """Use an assertion up, once all else of it was found right.

        Args:
            client_id: whose it is.
            jti: its identifier, apart for each client.
            expires_at: its end; it is kept for that long at least.

        Raises:
            AssertionRefused: somebody else was first.
        """
        if not self.used_once.first(expires_at, Purpose.CLIENT_ASSERTION, client_id, jti):
            raise AssertionRefused(Refusal.REPLAY)
