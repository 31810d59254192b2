"""Notices and portal links: to the owner of this moment, with what they need to act (R1, R20, R25)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import INVITATION_LIFETIME, Purpose
from idp.domain.mail import Letter
from idp.domain.people import Locks
from idp.errors import LetterWaits, LinkSpent
from tests.services.composition import DIGESTS, ORIGIN
from tests.services.letters import drop, dropped, fill_mailbox, letter, reset_row
from tests.services.tokens import issue
from tests.services.world import ANNA_MAIL, BOB_MAIL, FULL_NAME, NAME, NEW_PASSWORD, PASSWORD

if TYPE_CHECKING:
    from tests.services.world import World

MINUTE = timedelta(minutes=1)
BLOCKED = Locks(end="19700101000000Z")
CAROL_MAIL = "carol@example.nl"
AT = "2026-11-24T22:53:00+00:00"
ABOUT_OWNERS = (Letter.MAIL_CHANGED, Letter.INVITATION, Letter.PORTAL_PASSWORD, Letter.PORTAL_PASSWORD_CHANGED)


def coupled(world: World) -> dict[str, str]:
    """Let an application in; gives what a letter about its stale password says of it."""
    client = world.client()
    issue(world, client)
    return {"client": client.client_id, "changed": ""}


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


@pytest.mark.row("R25")
def test_another_owner_is_told_to_the_former_one(world: World) -> None:
    """R25: only the one who has taken the user would be told."""
    world.admin.give_to(NAME, world.bob)
    world.admin.set_language(world.anna, "en")
    uuid = world.user().entry_uuid
    row = letter(world, Letter.OWNER_CHANGED, user=uuid, bare=NAME, dn=world.anna.dn, at=AT)
    addressed = world.correspondence.address(row)
    assert (addressed.to, addressed.language, addressed.subject) == (ANNA_MAIL, "en", uuid)
    assert addressed.facts == {"name": "Anna de Vries", "user": FULL_NAME, "at": AT}


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
    carol = world.admin.add_owner("Carol", CAROL_MAIL)
    row = letter(world, kind, owner=carol.entry_uuid, mail=CAROL_MAIL)
    world.admin.set_mail(carol, CAROL_MAIL.title())
    addressed = world.correspondence.address(row)
    assert addressed.to == CAROL_MAIL.title()
    secret = DIGESTS.derive(Purpose.PORTAL_PASSWORD, "row-1")
    assert addressed.facts == {"name": "Carol", "link": f"{ORIGIN}/login/password/{secret}"}
    link = world.kept.find(Purpose.PORTAL_PASSWORD, secret)
    assert link.facts == {"owner": carol.entry_uuid, "changed": "", "mail": CAROL_MAIL}
    assert link.expires_at == world.clock.now() + lifetime


@pytest.mark.row("R1")
@pytest.mark.parametrize(
    ("kind", "lifetime"), [(Letter.INVITATION, INVITATION_LIFETIME), (Letter.PORTAL_PASSWORD, timedelta(minutes=60))]
)
def test_a_portal_link_counts_from_the_mail_that_was_sent(world: World, kind: Letter, lifetime: timedelta) -> None:
    """After a night without a mail server the mail would say *works for an hour*, and hold a dead link."""
    carol = world.admin.add_owner("Carol", CAROL_MAIL)
    row = letter(world, kind, owner=carol.entry_uuid, mail=CAROL_MAIL)
    first = world.correspondence.address(row)
    world.clock.go(2 * lifetime)
    assert world.correspondence.address(row) == first
    secret = DIGESTS.derive(Purpose.PORTAL_PASSWORD, "row-1")
    assert world.kept.find(Purpose.PORTAL_PASSWORD, secret).expires_at == world.clock.now() + lifetime
    assert world.portal_password.open(secret) == carol


@pytest.mark.row("R1")
def test_a_portal_link_is_bound_to_the_password_that_there_is_when_it_is_sent(world: World) -> None:
    """Who changed it while the mail server was down would be mailed a dead link."""
    row = letter(world, Letter.PORTAL_PASSWORD, mail=ANNA_MAIL)
    world.correspondence.address(row)
    world.admin.change_owner_password(world.anna, "een ander wachtwoord")
    world.correspondence.address(row)
    secret = DIGESTS.derive(Purpose.PORTAL_PASSWORD, "row-1")
    assert world.kept.find(Purpose.PORTAL_PASSWORD, secret).facts["changed"] == world.owner().password_changed
    assert world.portal_password.open(secret) == world.owner()


@pytest.mark.row("R1")
def test_a_portal_link_that_was_used_is_not_revived_by_a_second_try(world: World) -> None:
    """A mail that is sent twice would open the door twice."""
    row = letter(world, Letter.PORTAL_PASSWORD, mail=ANNA_MAIL)
    world.correspondence.address(row)
    secret = DIGESTS.derive(Purpose.PORTAL_PASSWORD, "row-1")
    world.portal_password.complete(secret, NEW_PASSWORD, NEW_PASSWORD)
    assert drop(world, row) == ("settled", world.anna.entry_uuid)
    with pytest.raises(LinkSpent):
        world.portal_password.open(secret)


@pytest.mark.row("R1")
def test_an_invitation_is_bound_to_an_owner_who_has_no_password_yet(world: World) -> None:
    """It would work once more after the password was made."""
    carol = world.admin.add_owner("Carol", CAROL_MAIL)
    row = letter(world, Letter.INVITATION, owner=carol.entry_uuid)
    world.correspondence.address(row)
    world.admin.change_owner_password(carol, PASSWORD)
    with pytest.raises(LinkSpent):
        world.portal_password.open(DIGESTS.derive(Purpose.PORTAL_PASSWORD, "row-1"))
    assert drop(world, row) == ("has-password", carol.entry_uuid)


@pytest.mark.row("R1")
@pytest.mark.parametrize("kind", [Letter.INVITATION, Letter.PORTAL_PASSWORD])
def test_an_owner_who_is_shut_out_gets_no_portal_link(world: World, kind: Letter) -> None:
    """A block on a person would end at their mailbox."""
    carol = world.admin.add_owner("Carol", CAROL_MAIL)
    world.admin.set_owner_locks(carol, BLOCKED)
    row = letter(world, kind, owner=carol.entry_uuid, mail=CAROL_MAIL)
    assert drop(world, row) == ("blocked", carol.entry_uuid)


@pytest.mark.row("R1")
def test_a_forgotten_password_of_nobody_goes_nowhere(world: World) -> None:
    """It would be an error, and be tried for a day."""
    assert dropped(world, letter(world, Letter.PORTAL_PASSWORD, mail="nobody@example.nl")) == "unknown"


@pytest.mark.row("R1")
@pytest.mark.parametrize("kind", [kind for kind in Letter if kind not in (Letter.RESET, Letter.MAIL_CHANGED)])
@pytest.mark.parametrize("what", ["no address", "owner deleted"])
def test_a_letter_to_whom_there_is_no_way_waits_for_one_or_goes_nowhere(world: World, kind: Letter, what: str) -> None:
    """A warning would be lost by a typing error of support; or a letter to who is gone be tried for five days."""
    carol = world.admin.add_owner("Carol", CAROL_MAIL)
    world.admin.give_to(NAME, carol)
    user_uuid = world.user().entry_uuid
    row = letter(
        world, kind, user=user_uuid, owner=carol.entry_uuid, mail=CAROL_MAIL, bare=NAME, dn=carol.dn, at=AT, **coupled(world)
    )
    about_user = kind in (Letter.PASSWORD_CHANGED, Letter.USER_BLOCKED, Letter.STALE_PASSWORD)
    if what == "owner deleted":
        world.admin.delete_owner(carol)
        expected = ("owner", user_uuid) if about_user else None
    else:
        world.admin.set_mail(carol, None)
        # A forgotten password is looked up by the address that is gone.
        expected = None if kind is Letter.PORTAL_PASSWORD else ("mail-address", carol.entry_uuid)
    if expected is None:
        assert dropped(world, row) == "unknown"
        return
    with pytest.raises(LetterWaits) as raised:
        world.correspondence.address(row)
    assert (raised.value.wrong, raised.value.entry_uuid) == expected
    about_user = about_user or kind is Letter.OWNER_CHANGED
    assert raised.value.subject == (user_uuid if about_user else carol.entry_uuid)


def test_every_letter_has_a_way(world: World) -> None:
    """A new letter would break the worker."""
    carol = world.admin.add_owner("Carol", CAROL_MAIL)
    world.admin.give_to(NAME, carol)
    facts = {"user": world.user().entry_uuid, "owner": carol.entry_uuid, "mail": CAROL_MAIL, "at": AT, "to": BOB_MAIL}
    facts |= {"bare": NAME, "dn": carol.dn, **coupled(world)}
    for kind in Letter:
        row = reset_row(world) if kind is Letter.RESET else letter(world, kind, **facts)
        addressed = world.correspondence.address(row)
        assert addressed.facts["name"] == "Carol"
        assert addressed.subject == (carol if kind in ABOUT_OWNERS else world.user()).entry_uuid


@pytest.mark.row("S35")
def test_an_addressed_letter_shows_neither_address_nor_link(world: World) -> None:
    """A log line would show them."""
    shown = repr(world.correspondence.address(reset_row(world)))
    assert ANNA_MAIL not in shown
    assert "/reset/password/" not in shown
