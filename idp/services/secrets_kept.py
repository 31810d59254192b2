"""Secrets that let their holder do something: made, found and used up, the same way for each purpose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.domain.capability import LIFETIMES, Capability, Purpose
from idp.domain.digests import KeyedDigests, new_secret
from idp.errors import LinkExpired, LinkUnknown, LinkUsed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from idp.ports.outside import Clock
    from idp.ports.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class KeptSecrets:
    """Keeps only digests (S34)."""

    store: Store
    digests: KeyedDigests
    clock: Clock

    def make(self, purpose: Purpose, facts: Mapping[str, str], expires_at: datetime | None = None) -> str:
        """Make a secret and keep its digest.

        Args:
            purpose: what it is for; gives its lifetime.
            facts: what it is bound to.
            expires_at: an earlier end.
        """
        secret = new_secret()
        with self.store.transaction() as work:
            work.capabilities.add(self.capability(purpose, secret, facts, expires_at))
        return secret

    def capability(
        self, purpose: Purpose, secret: str, facts: Mapping[str, str], expires_at: datetime | None = None, subject: str = ""
    ) -> Capability:
        """Make the row for a secret, to be kept in the caller's transaction."""
        now = self.clock.now()
        end = expires_at or now + LIFETIMES[purpose]
        return Capability(self.digests.digest(purpose, secret), purpose, facts, now, end, subject=subject)

    def find(self, purpose: Purpose, secret: str) -> Capability:
        """Find a live one; nothing changes.

        Raises:
            LinkUnknown: there is none.
            LinkUsed: used up.
            LinkExpired: its time is over.
        """
        with self.store.reading() as work:
            found = self.peek(work, purpose, secret)
        if found is None:
            raise LinkUnknown
        if found.used_at is not None:
            raise LinkUsed
        if not found.live_at(self.clock.now()):
            raise LinkExpired
        return found

    def peek(self, work: Transaction, purpose: Purpose, secret: str) -> Capability | None:
        """Find one inside a transaction, used or expired too."""
        return work.capabilities.get(purpose, self.digests.digest(purpose, secret))
