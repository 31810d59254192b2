"""Whatever dies during a reset: the password is the old one or the new one, and what goes with it follows (R19, R20)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.mail import Letter
from idp.domain.reset_request import CLAIM_LEASE, ResetState
from idp.errors import DirectoryUnavailable, LinkBusy, LinkDead, LinkSpent, PasswordTooYoung, ResetRefused
from idp.services.grants import TokenPlan
from tests.services.calls import Crash, raising
from tests.services.test_complete_reset import complete, has_password
from tests.services.world import COOLDOWN, HOME, NAME, NEW_PASSWORD, PASSWORD, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.services.world import NewWorld

SECOND = timedelta(seconds=1)
WRITE = "directory.set_user_password"
PLAN = TokenPlan("administratie:read", "https://api.example/", timedelta(hours=1))

pytestmark = pytest.mark.row("R19", "R20")


def prepared(world: World) -> tuple[str, str]:
    """Have a link mailed to a user with a password and a grant; gives the request's id and the link."""
    world.admin.set_password(NAME, PASSWORD)
    world.clock.go(2 * COOLDOWN)
    world.grants.issue(world.client(), world.user(), HOME, PLAN)
    request_id = world.request()
    world.outbox.work_off()
    world.mailbox.received.clear()
    world.calls.names.clear()
    return request_id, world.link(request_id)


@pytest.fixture
def request_id(world: World) -> str:
    """A request whose mail was sent."""
    return prepared(world)[0]


@pytest.fixture
def link(world: World, request_id: str) -> str:
    """The secret in its mail."""
    return world.link(request_id)


def dies(world: World, link: str, before: str | None = None, after: str | None = None) -> None:
    """Submit, and die just before or just after a call."""
    if before:
        world.calls.before[before] = raising(Crash())
    if after:
        world.calls.after[after] = raising(Crash())
    with pytest.raises(Crash):
        complete(world, link)


def live_grants(world: World) -> int:
    """Count what was not ended."""
    with world.database.reading() as work:
        return len(work.grants.of_user(world.user().entry_uuid))


def assert_confirmed_once(world: World, request_id: str) -> None:
    """All that goes with a new password is there, and once."""
    assert world.reset(request_id).state is ResetState.SPENT
    assert live_grants(world) == 0
    assert len(world.audit("reset.completed")) == 1
    assert [row.letter for row in world.take_letters()] == [Letter.PASSWORD_CHANGED]


# -- a crash -----------------------------------------------------------------------------------------------------------------


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


# -- an answer that is lost --------------------------------------------------------------------------------------------------


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


# -- a submission slower than its claim --------------------------------------------------------------------------------------


def slowly(world: World) -> Callable[[], object]:
    """Let a minute pass, and recovery come by."""

    def pass_by() -> None:
        world.clock.go(CLAIM_LEASE)
        assert world.complete_reset.recover() == 1

    return pass_by


def test_a_password_written_after_recovery_gave_the_link_back_is_confirmed(world: World, request_id: str, link: str) -> None:
    """A machine that stood still for a minute would change a password in silence: nobody is told, and grants live on."""
    world.calls.before[WRITE] = slowly(world)
    assert complete(world, link) == NAME
    assert_confirmed_once(world, request_id)


def test_a_password_written_before_recovery_came_by_is_confirmed_once(world: World, request_id: str, link: str) -> None:
    """The owner would get two mails about one change."""
    world.calls.after[WRITE] = slowly(world)
    assert complete(world, link) == NAME
    assert_confirmed_once(world, request_id)


@pytest.mark.parametrize("password", [PASSWORD, NEW_PASSWORD], ids=["used before", "too young"])
def test_a_refusal_after_recovery_gave_the_link_back_leaves_it_alive(
    world: World, request_id: str, link: str, password: str
) -> None:
    """It would be given back twice, or be lost."""

    def too_late() -> None:
        slowly(world)()
        if password == NEW_PASSWORD:
            raise PasswordTooYoung

    world.calls.before[WRITE] = too_late
    with pytest.raises(LinkBusy):
        complete(world, link, password)
    assert world.reset(request_id).state is ResetState.LIVE
    complete(world, link)
    assert_confirmed_once(world, request_id)


def test_a_second_submission_between_loses_to_the_first_write(world: World, request_id: str, link: str) -> None:
    """Both would be told that theirs is the password."""

    def meanwhile() -> None:
        slowly(world)()
        complete(world, link, "de tweede was er eerder bij")

    world.calls.before[WRITE] = meanwhile
    with pytest.raises((LinkDead, LinkBusy)):
        complete(world, link)
    assert has_password(world, "de tweede was er eerder bij")
    assert_confirmed_once(world, request_id)


@pytest.mark.parametrize("what", ["before", "after"])
def test_two_recoveries_at_once_settle_once_and_neither_breaks(world: World, request_id: str, link: str, what: str) -> None:
    """The worker would die of a page that was opened at the same moment."""
    dies(world, link, **{what: WRITE})
    world.clock.go(CLAIM_LEASE)
    world.calls.after["directory.find_user_by_uuid"] = world.complete_reset.recover
    assert world.complete_reset.recover() == 1
    if what == "before":
        assert world.reset(request_id).state is ResetState.LIVE
    else:
        assert_confirmed_once(world, request_id)


def test_a_policy_stricter_than_configured_gives_the_link_back(world: World, request_id: str, link: str) -> None:
    """The page would promise a moment that is past; the link is not lost by it."""
    world.calls.before[WRITE] = raising(PasswordTooYoung())
    with pytest.raises(ResetRefused) as raised:
        complete(world, link)
    assert raised.value.next_reset_at is None
    assert world.reset(request_id).state is ResetState.LIVE
