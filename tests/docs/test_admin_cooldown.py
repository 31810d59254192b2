"""The recipe *who is in cooldown*: the directory, asked by time, says the same as the service would to each owner."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
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


@pytest.fixture
def held(office: Office) -> str:
    """Give the one user who is in cooldown, among others who are not: changed the day before, released, without a password."""
    uids = []
    for hours, released in ((23, None), (25, None), (23, "TRUE")):
        customer = Customer.begin(office.service)
        changed = datetime.now(UTC) - timedelta(hours=hours)
        office.slapd.write(customer.dn, "pwdChangedTime", f"{changed:%Y%m%d%H%M%SZ}", "-e", "relax")
        office.slapd.write(customer.dn, "pwdReset", released)
        uids.append(customer.user.uid)
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
