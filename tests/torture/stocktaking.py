"""What is left in the end, held against what was acknowledged."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.torture.asking import NotNow
from tests.torture.model import Forbidden, Life

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.torture.court import Court
    from tests.torture.household import Household
    from tests.torture.model import Account
    from tests.torture.office import Office
    from tests.torture.place import Place


def take_stock(place: Place, court: Court, office: Office, households: Sequence[Household]) -> None:
    """Look at everything, when all parts are back and nobody does anything any more."""
    del place
    for household in households:
        for account in household.accounts:
            with _judged(court):
                office.look(account)
                _look_at_tokens(household, account)


def _look_at_tokens(household: Household, account: Account) -> None:
    for held in list(account.held):
        works = household.application.introspect(account, held)
        if works and held.must_end:
            message = f"{account.uid}: a token lives again after a block"
            raise Forbidden(message)
        if account.life(held) is not Life.DEAD:
            household.application.refresh(account, held)


@contextmanager
def _judged(court: Court) -> Iterator[None]:
    try:
        yield
    except Forbidden as exc:
        court.condemn(str(exc))
    except NotNow as exc:
        court.condemn(f"in the end something is still away: {exc.__cause__!r}")
