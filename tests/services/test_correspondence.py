"""To whom a letter goes, and whether it still should; here a reset's name is looked up (R1, R15, R19, R22)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import INVITATION_LIFETIME, Purpose
from idp.domain.mail import Letter, OutboxRow, OutboxState
from idp.domain.people import Locks
from idp.domain.reset_request import Binding, ResetState
from idp.errors import DirectoryUnavailable, LetterDropped, LinkDead
from tests.services.world import (
    ANNA_MAIL,
    BOB_MAIL,
    COOLDOWN,
    DIGESTS,
    FULL_NAME,
    NAME,
    ORIGIN,
    PASSWORD,
    SECOND_NAME,
    UNKNOWN_NAME,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.services.world import NewWorld, World

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
BLOCKED = Locks(end="19700101000000Z")
AT = "2026-11-24T22:53:00+00:00"


def reset_row(world: World, typed: str = FULL_NAME) -> OutboxRow:
    """Request a reset, and take its letter."""
    request_id = world.request(typed)
    (row,) = [row for row in world.take_letters() if row.id == request_id]
    return row


def letter(world: World, kind: Letter, **facts: str) -> OutboxRow:
    """Write a row of another letter."""
    return OutboxRow("row-1", kind, facts, world.clock.now(), world.clock.now())


def dropped(world: World, row: OutboxRow) -> str:
    """Give the reason for which a letter goes nowhere."""
    with pytest.raises(LetterDropped) as raised:
        world.correspondence.address(row)
    return raised.value.reason


def fill_mailbox(world: World, count: int, *, with_ticket: bool = False, mail: str = ANNA_MAIL) -> None:
    """Have reset mails been sent to a mailbox just now."""
    mailbox = DIGESTS.digest(Purpose.MAILBOX, mail)
    now = world.clock.now()
    with world.database.transaction() as work:
        for number in range(count):
            row = OutboxRow(f"{with_ticket}-{number}", Letter.RESET, {}, now, now, with_ticket=with_ticket)
            work.outbox.add(row)
            work.outbox.finish(replace(row, state=OutboxState.SENT, mailbox=mailbox, finished_at=now))


# -- a reset -----------------------------------------------------------------------------------------------------------------


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
    assert addressed.mailbox == DIGESTS.digest(Purpose.MAILBOX, ANNA_MAIL)
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


NOWHERE: dict[str, tuple[Callable[[World], object], str]] = {
    "deleted": (lambda world: world.admin.delete(NAME), "unknown"),
    "owner deleted": (lambda world: world.admin.delete_owner(world.anna), "unknown"),
    "blocked": (lambda world: world.admin.block(NAME), "blocked"),
    "locked": (lambda world: world.admin.set_locks(NAME, Locks(locked="000001010000Z")), "blocked"),
    "cooldown": (lambda world: world.admin.set_password(NAME, PASSWORD), "cooldown"),
    "no address": (lambda world: world.admin.set_mail(world.anna, None), "no-mail"),
    "mailbox full": (lambda world: fill_mailbox(world, 10), "mailbox-full"),
}


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
    steps: list[tuple[Callable[[], object], str]] = [
        (lambda: world.admin.set_mail(world.anna, None), "no-mail"),
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
    assert dropped(world, row) == "settled"
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
    assert dropped(world, letter(world, Letter.RESET, request="forgotten")) == "settled"


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
    assert dropped(world, row) == "settled"
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


# -- the mailbox's limit -----------------------------------------------------------------------------------------------------


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


# -- notices -----------------------------------------------------------------------------------------------------------------


@pytest.mark.row("R1", "R20")
def test_a_confirmation_goes_to_the_owner_with_a_way_to_stop_it(world: World) -> None:
    """The owner would read that it was changed, and could do nothing."""
    row = letter(world, Letter.PASSWORD_CHANGED, user=world.user().entry_uuid, bare=NAME, at=AT)
    addressed = world.correspondence.address(row)
    assert (addressed.to, addressed.language) == (ANNA_MAIL, "nl")
    assert addressed.facts == {
        "name": "Anna de Vries",
        "bare": NAME,
        "user": FULL_NAME,
        "at": AT,
        "link": f"{ORIGIN}/not-me/{DIGESTS.derive(Purpose.NOT_ME, 'row-1')}",
    }


@pytest.mark.row("R20")
def test_a_confirmation_is_sent_whatever_else_is_the_matter(world: World) -> None:
    """An intruder who blocks the user, or fills the mailbox, would keep the owner from knowing."""
    fill_mailbox(world, 100)
    world.admin.set_password(NAME, PASSWORD)
    world.admin.block(NAME)
    row = letter(world, Letter.PASSWORD_CHANGED, user=world.user().entry_uuid, bare=NAME, at=AT)
    assert world.correspondence.address(row).to == ANNA_MAIL


def test_a_block_is_told_without_any_link(world: World) -> None:
    """The owner would click on something that does nothing."""
    addressed = world.correspondence.address(letter(world, Letter.USER_BLOCKED, user=world.user().entry_uuid, at=AT))
    assert addressed.to == ANNA_MAIL
    assert addressed.facts == {"name": "Anna de Vries", "bare": NAME, "user": FULL_NAME, "at": AT}


@pytest.mark.row("R25")
def test_a_changed_address_is_told_to_the_old_one(world: World) -> None:
    """Whoever talked support into another address would get the warning as well."""
    world.admin.set_mail(world.anna, "anna@nieuw.example")
    world.admin.set_language(world.anna, "en")
    row = letter(world, Letter.MAIL_CHANGED, owner=world.anna.entry_uuid, to=ANNA_MAIL, at=AT)
    addressed = world.correspondence.address(row)
    assert (addressed.to, addressed.language) == (ANNA_MAIL, "en")
    assert addressed.facts == {"name": "Anna de Vries", "at": AT}


@pytest.mark.row("R1")
def test_a_changed_portal_password_is_told_to_its_owner(world: World) -> None:
    """The owner would not know that somebody else is in the portal."""
    addressed = world.correspondence.address(letter(world, Letter.PORTAL_PASSWORD_CHANGED, owner=world.anna.entry_uuid, at=AT))
    assert addressed.to == ANNA_MAIL
    assert addressed.facts == {"name": "Anna de Vries", "at": AT, "link": f"{ORIGIN}/login/forgot"}


@pytest.mark.row("R1")
@pytest.mark.parametrize(
    ("kind", "lifetime"), [(Letter.INVITATION, INVITATION_LIFETIME), (Letter.PORTAL_PASSWORD, timedelta(minutes=60))]
)
def test_a_portal_link_is_made_with_its_mail_and_bound_to_its_owner(world: World, kind: Letter, lifetime: timedelta) -> None:
    """The link would be dead, live for too long, or set somebody else's password."""
    row = letter(world, kind, owner=world.anna.entry_uuid, mail=ANNA_MAIL)
    world.admin.set_mail(world.anna, ANNA_MAIL.title())
    made_at = world.clock.now()
    addressed = world.correspondence.address(row)
    world.clock.go(MINUTE)
    again = world.correspondence.address(row)
    assert again == addressed
    assert addressed.to == ANNA_MAIL.title()
    secret = DIGESTS.derive(Purpose.PORTAL_PASSWORD, "row-1")
    assert addressed.facts == {"name": "Anna de Vries", "link": f"{ORIGIN}/login/password/{secret}"}
    link = world.kept.find(Purpose.PORTAL_PASSWORD, secret)
    assert link.facts == {"owner": world.anna.entry_uuid, "changed": world.anna.password_changed, "mail": ANNA_MAIL}
    assert link.expires_at == made_at + lifetime


