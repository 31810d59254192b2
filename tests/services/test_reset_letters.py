"""A reset's mail: here, out of sight, the name is looked up, and its link is made or is not (R1, R19, R22)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Purpose
from idp.domain.mail import Letter
from idp.domain.reset_request import Binding, ResetState
from idp.errors import DirectoryUnavailable, LetterWaits, LinkDead
from tests.services.composition import COOLDOWN, DIGESTS, ORIGIN
from tests.services.letters import NOWHERE, UNMENDED, drop, dropped, fill_mailbox, letter, reset_row
from tests.services.world import ANNA_MAIL, BOB_MAIL, FULL_NAME, NAME, PASSWORD, UNKNOWN_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.services.world import World

MINUTE = timedelta(minutes=1)


@pytest.mark.row("R1", "R19")
def test_a_reset_goes_to_the_owner_with_a_link_that_now_works(world: World) -> None:
    """The owner would get a dead link, or somebody else a live one."""
    row = reset_row(world)
    link = world.link(row.id)
    with pytest.raises(LinkDead):
        world.complete_reset.open(link)
    world.clock.go(MINUTE)
    addressed = world.correspondence.address(row)
    assert (addressed.to, addressed.language) == (ANNA_MAIL, "nl")
    assert addressed.facts == {
        "name": "Anna de Vries",
        "bare": NAME,
        "user": FULL_NAME,
        "link": f"{ORIGIN}/reset/password/{link}",
    }
    assert (addressed.mailbox, addressed.subject) == (DIGESTS.digest(Purpose.MAILBOX, ANNA_MAIL), world.user().entry_uuid)
    assert world.complete_reset.open(link).expires_at == world.clock.now() + timedelta(minutes=60)
    request = world.reset(row.id)
    assert (request.state, request.binding) == (ResetState.LIVE, Binding.of(world.user(), world.owner()))


@pytest.mark.row("R1", "R25")
def test_a_reset_goes_to_the_address_of_this_moment(world: World) -> None:
    """Support mended the address a minute ago, and the mail goes to the wrong one."""
    row = reset_row(world)
    world.admin.set_mail(world.anna, "anna@nieuw.example")
    assert world.correspondence.address(row).to == "anna@nieuw.example"


@pytest.mark.row("R1")
def test_a_reset_goes_to_the_owner_of_this_moment(world: World) -> None:
    """The former owner would get the new one's link."""
    row = reset_row(world)
    world.admin.give_to(NAME, world.bob)
    assert world.correspondence.address(row).to == BOB_MAIL


@pytest.mark.row("R22")
@pytest.mark.parametrize("what", NOWHERE)
def test_a_reset_that_goes_nowhere_has_a_reason_and_no_link(world: World, what: str) -> None:
    """Support could not say why nothing came; or a link would live that nobody was told of."""
    row = reset_row(world)
    change, reason = NOWHERE[what]
    change(world)
    assert dropped(world, row) == reason
    assert world.reset(row.id).state is ResetState.DROPPED
    with pytest.raises(LinkDead):
        world.complete_reset.open(world.link(row.id))
    assert dropped(world, row) == "settled"


@pytest.mark.row("R25")
@pytest.mark.parametrize("what", UNMENDED)
def test_a_reset_waits_until_support_has_mended_what_is_wrong(world: World, what: str) -> None:
    """R25: who has called support would have to ask again, and not know that."""
    row, user_uuid = reset_row(world), world.user().entry_uuid
    break_it, wrong, mend = UNMENDED[what]
    break_it(world)
    with pytest.raises(LetterWaits) as raised:
        world.correspondence.address(row)
    assert (raised.value.wrong, raised.value.subject) == (wrong, user_uuid)
    assert world.reset(row.id).state is ResetState.QUEUED
    mend(world)
    assert world.correspondence.address(row).to == (BOB_MAIL if what == "owner deleted" else ANNA_MAIL)
    assert world.reset(row.id).state is ResetState.LIVE


@pytest.mark.row("R22")
@pytest.mark.parametrize("typed", [f"{UNKNOWN_NAME}@u4bsw.nl", "*@u4bsw.nl", "piet@elders.nl"])
def test_a_reset_for_a_name_that_does_not_exist_is_looked_up_here_and_nowhere_else(world: World, typed: str) -> None:
    """It would be an error, and be tried for a day."""
    row = reset_row(world, typed)
    assert dropped(world, row) == "unknown"
    assert world.reset(row.id).state is ResetState.DROPPED


