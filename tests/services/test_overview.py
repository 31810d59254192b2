"""All koppelgebruikers of an owner at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.errors import DirectoryUnavailable
from tests.services.tokens import HOUR, issue
from tests.services.world import FULL_NAME, NAME, PASSWORD, SECOND_NAME

if TYPE_CHECKING:
    from tests.services.world import World


def test_each_has_its_password_its_block_and_its_couplings(world: World) -> None:
    """An owner would have to look at three pages to know whether all is well with one."""
    world.admin.set_password(NAME, PASSWORD)
    chosen = world.clock.now()
    world.admin.block(SECOND_NAME)
    world.clock.go(HOUR)
    issue(world, world.client())
    first, second = world.overview.of_owner(world.anna)
    assert (first.line.full_name, first.line.user.password_since, first.line.blocked) == (FULL_NAME, chosen, False)
    assert [(coupling.application, coupling.grant.last_used_at) for coupling in first.couplings] == [
        ("Basecone", world.clock.now())
    ]
    assert (second.line.user.password_since, second.line.blocked, second.couplings) == (None, True, ())


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("", [True, True]),
        ("0009", [False, True]),
        (FULL_NAME, [True, False]),
        ("lunch vries", [False, True]),
        ("x", [False, False]),
        ("nl", [False, False]),
    ],
)
def test_one_is_found_by_its_administration_or_its_name(world: World, wanted: str, found: list[bool]) -> None:
    """An accountant with forty of them would read forty."""
    world.admin.set_administratie(SECOND_NAME, "Lunchroom De Vries")
    assert [each.is_wanted for each in world.overview.of_owner(world.anna, wanted)] == found


def test_a_hundred_cost_no_more_questions_than_one(world: World) -> None:
    """The first page after the login would take as long as there are koppelgebruikers."""
    world.calls.names.clear()
    world.overview.of_owner(world.anna)
    assert world.calls.names == ["directory.users_of", "store.reading"]


def test_while_the_directory_is_down_nothing_is_shown_as_gone(world: World) -> None:
    """People would believe that their users are gone."""
    world.admin.away = True
    with pytest.raises(DirectoryUnavailable):
        world.overview.of_owner(world.anna)
