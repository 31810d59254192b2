"""No recipe of the admins is only read."""

from __future__ import annotations

from tests.docs.recipe import recipes
from tests.docs.test_admin_users import PROMISES

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
