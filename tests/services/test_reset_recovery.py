"""Whatever dies during a reset: the password is the old one or the new one, and what goes with it follows (R19, R20)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.reset_request import CLAIM_LEASE, ResetState
from idp.errors import DirectoryUnavailable, EntryMalformed, LinkBusy, LinkDead, LinkSpent
from tests.services.calls import Crash, raising
from tests.services.resets import WRITE, assert_confirmed_once, complete, dies, has_password, live_grants, prepared
from tests.services.tokens import is_live, issue
from tests.services.world import NAME, NEW_PASSWORD, PASSWORD, World

if TYPE_CHECKING:
    from tests.services.world import NewWorld

SECOND = timedelta(seconds=1)

pytestmark = pytest.mark.row("R19", "R20")


def test_a_crash_before_the_write_gives_the_link_back(world: World, request_id: str, link: str) -> None:
    """The owner would have to ask for another mail."""
    dies(world, link, before=WRITE)
    with pytest.raises(LinkBusy):
        world.complete_reset.open(link)
    world.clock.go(CLAIM_LEASE)
    assert world.complete_reset.recover() == 1
    request = world.reset(request_id)
    assert (request.state, request.claimed_at) == (ResetState.LIVE, None)
    assert live_grants(world) == 1
    assert (world.audit("reset.completed"), world.take_letters()) == ([], [])
    complete(world, link)
    assert_confirmed_once(world, request_id)


def test_a_crash_after_the_write_is_finished_by_recovery(world: World, request_id: str, link: str) -> None:
    """The password would be new, a thief's tokens alive, and nobody told."""
    dies(world, link, after=WRITE)
    assert has_password(world, NEW_PASSWORD)
    world.clock.go(CLAIM_LEASE)
    assert world.complete_reset.recover() == 1
    with pytest.raises(LinkSpent):
        world.complete_reset.open(link)
    assert_confirmed_once(world, request_id)
    (event,) = world.audit("reset.completed")
    assert (event.actor, event.subject) == ("owner", world.user().entry_uuid)
    assert event.detail == {"request": request_id, "grants": "1"}


def test_who_was_let_in_with_the_new_password_stays_when_recovery_comes(world: World, request_id: str, link: str) -> None:
    """The owner typed the new password into an application at once: a minute later its tokens would be dead, without a reason."""
    dies(world, link, after=WRITE)
    issued = issue(world, world.client())
    world.clock.go(CLAIM_LEASE)
    assert world.complete_reset.recover() == 1
    assert world.reset(request_id).state is ResetState.SPENT
    assert is_live(world, issued) == (True, True)
    (event,) = world.audit("reset.completed")
    assert event.detail["grants"] == "1"  # the one that was given with the former


def test_who_comes_back_settles_their_own_claim(world: World, request_id: str, link: str) -> None:
    """With the worker down as well, the link would stay busy."""
    dies(world, link, before=WRITE)
    world.clock.go(CLAIM_LEASE)
    complete(world, link)
    assert_confirmed_once(world, request_id)


def test_who_opens_a_link_after_a_crash_behind_the_write_is_told_that_it_was_used(
    world: World, request_id: str, link: str
) -> None:
    """They would set yet another password, which the cooldown refuses."""
    dies(world, link, after=WRITE)
    world.clock.go(CLAIM_LEASE)
    with pytest.raises(LinkSpent):
        world.complete_reset.open(link)
    assert_confirmed_once(world, request_id)


def test_a_claim_within_its_minute_is_left_alone(world: World, request_id: str, link: str) -> None:
    """A submission under way would be settled under its hands."""
    dies(world, link, before=WRITE)
    world.clock.go(CLAIM_LEASE - SECOND)
    assert world.complete_reset.recover() == 0
    assert world.reset(request_id).state is ResetState.CLAIMED


def test_after_a_clock_that_was_set_back_a_claim_is_settled_at_once(world: World, request_id: str, link: str) -> None:
    """A link would be busy for an hour."""
    dies(world, link, before=WRITE)
    world.clock.go(-SECOND)
    assert world.complete_reset.recover() == 1
    assert world.reset(request_id).state is ResetState.LIVE


def test_a_user_deleted_meanwhile_ends_the_link(world: World, request_id: str, link: str) -> None:
    """Recovery would break on it each time, and settle nobody else's."""
    dies(world, link, before=WRITE)
    world.admin.delete(NAME)
    world.clock.go(CLAIM_LEASE)
    assert world.complete_reset.recover() == 1
    assert world.reset(request_id).state is ResetState.DROPPED


