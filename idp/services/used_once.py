"""What somebody has signed to be used once, kept until nobody could use it any more (S16, S20)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.domain.capability import Capability

if TYPE_CHECKING:
    from datetime import datetime

    from idp.domain.capability import Purpose
    from idp.domain.digests import KeyedDigests
    from idp.ports.outside import Clock
    from idp.ports.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class UsedOnce:
    """Kept in the store: a replay is refused by another process and after a restart too."""

    store: Store
    digests: KeyedDigests
    clock: Clock

    def first(self, expires_at: datetime, purpose: Purpose, *name: str) -> bool:
        """Use something up, and tell whether nobody has before.

        Args:
            expires_at: its end; it is kept for that long at least.
            purpose: what it is for.
            name: whose it is, and what it is called by them.
        """
        now = self.clock.now()
        used = Capability(self._digest(purpose, name), purpose, {}, now, expires_at, used_at=now)
        with self.store.transaction() as work:
            return work.capabilities.add(used)

    def was_used(self, work: Transaction, purpose: Purpose, *name: str) -> bool:
        """Tell whether somebody has used it up; see `first`."""
        return work.capabilities.get(purpose, self._digest(purpose, name)) is not None

    def _digest(self, purpose: Purpose, name: tuple[str, ...]) -> str:
        return self.digests.digest(purpose, *name)
