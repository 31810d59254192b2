"""Faults that are planted in the service: a torture that finds nothing says nothing, unless it would have found these."""

from __future__ import annotations

from http import HTTPStatus
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.system.processes import waiting
from tests.torture import planted
from tests.torture.court import Court
from tests.torture.facts import Forbidden, Link
from tests.torture.household import Household
from tests.torture.model import Account
from tests.torture.office import Office
from tests.torture.owner import Owners
from tests.torture.place import Place, running_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PATIENCE_S = 15


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A service in which faults can be planted."""
    folder = tmp_path_factory.mktemp("planted")
    (folder / planted.FILE).write_text("")
    with running_place(folder, planted.__name__) as running:
        yield running


@pytest.fixture
def household(place: Place) -> Iterator[Household]:
    """People in it; the service is well."""
    court = Court()
    made = Household(place, court, Office(place, court, place.admin()), Random(1), f"U4BBP{next(_NUMBERS)}")  # noqa: S311  # it guards nothing
    made.move_in(1)
    (account,) = made.accounts
    made.application.log_in(account, account.password)
    yield made
    (place.folder / planted.FILE).write_text("")


_NUMBERS = iter(range(100))


def _use_token_of_a_blocked_one(household: Household, account: Account) -> None:
    household.office.block(account)
    household.application.introspect(account, account.held[0])


def _use_token(household: Household, account: Account) -> None:
    household.application.introspect(account, account.held[0])


def _log_in_and_use_token(household: Household, account: Account) -> None:
    household.application.log_in(account, account.password)
    household.application.introspect(account, account.held[-1])


def _reset(household: Household, account: Account) -> None:
    household.office.release(account)
    household.owners.ask(account, with_ticket=False)
    for _ in waiting(_PATIENCE_S):
        if account.asked is None:
            break
        household.owners.look_for_letter(account)
    assert account.link is not None
    household.owners.choose(account, account.link, [household.new_password()])
    household.application.log_in(account, account.password)


FOUND: dict[str, tuple[Callable[[Household, Account], None], str]] = {
    "gate skipped": (_use_token_of_a_blocked_one, "a token works whose user"),
    "letter lost": (_reset, "a letter does not come"),
    "password not written": (_reset, "its own password was refused"),
    "token not kept": (_log_in_and_use_token, "a token was ended"),
    "traceback": (_use_token, "was answered 500"),
    "later without a reason": (_use_token, "later without a reason"),
}


@pytest.mark.parametrize("name", planted.PLANTS)
def test_a_planted_fault_is_found(place: Place, household: Household, name: str) -> None:
    """What the load does anyway finds it, at the first time."""
    act, words = FOUND[name]
    (place.folder / planted.FILE).write_text(name)
    with pytest.raises(Forbidden, match=words):
        act(household, household.accounts[0])


def test_without_a_fault_nothing_is_found(household: Household) -> None:
    """Nor does it find what is not there."""
    (account,) = household.accounts
    _log_in_and_use_token(household, account)
    _reset(household, account)
    _use_token_of_a_blocked_one(household, account)


class _Credulous(Owners):
    """For whom each link works each time, which no single fault of the service brings about."""

    def _submit(self, link: Link, password: str) -> int | None:
        del link, password
        return HTTPStatus.SEE_OTHER

    def _open(self, account: Account, link: Link, began: float) -> int:
        del account, link, began
        return HTTPStatus.OK


def test_a_link_that_works_twice_is_found(place: Place) -> None:
    """At once in two browsers, and one after the other."""
    owners, account, link = _Credulous(place, Court()), Account("U4BBP0001", "p@example.nl"), Link("/reset/password/x", "")
    with pytest.raises(Forbidden, match="taken twice"):
        owners.choose(account, link, ["het ene", "het andere"])
    owners.choose(account, link, ["het ene"])
    with pytest.raises(Forbidden, match="works twice"):
        owners.submit_again(account, link, "het andere")