@pytest.mark.row("R1")
def test_an_invitation_is_bound_to_an_owner_who_has_no_password_yet(world: World) -> None:
    """It would work once more after the password was made."""
    carol = world.admin.add_owner("Carol", "carol@example.nl")
    world.correspondence.address(letter(world, Letter.INVITATION, owner=carol.entry_uuid))
    link = world.kept.find(Purpose.PORTAL_PASSWORD, DIGESTS.derive(Purpose.PORTAL_PASSWORD, "row-1"))
    assert link.facts == {"owner": carol.entry_uuid, "changed": "", "mail": "carol@example.nl"}


@pytest.mark.row("R1")
@pytest.mark.parametrize("kind", [Letter.INVITATION, Letter.PORTAL_PASSWORD])
def test_an_owner_who_is_shut_out_gets_no_portal_link(world: World, kind: Letter) -> None:
    """A block on a person would end at their mailbox."""
    world.admin.set_owner_locks(world.anna, BLOCKED)
    assert dropped(world, letter(world, kind, owner=world.anna.entry_uuid, mail=ANNA_MAIL)) == "blocked"


@pytest.mark.row("R1")
def test_a_forgotten_password_of_nobody_goes_nowhere(world: World) -> None:
    """It would be an error, and be tried for a day."""
    assert dropped(world, letter(world, Letter.PORTAL_PASSWORD, mail="nobody@example.nl")) == "unknown"


@pytest.mark.row("R1")
@pytest.mark.parametrize("kind", [kind for kind in Letter if kind not in (Letter.RESET, Letter.MAIL_CHANGED)])
@pytest.mark.parametrize("reason", ["no-mail", "unknown"])
def test_a_letter_to_whom_there_is_no_way_goes_nowhere(world: World, kind: Letter, reason: str) -> None:
    """It would be tried for five days, or go to an address that is nobody's."""
    facts = {"user": world.user().entry_uuid, "owner": world.anna.entry_uuid, "mail": ANNA_MAIL, "bare": NAME, "at": AT}
    if reason == "unknown":
        world.admin.delete_owner(world.anna)
    else:
        world.admin.set_mail(world.anna, None)
        reason = "unknown" if kind is Letter.PORTAL_PASSWORD else reason  # looked up by the address that is gone
    assert dropped(world, letter(world, kind, **facts)) == reason


def test_every_letter_has_a_way(world: World) -> None:
    """A new letter would break the worker."""
    facts = {"user": world.user().entry_uuid, "owner": world.anna.entry_uuid, "mail": ANNA_MAIL, "at": AT, "to": BOB_MAIL}
    for kind in Letter:
        row = reset_row(world) if kind is Letter.RESET else letter(world, kind, **facts)
        assert world.correspondence.address(row).facts["name"] == "Anna de Vries"


@pytest.mark.row("S35")
def test_an_addressed_letter_shows_neither_address_nor_link(world: World) -> None:
    """A log line would show them."""
    shown = repr(world.correspondence.address(reset_row(world)))
    assert ANNA_MAIL not in shown
    assert "/reset/password/" not in shown
