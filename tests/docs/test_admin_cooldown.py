"""The recipe *who is in cooldown*: the directory, asked by time, says the same as the service would to each owner."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.docs.recipe import recipes
from tests.system.two_ways import Customer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.docs.desk import Desk
    from tests.docs.office import Office

RECIPE = recipes()["Who is in cooldown"]
FRESH = "een wachtzin van zojuist gekozen"


@pytest.fixture
def held(office: Office) -> str:
    """Give the one user who is in cooldown, among others who are not: changed long ago, released, without a password."""
    uids = []
    for released in (None, "TRUE"):
        customer = Customer.begin(office.service)
        office.slapd.write(customer.dn, "userPassword", FRESH)
        office.slapd.write(customer.dn, "pwdReset", released)
        uids.append(customer.user.uid)
    Customer.begin(office.service)  # whose password is of long ago
    office.on_the_server(office.folder).paste(recipes()["Invite"].block)
    return uids[0]


@pytest.mark.row("R27")
@pytest.mark.parametrize("whose", ["on_the_server", "admin", "supporter"])
def test_exactly_those_in_cooldown_are_listed(office: Office, held: str, tmp_path: Path, whose: str) -> None:
    """Support would tell an owner that a reset is possible, and the portal that it is not."""
    at: Callable[[Path], Desk] = getattr(office, whose)
    desk = at(tmp_path)
    assert re.findall(r"^uid: (\w+)$", desk.paste(RECIPE.block), re.MULTILINE) == [held]
    assert re.findall(r"^U4BB\w+", desk.type(RECIPE.shorter), re.MULTILINE) == [held]
