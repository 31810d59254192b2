"""Where somebody was led to the login from, and is led back to from there.

It stands in the browser's own signed cookie, so that no address can say either where to go, or that something was sent in vain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.web.just_done import JustDone

if TYPE_CHECKING:
    from idp.ports.outside import Clock

_HOME = "/"
_PLACES = re.compile(r"/\?q=[\w%+.-]{1,200}|/portal/couplings|/portal/(?:check|history)/[0-9a-f-]{36}", re.ASCII)
"""What may be gone back to, besides the portal itself: pages of ours that show something, short enough for a cookie."""

_READ, _SENT = "read", "sent"


@dataclass(frozen=True, slots=True)
class WayBack:
    """Remembers the latest."""

    clock: Clock

    def remember(self, place: str, *, sent: bool) -> None:
        """Keep it with the answer under way.

        Args:
            place: of ours, from its slash on, in the writing of addresses; any other is the portal.
            sent: a form came in, and nothing was done with it.
        """
        known = place if _PLACES.fullmatch(place) else _HOME
        if sent or known != _HOME:
            self._slot.remember(_SENT if sent else _READ, known)
        else:
            self._slot.forget()  # it is where everybody goes

    @property
    def was_in_vain(self) -> bool:
        """Tell whether something was sent, and nothing was done with it."""
        return self._slot.recall(_SENT) is not None

    def take(self) -> str:
        """Give where to go now, once."""
        place = self._slot.recall(_SENT) or self._slot.recall(_READ) or _HOME
        self._slot.forget()
        return place

    @property
    def _slot(self) -> JustDone:
        return JustDone(self.clock, "way-back")
