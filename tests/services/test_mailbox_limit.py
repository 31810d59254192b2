"""A mailbox takes so many reset mails a day, an owner's own apart from strangers' (R15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Purpose
from idp.domain.mail import OutboxState
from tests.services.composition import DIGESTS
from tests.services.letters import dropped, fill_mailbox, reset_row
from tests.services.world import ANNA_MAIL, BOB_MAIL, SECOND_NAME

if TYPE_CHECKING:
    from tests.services.world import NewWorld, World

DAY = timedelta(days=1)


@pytest.mark.row("R15")
def test_a_mailbox_takes_ten_reset_mails_a_day_without_a_ticket(world: World) -> None:
    """Strangers could fill a mailbox, one user after another of the same owner."""
    fill_mailbox(world, 9)
    row = reset_row(world)
    world.correspondence.address(row)
    full = replace(row, state=OutboxState.SENT, mailbox=DIGESTS.digest(Purpose.MAILBOX, ANNA_MAIL))
    with world.database.transaction() as work:
        work.outbox.finish(replace(full, finished_at=world.clock.now()))
    assert dropped(world, reset_row(world, f"{SECOND_NAME}@u4bsw.nl")) == "mailbox-full"
    world.clock.go(DAY)
    assert dropped(world, reset_row(world)) == "mailbox-full"
    world.clock.go(timedelta(microseconds=1))
    assert world.correspondence.address(reset_row(world)).to == ANNA_MAIL


@pytest.mark.row("R15")
def test_a_mailbox_is_the_same_in_any_spelling(world: World) -> None:
    """Capitals would be a mailbox of their own."""
    fill_mailbox(world, 10)
    world.admin.set_mail(world.anna, ANNA_MAIL.upper())
    assert dropped(world, reset_row(world)) == "mailbox-full"


@pytest.mark.row("R15")
def test_another_mailbox_has_room_of_its_own(world: World) -> None:
    """One owner's mails would cost another's."""
    fill_mailbox(world, 10, mail=BOB_MAIL)
    assert world.correspondence.address(reset_row(world)).to == ANNA_MAIL


@pytest.mark.row("R15")
def test_an_owner_with_a_ticket_has_room_of_their_own(world: World) -> None:
    """A stranger could use up the room of the owner, who has proved who they are."""
    fill_mailbox(world, 10)
    fill_mailbox(world, 59, with_ticket=True)
    world.request(cookie=world.ticket())
    (row,) = world.take_letters()
    assert world.correspondence.address(row).to == ANNA_MAIL
    with world.database.transaction() as work:
        full = replace(row, state=OutboxState.SENT, mailbox=DIGESTS.digest(Purpose.MAILBOX, ANNA_MAIL))
        work.outbox.finish(replace(full, finished_at=world.clock.now()))
    world.request(cookie=world.ticket())
    (row,) = world.take_letters()
    assert dropped(world, row) == "mailbox-full"


@pytest.mark.row("R15")
def test_the_room_is_configurable(new_world: NewWorld) -> None:
    """An office with one mailbox for a hundred administrations could not work."""
    world = new_world(limits={"mailbox_per_day": 11})
    fill_mailbox(world, 10)
    assert world.correspondence.address(reset_row(world)).to == ANNA_MAIL
