"""An invitation goes after an owner whose address is mended before they chose a password (R1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import INVITATION_LIFETIME, Purpose
from idp.domain.mail import Letter, OutboxState
from idp.errors import LinkSpent, MailRefused, MailUnavailable
from idp.ports.directory import NewUser
from idp.services.operations import Operations
from idp.services.outbox import LEASE
from tests.services.calls import Crash, raising
from tests.services.composition import DIGESTS
from tests.services.letters import later, run_once
from tests.services.operator import MemoryOperator, operations_of
from tests.services.tooling import change_mail
from tests.services.world import HOME, NEW_PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.domain.people import Owner
    from tests.services.world import NewWorld, World

WRONG, MENDED, THIRD = "carol@exampel.nl", "carol@example.nl", "carol@nieuw.example"
NEW = NewUser("U4BBGA0200", "A200", WRONG, "Carol")

pytestmark = pytest.mark.row("R1")


@pytest.fixture
def operations(world: World) -> Operations:
    """What Jan does."""
    return operations_of(world)


def carol(world: World) -> Owner:
    """Read her as she is now."""
    return world.admin.find_owner(world.user(NEW.uid).owner_dn)


def by_command(world: World, address: str) -> None:
    """Mend her address, as support does."""
    operations_of(world).change_mail(carol(world), address)


def by_tooling(world: World, address: str) -> None:
    """Mend it with `ldapmodify`."""
    change_mail(world, carol(world), address)


both_ways = pytest.mark.parametrize("move", [by_command, by_tooling])


def invitations(world: World) -> list[tuple[str, str]]:
    """Let the worker come by; gives to whom invitations went, ever, each with its link's secret."""
    later(world)
    ids = (mail.message_id[1:].partition("@")[0] for mail in world.mailbox.received)
    links = [DIGESTS.derive(Purpose.PORTAL_PASSWORD, row_id) for row_id in ids]
    received = zip(world.mailbox.received, links, strict=True)
    return [(mail.to, link) for mail, link in received if f"/login/password/{link}" in mail.content.text]


@both_ways
def test_the_new_address_gets_a_link_that_works_and_the_former_one_is_dead(
    world: World, operations: Operations, move: Callable[[World, str], None]
) -> None:
    """Whose address had a typing error could not begin for a week; and whoever reads the wrong mailbox would be let in."""
    operations.invite(NEW)
    ((_, stray),) = invitations(world)
    move(world, MENDED)
    (_, (to, link)) = invitations(world)
    assert to == MENDED
    with pytest.raises(LinkSpent):
        world.portal_password.open(stray)
    world.portal_password.complete(link, NEW_PASSWORD, NEW_PASSWORD)
    assert [mail.to for mail in world.mailbox.received].count(WRONG) == 2  # the invitation, and the notice


@both_ways
def test_an_invitation_that_still_waits_is_not_doubled(
    world: World, operations: Operations, move: Callable[[World, str], None]
) -> None:
    """The new address would get two."""
    world.mailbox.fault = MailUnavailable()
    operations.invite(NEW)
    run_once(world)
    move(world, MENDED)
    world.mailbox.fault = None
    assert [to for to, _ in invitations(world)] == [MENDED]


def test_an_invitation_that_is_on_its_way_does_not_count(world: World, operations: Operations) -> None:
    """It may go to the wrong mailbox in this very moment; the right one would get none."""
    operations.invite(NEW)
    with world.database.transaction() as work:
        assert work.outbox.take_due(world.clock.now(), world.clock.now() + LEASE)
    by_command(world, MENDED)
    assert [to for to, _ in invitations(world)] == [MENDED]


@both_ways
def test_an_invitation_that_no_server_took_goes_to_the_new_address(
    world: World, operations: Operations, move: Callable[[World, str], None]
) -> None:
    """An address that does not exist is why most are mended."""
    world.mailbox.fault = MailRefused()
    operations.invite(NEW)
    assert run_once(world).state is OutboxState.DROPPED
    world.mailbox.fault = None
    move(world, MENDED)
    assert [to for to, _ in invitations(world)] == [MENDED]


