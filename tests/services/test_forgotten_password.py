"""*Wachtwoord vergeten*: the same for everybody, so often and no more (R1)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Purpose
from idp.domain.mail import Letter
from idp.errors import MailRefused, MailUnavailable, Throttled
from idp.services.owner_letters import MAILED_LATELY
from idp.services.owner_login import MAX_MAIL_CHARACTERS
from tests.services.composition import DIGESTS
from tests.services.letters import dropped, fill_mailbox, run_once
from tests.services.world import ANNA_MAIL, BOB_MAIL, ELSEWHERE, HOME, NEW_PASSWORD

if TYPE_CHECKING:
    from tests.services.world import NewWorld, World


SECOND = timedelta(seconds=1)
CALLS = ["limits.hit forgot-address", "limits.hit forgot-mail", "store.transaction"]

pytestmark = pytest.mark.row("R1")


def forgotten(world: World, outcome: str, mail: str = ANNA_MAIL, network: str = HOME) -> str:
    """Forget the password, and see what comes of the mail; gives the secret of its link."""
    world.portal_password.request(mail, network)
    row = run_once(world)
    assert row.outcome == outcome
    assert world.audit()[-1].subject == world.admin.find_owner_by_mail(mail).entry_uuid
    return DIGESTS.derive(Purpose.PORTAL_PASSWORD, row.id)


@pytest.mark.parametrize("mail", [ANNA_MAIL, f" {ANNA_MAIL.upper()} ", "nobody@example.nl", "no address at all", ""])
def test_asking_does_the_same_for_everybody(world: World, mail: str) -> None:
    """Which people are customers could be asked."""
    world.portal_password.request(mail, HOME)
    assert world.calls.names == CALLS
    (row,) = world.take_letters()
    assert (row.letter, row.facts) == (Letter.PORTAL_PASSWORD, {"mail": mail.strip().lower()})
    (event,) = world.audit()
    assert (event.action, event.actor, event.subject, event.detail) == ("portal-password.requested", "stranger", "", {})
    assert event.at == row.created_at == world.clock.now()


@pytest.mark.parametrize(("length", "kept"), [(MAX_MAIL_CHARACTERS, 254), (MAX_MAIL_CHARACTERS + 1, 0), (60_000, 0)])
def test_what_is_too_long_to_be_an_address_is_answered_alike_and_not_kept(world: World, length: int, kept: int) -> None:
    """A stranger could fill the disk with what nobody can have typed."""
    typed = "@example.nl".rjust(length, "x")
    world.portal_password.request(f" {typed} ", HOME)
    assert world.calls.names == CALLS
    (row,) = world.take_letters()
    assert row.facts == {"mail": typed[:kept]}
    assert dropped(world, row) == "unknown"


@pytest.mark.parametrize("mail", [ANNA_MAIL, "nobody@example.nl"])
def test_an_address_is_asked_for_so_often_from_one_machine(new_world: NewWorld, mail: str) -> None:
    """An address without a limit would be nobody's; and a stranger could use up the number of its owner, who is elsewhere."""
    world = new_world(limits={"forgot_mail": "2 per hour"})
    world.portal_password.request(mail, ELSEWHERE)
    world.portal_password.request(mail.upper(), ELSEWHERE)
    with pytest.raises(Throttled):
        world.portal_password.request(mail, ELSEWHERE)
    assert len(world.take_letters()) == 2
    world.portal_password.request("somebody.else@example.nl", ELSEWHERE)
    world.portal_password.request(mail, HOME)


def test_a_mailbox_gets_one_mail_in_half_an_hour_whoever_asks(world: World) -> None:
    """Strangers could fill an owner's mailbox from everywhere; the link that it holds works for as long again."""
    link = forgotten(world, "sent")
    first_at = world.clock.now()
    world.clock.go(MAILED_LATELY)
    forgotten(world, "sent-lately", ANNA_MAIL.upper(), ELSEWHERE)
    forgotten(world, "sent", BOB_MAIL)
    assert world.portal_password.open(link).mail == ANNA_MAIL
    world.clock.go(timedelta(microseconds=1))
    forgotten(world, "sent")
    assert world.kept.find(Purpose.PORTAL_PASSWORD, link).expires_at == first_at + 2 * MAILED_LATELY


@pytest.mark.parametrize("fault", [MailUnavailable(), MailRefused()])
def test_a_mail_that_was_not_sent_keeps_no_other_back(world: World, fault: Exception) -> None:
    """The owner would wait for half an hour for a mail that never came."""
    world.mailbox.fault = fault
    world.portal_password.request(ANNA_MAIL, HOME)
    world.outbox.run_once()
    world.mailbox.fault = None
    forgotten(world, "sent")


def test_who_has_used_the_link_can_ask_for_another_at_once(world: World) -> None:
    """Who forgets what they chose a minute ago would be shut out for half an hour: the link that they hold is dead."""
    link = forgotten(world, "sent")
    world.clock.go(SECOND)
    world.portal_password.complete(link, NEW_PASSWORD, NEW_PASSWORD)
    world.take_letters()
    forgotten(world, "sent")
    forgotten(world, "sent-lately")


def test_other_mail_keeps_none_back(world: World) -> None:
    """An owner who just got a reset's mail could not come in."""
    fill_mailbox(world, 10)
    forgotten(world, "sent")


def test_one_machine_asks_so_often_for_whomever(new_world: NewWorld) -> None:
    """One machine could mail all customers."""
    world = new_world(limits={"forgot_address": "1 per hour"})
    world.portal_password.request("a@example.nl", HOME)
    with pytest.raises(Throttled):
        world.portal_password.request("b@example.nl", HOME)
    world.portal_password.request("b@example.nl", ELSEWHERE)


def test_mail_addresses_are_counted_as_digests(new_world: NewWorld) -> None:
    """Whoever reads the counters would have a list of people."""
    world = new_world(limits={"forgot_mail": "1 per hour"})
    world.limits.hit("forgot-mail", DIGESTS.digest(Purpose.LIMIT, ANNA_MAIL), HOME)
    with pytest.raises(Throttled):
        world.portal_password.request(ANNA_MAIL, HOME)
