"""Who has just chosen a password in this browser: what they may look at, and for how long."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from idp.domain.people import Seen
from idp.errors import Unavailable, UnknownUser
from idp.web.just_done import JustDone

if TYPE_CHECKING:
    from idp.ports.outside import Clock
    from idp.services.coupling_check import CouplingCheck

DONE = "/reset/done"
LOOKED_FOR = timedelta(minutes=30)
"""Long enough to find a bank's form, and short enough for a computer that others sit down at."""


@dataclass(frozen=True, slots=True)
class JustChanged:
    """The signed cookie names the entry and the very password: another one, and it opens nothing."""

    check: CouplingCheck
    clock: Clock

    def remember(self, bare: str) -> None:
        """Keep it with the answer under way, which says that the password was changed, whatever else fails now."""
        about = [bare]
        with suppress(Unavailable, UnknownUser):
            seen = self.check.present(bare)
            about += [seen.entry_uuid, seen.password_changed or ""]
        self._slot.remember(DONE, " ".join(about))

    def name(self) -> str | None:
        """Give the bare name, or None when nothing was changed here just now."""
        return self._recall()[0] or None

    def seen(self) -> Seen:
        """Give what may be looked at. Raises `UnknownUser`: nothing, or not any more."""
        match self._recall():
            case [_bare, entry_uuid, password_changed]:
                return Seen(entry_uuid, password_changed)
            case _:
                raise UnknownUser

    def _recall(self) -> list[str]:
        return (self._slot.recall(DONE, LOOKED_FOR) or "").split(" ")

    @property
    def _slot(self) -> JustDone:
        # What else is done meanwhile, in another tab, does not end the look.
        return JustDone(self.clock, "just-changed")
