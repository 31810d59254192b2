"""Two submissions of one link, or one that is slower than its claim: exactly one password, told exactly once (R19, R20)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from idp.domain.reset_request import CLAIM_LEASE, ResetState
from idp.errors import IdpError, LinkBusy, LinkDead, PasswordTooYoung, ResetRefused
from tests.services.calls import raising
from tests.services.resets import WRITE, assert_confirmed_once, complete, dies, has_password
from tests.services.world import NAME, NEW_PASSWORD, PASSWORD, World

if TYPE_CHECKING:
    from collections.abc import Callable


pytestmark = pytest.mark.row("R19", "R20")


def test_while_one_submission_is_under_way_another_is_told_so(world: World, link: str) -> None:
    """Who clicks twice would be told that the link is dead, while it sets their password."""
    seen: list[type[IdpError]] = []

    def look_and_submit() -> None:
        for act in (world.complete_reset.open, lambda secret: complete(world, secret, "de tweede wachtzin is lang")):
            with pytest.raises(IdpError) as raised:
                act(link)
            seen.append(raised.type)

    world.calls.before["directory.set_user_password"] = look_and_submit
    complete(world, link)
    assert seen == [LinkBusy, LinkBusy]
    assert has_password(world, NEW_PASSWORD)


def test_a_claim_is_won_by_who_was_first(world: World, link: str) -> None:
    """Both would write: the second one to click would have the password, and the first one be told it is theirs."""
    world.calls.after["directory.find_owner"] = lambda: complete(world, link, "de eerste wachtzin is lang")
    with pytest.raises(LinkBusy):
        complete(world, link)
    assert has_password(world, "de eerste wachtzin is lang")
    assert len(world.audit("reset.completed")) == 1


def test_of_many_submissions_at_once_exactly_one_wins(world: World, link: str) -> None:
    """The same, with real threads."""
    passwords = [f"poging nummer {number} van de acht samen" for number in range(8)]

    def submit(password: str) -> str | None:
        try:
            complete(world, link, password)
        except (LinkBusy, LinkDead):
            return None
        return password

    with ThreadPoolExecutor(len(passwords)) as pool:
        winners = [password for password in pool.map(submit, passwords) if password]
    assert len(winners) == 1
    assert has_password(world, winners[0])
    assert len(world.audit("reset.completed")) == len(world.take_letters()) == 1


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
