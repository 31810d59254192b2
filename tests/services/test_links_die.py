"""What becomes of the user, or of its owner, kills the link in the mail; a stranger's request does not (R19)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.domain.reset_request import ResetState
from idp.errors import DirectoryUnavailable, LinkSpent, ResetRefused
from tests.services.resets import KILLS, complete, has_password
from tests.services.world import NAME, NEW_PASSWORD

if TYPE_CHECKING:
    from tests.services.world import World


pytestmark = pytest.mark.row("R19")


@pytest.mark.parametrize("what", KILLS)
def test_what_becomes_of_the_user_or_its_owner_kills_the_link(world: World, request_id: str, link: str, what: str) -> None:
    """A link in a mailbox that is somebody else's by now would set the password; or a blocked user would let itself in."""
    KILLS[what](world)
    with pytest.raises(LinkSpent):
        world.complete_reset.open(link)
    assert world.reset(request_id).state is ResetState.LIVE
    with pytest.raises(LinkSpent):
        complete(world, link)
    assert world.reset(request_id).state is ResetState.DROPPED
    assert "directory.set_user_password" not in world.calls.names


def test_a_link_that_died_stays_dead(world: World, link: str) -> None:
    """Whoever tried it while the user was blocked would only have to wait."""
    world.admin.block(NAME)
    with pytest.raises(LinkSpent):
        complete(world, link)
    world.admin.unblock(NAME)
    with pytest.raises(LinkSpent):
        world.complete_reset.open(link)


def test_a_note_on_the_entry_kills_nothing(world: World, link: str) -> None:
    """A release that support gives while the owner has the page open would cost the link."""
    world.admin.release(world.user())
    world.admin.set_language(world.anna, "en")
    complete(world, link)


def test_a_newer_request_does_not_kill_an_older_link(world: World, link: str) -> None:
    """A stranger could kill the owner's link by asking for another one."""
    newer = world.mailed_link()
    world.complete_reset.open(newer)
    complete(world, link)
    with pytest.raises(LinkSpent):
        world.complete_reset.open(newer)


@pytest.mark.parametrize("what", ["blocked", "locked", "not yet", "deleted", "made anew"])
def test_what_comes_between_the_look_and_the_write_wins(world: World, request_id: str, link: str, what: str) -> None:
    """The write would lift the block, or set the password of the next customer of that name."""
    world.calls.before["directory.set_user_password"] = lambda: KILLS[what](world)
    with pytest.raises(LinkSpent):
        complete(world, link)
    assert world.reset(request_id).state is ResetState.DROPPED
    assert what == "deleted" or not has_password(world, NEW_PASSWORD)
    assert (world.audit("reset.completed"), world.take_letters()) == ([], [])


def test_a_password_set_between_the_look_and_the_write_stands(world: World, link: str) -> None:
    """The write would undo what support has just set; the directory's own policy says so first."""
    world.calls.before["directory.set_user_password"] = lambda: world.admin.set_password(NAME, "door een ander gezet")
    with pytest.raises(ResetRefused):
        complete(world, link)
    assert has_password(world, "door een ander gezet")
    with pytest.raises(LinkSpent):
        complete(world, link)


def test_a_directory_that_is_down_before_the_claim_costs_nothing(world: World, request_id: str, link: str) -> None:
    """Who is unlucky would find the link busy, or dead."""
    world.admin.away = True
    with pytest.raises(DirectoryUnavailable):
        world.complete_reset.open(link)
    with pytest.raises(DirectoryUnavailable):
        complete(world, link)
    world.admin.away = False
    assert world.reset(request_id).state is ResetState.LIVE
    complete(world, link)
