"""Nonces that a DPoP proof repeats, so that it was made just now and not in advance (RFC 9449 sections 8, 9 and 11.2).

A nonce is worked out from the key file and the time, and kept nowhere: every process knows those of all others. At one moment it
is the same for everybody, which costs nothing: a proof works once, and who could read a nonce could just as well ask for one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from idp.domain.capability import Purpose

if TYPE_CHECKING:
    from idp.domain.digests import KeyedDigests
    from idp.ports.outside import Clock

HEADER = "DPoP-Nonce"
PERIOD = timedelta(minutes=2)
"""So long one is given out; it works in the next period too, hence for two to four minutes."""


@dataclass(frozen=True, slots=True)
class DPoPNonces:
    """Gives and knows them."""

    digests: KeyedDigests
    clock: Clock

    def current(self) -> str:
        """Give the one of this moment."""
        return self._of(self._period())

    def is_fresh(self, nonce: str) -> bool:
        """Tell whether one was given a short time ago, maybe by a machine whose clock is a little ahead of ours."""
        now = self._period()
        return nonce in {self._of(period) for period in (now - 1, now, now + 1)}

    def _period(self) -> int:
        return int(self.clock.now().timestamp() // PERIOD.total_seconds())

    def _of(self, period: int) -> str:
        return self.digests.derive(Purpose.DPOP_NONCE, str(period))