def test_an_entry_that_must_be_mended_first_is_looked_at_again(world: World, request_id: str, link: str) -> None:
    """Its password would be new, and nobody told; or the link live on beside it."""
    dies(world, link, after=WRITE)
    world.clock.go(CLAIM_LEASE)
    world.calls.before["directory.find_user_by_uuid"] = raising(EntryMalformed("two owners"))
    world.complete_reset.recover()
    request = world.reset(request_id)
    assert (request.state, request.claimed_at) == (ResetState.CLAIMED, world.clock.now())
    world.clock.go(CLAIM_LEASE - SECOND)
    world.complete_reset.recover()
    assert world.audit("reset.completed") == []
    world.clock.go(SECOND)
    world.complete_reset.recover()
    assert_confirmed_once(world, request_id)


def test_a_damaged_claim_keeps_nobody_else_waiting(world: World, request_id: str, link: str) -> None:
    """One row would stop recovery for all."""
    dies(world, link, before=WRITE)
    damaged = replace(world.reset(request_id), id="damaged", digest="damaged", binding=None)
    with world.database.transaction() as work:
        work.resets.add(damaged)
    world.clock.go(CLAIM_LEASE)
    world.complete_reset.recover()
    assert world.reset(request_id).state is ResetState.LIVE
    assert world.reset("damaged").state is ResetState.CLAIMED


def test_recovery_waits_for_a_directory_that_is_down(world: World, request_id: str, link: str) -> None:
    """It would guess."""
    dies(world, link, after=WRITE)
    world.clock.go(CLAIM_LEASE)
    world.admin.away = True
    with pytest.raises(DirectoryUnavailable):
        world.complete_reset.recover()
    assert world.reset(request_id).state is ResetState.CLAIMED
    world.admin.away = False
    world.complete_reset.recover()
    assert_confirmed_once(world, request_id)


def _calls_of_a_reset(new_world: NewWorld) -> list[str]:
    world = new_world()
    _, link = prepared(world)
    complete(world, link)
    return list(world.calls.names)


def test_whatever_call_a_process_dies_at_the_rest_follows(new_world: NewWorld) -> None:
    """The password is the old one or the new one; new, it is confirmed once and every grant has ended; no link works twice."""
    calls = _calls_of_a_reset(new_world)
    assert WRITE in calls
    for number, name in enumerate(calls):
        for moment in ("before", "after"):
            world = new_world()
            request_id, link = prepared(world)
            getattr(world.calls, moment)[number] = raising(Crash())
            with pytest.raises(Crash):
                complete(world, link)
            world.calls.names.clear()
            _assert_settled(world, request_id, link, f"{moment} {name}, call {number}")


def _assert_settled(world: World, request_id: str, link: str, where: str) -> None:
    written = has_password(world, NEW_PASSWORD)
    assert written != has_password(world, PASSWORD), where
    world.clock.go(CLAIM_LEASE)
    world.complete_reset.recover()
    if not written:
        assert live_grants(world) == 1, where
        complete(world, link)
    with pytest.raises(LinkDead):
        complete(world, link, "weer een andere wachtzin hier")
    assert has_password(world, NEW_PASSWORD), where
    assert_confirmed_once(world, request_id)


def test_a_write_that_never_came_leaves_the_link_alive_after_a_minute(world: World, request_id: str, link: str) -> None:
    """A time-out would cost the link."""
    world.calls.before[WRITE] = raising(DirectoryUnavailable())
    with pytest.raises(DirectoryUnavailable):
        complete(world, link)
    with pytest.raises(LinkBusy):
        complete(world, link)
    world.clock.go(CLAIM_LEASE)
    complete(world, link)
    assert_confirmed_once(world, request_id)


def test_a_write_whose_answer_was_lost_is_confirmed_all_the_same(world: World, request_id: str, link: str) -> None:
    """The owner would see *it does not work*, and not know that the password was changed."""
    world.calls.after[WRITE] = raising(DirectoryUnavailable())
    with pytest.raises(DirectoryUnavailable):
        complete(world, link)
    world.clock.go(CLAIM_LEASE)
    assert world.complete_reset.recover() == 1
    assert_confirmed_once(world, request_id)
    assert world.complete_reset.recover() == 0
