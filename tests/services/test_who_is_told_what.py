"""The error message: who comes from the portal is told the cause that applies first, a stranger nothing (R22)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.directory_time import LONG_PAST
from idp.domain.people import Locks
from idp.errors import DirectoryUnavailable, ResetCause, ResetRefused
from tests.services.composition import COOLDOWN
from tests.services.world import FULL_NAME, NAME, OTHERS_NAME, PASSWORD, UNKNOWN_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.services.world import NewWorld, World

pytestmark = pytest.mark.row("R22")

DATA: dict[str, Callable[[World], object]] = {
    "blocked": lambda world: world.admin.block(NAME),
    "not yet": lambda world: world.admin.set_locks(NAME, Locks(start="20990101000000Z")),
    "owner blocked": lambda world: world.admin.set_owner_locks(world.anna, Locks(end=LONG_PAST)),
    "no address": lambda world: world.admin.set_mail(world.anna, None),
    "no owner": lambda world: world.admin.delete_owner(world.anna),
}


@pytest.fixture
def everyone(new_world: NewWorld) -> World:
    """The manual to the letter: everyone is told."""
    return new_world(reset={"message": "everyone"})


def refused(act: Callable[[], object]) -> ResetRefused:
    """Give what was told."""
    with pytest.raises(ResetRefused) as raised:
        act()
    return raised.value


@pytest.mark.parametrize("what", DATA)
def test_an_owner_is_told_that_the_data_are_wrong(world: World, what: str) -> None:
    """The owner would wait for a mail that never comes."""
    cookie = world.ticket()
    DATA[what](world)
    told = refused(lambda: world.identify(cookie=cookie))
    assert (told.cause, told.next_reset_at) == (ResetCause.DATA, None)


def test_an_owner_whose_user_was_deleted_is_told_that_the_data_are_wrong(world: World) -> None:
    """The portal showed it a moment ago: *unknown* would be a riddle."""
    cookie = world.ticket()
    world.admin.delete(NAME)
    assert refused(lambda: world.identify(cookie=cookie)).cause is ResetCause.DATA


@pytest.mark.row("R6")
def test_a_former_owner_is_told_no_more_than_that(world: World) -> None:
    """A ticket from before the user changed hands would tell how it is with its new owner."""
    cookie = world.ticket()
    world.admin.set_password(NAME, PASSWORD)
    world.admin.give_to(NAME, world.bob)
    told = refused(lambda: world.identify(cookie=cookie))
    assert (told.cause, told.next_reset_at) == (ResetCause.DATA, None)


@pytest.mark.row("R27")
def test_an_owner_is_told_when_a_next_reset_is_possible(world: World) -> None:
    """The owner would try every hour, and call support."""
    world.admin.set_password(NAME, PASSWORD)
    end = world.clock.now() + COOLDOWN
    told = refused(lambda: world.identify(cookie=world.ticket()))
    assert (told.cause, told.next_reset_at) == (ResetCause.COOLDOWN, end)
    world.clock.go(COOLDOWN)
    world.identify(cookie=world.ticket())


def test_wrong_data_are_told_before_the_cooldown(world: World) -> None:
    """The owner would wait for a day, and then be told of the block."""
    world.admin.set_password(NAME, PASSWORD)
    world.admin.block(NAME)
    assert refused(lambda: world.identify(cookie=world.ticket())).cause is ResetCause.DATA


@pytest.mark.row("R24")
def test_a_release_counts_at_once(world: World) -> None:
    """Support says *try again*, and the page still says tomorrow."""
    world.admin.set_password(NAME, PASSWORD)
    world.admin.release(world.user())
    world.request(cookie=world.ticket())


def test_what_changes_between_the_steps_is_told_at_verify_and_uses_nothing_up(world: World) -> None:
    """The owner would be sent to a mailbox in which nothing comes."""
    step = world.identify(cookie=world.ticket())
    world.admin.block(NAME)
    world.calls.names.clear()
    assert refused(lambda: world.request_reset.verify(step, FULL_NAME)).cause is ResetCause.DATA
    assert world.calls.names == ["store.reading", "directory.find_user_by_uuid", "directory.find_owner"]
    world.admin.unblock(NAME)
    world.request_reset.verify(step, FULL_NAME)


def test_an_owner_is_told_after_the_limits(world: World) -> None:
    """An owner's page could be used to ask the directory without end."""
    cookie = world.ticket()
    world.admin.block(NAME)
    world.calls.names.clear()
    refused(lambda: world.identify(cookie=cookie))
    assert world.calls.names == [
        "store.reading",
        "store.transaction",
        "limits.hit reset-address-ticket",
        "limits.check reset-name-ticket",
        "directory.find_user_by_uuid",
        "directory.find_owner",
    ]


def test_a_refusal_makes_no_step(world: World) -> None:
    """Nothing to go on with may be left."""
    cookie = world.ticket()
    world.admin.block(NAME)
    refused(lambda: world.identify(cookie=cookie))
    assert (world.audit(), world.take_letters()) == ([], [])


def test_a_directory_that_is_down_is_told_to_the_owner(world: World) -> None:
    """*Wrong data* would send the owner to support, who find nothing wrong."""
    cookie = world.ticket()
    world.admin.away = True
    with pytest.raises(DirectoryUnavailable):
        world.identify(cookie=cookie)


# -- reset.message = "everyone" ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [f"{UNKNOWN_NAME}@u4bsw.nl", "*@u4bsw.nl"])
def test_everyone_can_be_told_of_a_typing_error(everyone: World, typed: str) -> None:
    """Who wants the manual's literal behaviour would not get it."""
    told = refused(lambda: everyone.identify(typed))
    assert (told.cause, told.next_reset_at) == (ResetCause.UNKNOWN, None)
    assert "limits.check reset-name" in everyone.calls.names


def test_everyone_can_be_told_of_the_cooldown_and_of_wrong_data(everyone: World) -> None:
    """Likewise."""
    everyone.request(f"{OTHERS_NAME}@u4bsw.nl")
    everyone.admin.set_password(NAME, PASSWORD)
    told = refused(everyone.identify)
    assert (told.cause, told.next_reset_at) == (ResetCause.COOLDOWN, everyone.clock.now() + COOLDOWN)
    everyone.admin.block(NAME)
    assert refused(everyone.identify).cause is ResetCause.DATA


def test_everyone_is_told_at_verify_too(everyone: World) -> None:
    """Likewise."""
    step = everyone.identify()
    everyone.clock.go(timedelta(minutes=1))
    everyone.admin.set_password(NAME, PASSWORD)
    assert refused(lambda: everyone.request_reset.verify(step, FULL_NAME)).cause is ResetCause.COOLDOWN


def test_an_owner_is_told_of_their_own_user_though_another_has_its_name_by_now(everyone: World) -> None:
    """A ticket would tell about the next customer of that name."""
    cookie = everyone.ticket()
    everyone.admin.recreate(NAME, everyone.bob)
    assert refused(lambda: everyone.identify(cookie=cookie)).cause is ResetCause.DATA
