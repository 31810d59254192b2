"""All koppelgebruikers of an owner at a glance, and the one among forty that they look for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.domain.searching import folded, is_found

if TYPE_CHECKING:
    from idp.domain.grant import Coupling
    from idp.domain.people import Owner
    from idp.services.couplings import Couplings
    from idp.services.portal import Portal, PortalLine


@dataclass(frozen=True, slots=True)
class Glance:
    """How one koppelgebruiker stands.

    Args:
        line: what the portal's block has of it.
        couplings: given with its present password, oldest first.
        found_in: what a search looks through, folded.
        is_wanted: this search finds it.
    """

    line: PortalLine
    couplings: tuple[Coupling, ...]
    found_in: str
    is_wanted: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """Reads the directory once and the store once, however many there are."""

    portal: Portal
    couplings: Couplings

    def of_owner(self, owner: Owner, wanted: str = "") -> list[Glance]:
        """Give all koppelgebruikers of an owner, ordered by name.

        Args:
            owner: whose.
            wanted: what was typed to find one; what it doesn't find is there as well, marked.
        """
        glances = []
        for each in self.couplings.of_owner(owner):
            line = self.portal.line(each.user)
            found_in = folded(f"{each.user.administratie} {line.full_name}")
            glances.append(Glance(line, each.couplings, found_in, is_found(wanted, found_in)))
        return glances