@pytest.mark.row("R22")
def test_the_first_reason_is_the_one_that_is_told(world: World) -> None:
    """Support would release a user who is blocked."""
    row = reset_row(world)
    fill_mailbox(world, 10)
    world.admin.set_mail(world.anna, None)
    steps: list[tuple[Callable[[], object], str]] = [
        (lambda: world.admin.set_password(NAME, PASSWORD), "cooldown"),
        (lambda: world.admin.block(NAME), "blocked"),
    ]
    for change, reason in steps:
        change()
        again = replace(world.reset(row.id), id=reason, digest=reason, state=ResetState.QUEUED)
        with world.database.transaction() as work:
            work.resets.add(again)
        assert dropped(world, replace(row, id=reason, facts={"request": reason})) == reason


@pytest.mark.row("R27")
def test_the_cooldown_ends_to_the_second(world: World) -> None:
    """A reset asked for at the moment that the portal named would be dropped."""
    world.admin.set_password(NAME, PASSWORD)
    world.clock.go(COOLDOWN)
    assert world.correspondence.address(reset_row(world)).to == ANNA_MAIL


@pytest.mark.row("R24")
def test_a_released_user_gets_a_mail(world: World) -> None:
    """A release would do nothing."""
    world.admin.set_password(NAME, PASSWORD)
    world.admin.release(world.user())
    assert world.correspondence.address(reset_row(world)).to == ANNA_MAIL


@pytest.mark.row("R19")
def test_a_second_try_makes_the_same_link_live_from_then(world: World) -> None:
    """The mail that came at last would hold a link of ten minutes, or another one than the first."""
    row = reset_row(world)
    first = world.correspondence.address(row)
    world.clock.go(50 * MINUTE)
    world.admin.set_mail(world.anna, "anna@nieuw.example")
    second = world.correspondence.address(row)
    assert second.facts["link"] == first.facts["link"]
    shown = world.complete_reset.open(world.link(row.id))
    assert shown.expires_at == world.clock.now() + timedelta(minutes=60)


@pytest.mark.row("R19")
def test_a_link_that_was_used_is_not_revived_by_a_second_try(world: World) -> None:
    """A mail that is sent twice would open the door twice."""
    row = reset_row(world)
    world.correspondence.address(row)
    world.complete_reset.complete(world.link(row.id), PASSWORD, PASSWORD)
    assert drop(world, row) == ("settled", world.user().entry_uuid)
    assert world.reset(row.id).state is ResetState.SPENT


@pytest.mark.row("R19")
def test_a_link_in_use_is_not_touched_by_a_second_try(world: World) -> None:
    """The submission under way would lose its claim."""
    row = reset_row(world)
    world.correspondence.address(row)
    world.calls.before["directory.set_user_password"] = lambda: dropped(world, row)
    world.complete_reset.complete(world.link(row.id), PASSWORD, PASSWORD)
    assert world.reset(row.id).state is ResetState.SPENT


@pytest.mark.row("R19")
def test_what_kills_a_link_kills_it_at_the_second_try_too(world: World) -> None:
    """A blocked user's first mail would work once the block is lifted."""
    row = reset_row(world)
    world.correspondence.address(row)
    world.admin.block(NAME)
    assert dropped(world, row) == "blocked"
    assert world.reset(row.id).state is ResetState.DROPPED


def test_a_request_that_was_forgotten_is_settled(world: World) -> None:
    """A letter without its request would be tried for a day."""
    assert drop(world, letter(world, Letter.RESET, request="forgotten")) == ("settled", "")


@pytest.mark.parametrize("state", ["sent", "dropped"])
def test_of_two_workers_at_one_letter_one_goes_on(world: World, state: str) -> None:
    """Two mails would go out, or a dropped link would live."""
    row = reset_row(world)
    if state == "dropped":
        world.admin.block(NAME)

    def other_worker() -> None:
        if state == "dropped":
            dropped(world, row)
        else:
            world.correspondence.address(row)

    world.calls.after["directory.find_user"] = other_worker
    assert drop(world, row) == ("settled", world.user().entry_uuid)
    assert world.reset(row.id).version == 1


def test_a_directory_that_is_down_drops_nothing(world: World) -> None:
    """A night's requests would be lost."""
    row = reset_row(world)
    world.admin.away = True
    with pytest.raises(DirectoryUnavailable):
        world.correspondence.address(row)
    assert world.reset(row.id).state is ResetState.QUEUED
    world.admin.away = False
    assert world.correspondence.address(row).to == ANNA_MAIL
