"""A backup that is taken under the load, and what is restored from it: does it agree with what was acknowledged before?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.cli.installation import run_here
from tests.system.restored import back_up, restored_service
from tests.system.visitor import Visitor
from tests.torture.facts import Life

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.torture.court import Court
    from tests.torture.household import Household
    from tests.torture.place import Place


@dataclass(frozen=True)
class Backup:
    """One.

    Args:
        folder: holds it.
        given: access tokens that were acknowledged before it began.
    """

    folder: Path
    given: frozenset[str]

    @classmethod
    def take(cls, place: Place, households: Sequence[Household]) -> Backup:
        """Take one, whatever else is done meanwhile; all parts are there."""
        accounts = [account for household in households for account in list(household.accounts)]
        given = frozenset(held.access for account in accounts for held in list(account.held))
        return cls(back_up(place.config, place.folder / "backups"), given)

    def judge(self, place: Place, court: Court, households: Sequence[Household]) -> None:
        """Restore it beside the service, and hold what that says against what is known by now."""
        beside = place.folder / "restored"
        beside.mkdir()
        with restored_service(place.config, self.folder, beside) as restored:
            verified = run_here("--config", str(restored.config), "audit", "verify")
            if verified.code:
                court.condemn(f"what was restored does not hold: {verified}")
            visitor = Visitor(restored.url)
            for account in (account for household in households for account in household.accounts):
                for held in account.held:
                    life, must_live = account.life(held), held.access in self.given
                    fields = {"token": held.access, **place.clients["vendor_api"]}
                    active = bool(visitor.post("/oauth/introspect", fields).json["active"])
                    if (active and life is Life.DEAD) or (not active and must_live and life is Life.LIVE):
                        court.condemn(f"{account.uid}: what was restored says {active} of a token that is {life}: {account}")
