"""What this browser has just done, for the page that says so: without it such a page would claim what did not happen.

It stands in the browser's own signed cookie, so that a name stands in no address, and for as long as a reload makes sense.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import session

if TYPE_CHECKING:
    from idp.ports.outside import Clock

KEPT_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class JustDone:
    """Remembers one thing, the latest.

    Args:
        clock: tells when it is no news any more.
        slot: of things that happen beside each other, in two tabs, one does not take the other's place.
    """

    clock: Clock
    slot: str = "just-done"

    def remember(self, page: str, about: str = "") -> None:
        """Keep it with the answer under way.

        Args:
            page: the path of the page that says so.
            about: a name that the page tells.
        """
        session[self.slot] = [page, about, self.clock.now().timestamp()]

    def forget(self) -> None:
        """Keep nothing: what is done now is another matter."""
        session.pop(self.slot, None)

    def recall(self, page: str, kept_for: timedelta = KEPT_FOR) -> str | None:
        """Give what a page is about, or None when this did not just happen in this browser.

        Args:
            page: as it was remembered.
            kept_for: how long it is news.
        """
        done, about, at = session.get(self.slot, ("", "", 0.0))
        if done != page:
            return None
        if not 0 <= self.clock.now().timestamp() - at < kept_for.total_seconds():
            session.pop(self.slot, None)
            return None
        return str(about)