@both_ways
def test_an_address_that_is_changed_back_is_not_invited_twice(
    world: World, operations: Operations, move: Callable[[World, str], None]
) -> None:
    """Its link works again; a second mail would be one too many."""
    operations.invite(NEW)
    ((_, first),) = invitations(world)
    move(world, MENDED)
    assert [to for to, _ in invitations(world)] == [WRONG, MENDED]
    move(world, WRONG.upper())
    assert len(invitations(world)) == 2
    assert world.portal_password.open(first) == carol(world)


@both_ways
def test_who_has_a_password_is_not_invited(world: World, operations: Operations, move: Callable[[World, str], None]) -> None:
    """A mail that looks like theft would come."""
    operations.invite(NEW)
    ((_, link),) = invitations(world)
    world.portal_password.complete(link, NEW_PASSWORD, NEW_PASSWORD)
    move(world, MENDED)
    assert len(invitations(world)) == 1


def test_an_owner_who_loses_the_address_is_not_invited(world: World, operations: Operations) -> None:
    """The letter would be dropped, and the audit show a failure that was none."""
    operations.invite(NEW)
    invitations(world)
    change_mail(world, carol(world), None)
    assert [row.letter for row in world.take_letters()] == [Letter.MAIL_CHANGED]


def test_a_command_that_was_run_twice_invites_once(world: World, operations: Operations) -> None:
    """Support tries again when in doubt."""
    operations.invite(NEW)
    invitations(world)
    by_command(world, MENDED)
    by_command(world, MENDED)
    assert [to for to, _ in invitations(world)] == [WRONG, MENDED]
    by_command(world, MENDED)
    assert len(invitations(world)) == 2


@both_ways
def test_an_invitation_that_has_run_out_is_renewed_with_the_address(
    world: World, operations: Operations, move: Callable[[World, str], None]
) -> None:
    """Support mends the address after the holidays, and still nothing comes."""
    operations.invite(NEW)
    invitations(world)
    world.clock.go(2 * INVITATION_LIFETIME)
    move(world, MENDED)
    assert [to for to, _ in invitations(world)] == [WRONG, MENDED]


def test_whatever_call_a_mended_address_dies_at_the_second_try_invites_once(new_world: NewWorld) -> None:
    """The new address would get no link, or two."""
    world = new_world()
    operations_of(world).invite(NEW)
    invitations(world)
    world.calls.names.clear()
    by_command(world, THIRD)
    calls = list(world.calls.names)
    for number, name in enumerate(calls):
        for moment in ("before", "after"):
            world = new_world()
            operations_of(world).invite(NEW)
            invitations(world)
            world.calls.names.clear()
            getattr(world.calls, moment)[number] = raising(Crash())
            with pytest.raises(Crash):
                by_command(world, THIRD)
            by_command(world, THIRD)
            assert [to for to, _ in invitations(world)] == [WRONG, THIRD], f"{moment} {name}, call {number}"


def test_of_an_address_that_the_worker_read_of_first_nobody_is_invited_twice(world: World, operations: Operations) -> None:
    """Command and log would both invite."""
    operations.invite(NEW)
    invitations(world)

    class Logged(MemoryOperator):
        def change_mail(self, owner: Owner, mail: str) -> str | None:
            change_mail(world, owner, mail)
            with world.database.reading() as work:
                return work.changes.bookmark()

    Operations(Logged(world.admin), world.store, world.clock).change_mail(carol(world), MENDED)
    assert [to for to, _ in invitations(world)] == [WRONG, MENDED]


@pytest.mark.parametrize(
    "again",
    [
        lambda world: operations_of(world).invite(NEW),
        lambda world: world.portal_password.request(WRONG, HOME),
    ],
    ids=["invited", "forgotten"],
)
def test_an_owner_who_was_made_anew_gets_a_link_of_their_own(
    world: World, operations: Operations, again: Callable[[World], object]
) -> None:
    """An admin who deletes and begins again would leave them with a dead link, and no other would come for half a week."""
    operations.invite(NEW)
    later(world)
    world.portal_password.request(WRONG, HOME)
    later(world)
    owner = carol(world)
    world.admin.recreate_owner(owner)
    world.admin.delete(NEW.uid)
    world.mailbox.received.clear()
    again(world)
    later(world)
    (mail,) = world.mailbox.received
    secret = mail.content.text.partition("/login/password/")[2].split()[0]
    assert world.portal_password.open(secret) == world.admin.find_owner(owner.dn)
