"""No recipe of the admins is only read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.docs.recipe import ADMIN, recipes
from tests.docs.test_admin_users import PROMISES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.docs.office import Office
    from tests.system.two_ways import Customer

ELSEWHERE = {
    "Invite",
    "Import many users",
    "Not wait for the disk",
    "Who is in cooldown",
    "Give a colleague of support their rights",
    "Take the rights away again",
    "Back up",
    "Restore",
    "Turn the logs up",
    "Turn the logs down",
    "In an editor: ldapvi",
}
"""Those that have a test module of their own."""


def test_each_recipe_is_run() -> None:
    """An admin would paste what nobody has tried."""
    assert set(recipes()) == set(PROMISES) | ELSEWHERE


def test_who_did_what_with_whatever_tool_is_told(office: Office, customer: Customer, tmp_path: Path) -> None:
    """The document names one command for that; support could answer nobody's question *who blocked me?*."""
    command = 'idp audit list --user "$NAME"'
    assert f"`{command}`" in ADMIN.read_text("utf-8")
    colleague = office.supporter(tmp_path).about(customer.user.uid)
    colleague.paste(recipes()["Block"].block)
    office.letters()
    told = office.on_the_server(tmp_path).about(customer.user.uid).type(f"{command} --json")
    assert "user.blocked" in told
    assert colleague.dn in told
