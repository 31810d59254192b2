"""*Wachtwoord vergeten*: the same for everybody, so often and no more (R1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Purpose
from idp.domain.mail import Letter
from idp.errors import Throttled
from tests.services.composition import DIGESTS
from tests.services.world import ANNA_MAIL, ELSEWHERE, HOME

if TYPE_CHECKING:
    from tests.services.world import NewWorld, World


pytestmark = pytest.mark.row("R1")


@pytest.mark.parametrize("mail", [ANNA_MAIL, f" {ANNA_MAIL.upper()} ", "nobody@example.nl", "no address at all", ""])
def test_asking_does_the_same_for_everybody(world: World, mail: str) -> None:
    """Which people are customers could be asked."""
    world.portal_password.request(mail, HOME)
    assert world.calls.names == ["limits.hit forgot-address", "limits.hit forgot-mail", "store.transaction"]
    (row,) = world.take_letters()
    assert (row.letter, row.facts) == (Letter.PORTAL_PASSWORD, {"mail": mail.strip().lower()})
    (event,) = world.audit()
    assert (event.action, event.actor, event.subject, event.detail) == ("portal-password.requested", "stranger", "", {})
    assert event.at == row.created_at == world.clock.now()


@pytest.mark.parametrize("mail", [ANNA_MAIL, "nobody@example.nl"])
def test_an_address_is_asked_for_so_often_whoever_asks(new_world: NewWorld, mail: str) -> None:
    """A stranger could fill an owner's mailbox; and an address without a limit would be nobody's."""
    world = new_world(limits={"forgot_mail": "2 per hour"})
    world.portal_password.request(mail, HOME)
    world.portal_password.request(mail.upper(), ELSEWHERE)
    with pytest.raises(Throttled):
        world.portal_password.request(mail, "203.0.113.1")
    assert len(world.take_letters()) == 2
    world.portal_password.request("somebody.else@example.nl", HOME)


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
    world.limits.hit("forgot-mail", DIGESTS.digest(Purpose.LIMIT, ANNA_MAIL))
    with pytest.raises(Throttled):
        world.portal_password.request(ANNA_MAIL, HOME)
