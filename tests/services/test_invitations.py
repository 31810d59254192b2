"""Who was added by tooling is invited as by a command, and nobody is invited again and again (R1)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import INVITATION_LIFETIME, Purpose
from idp.domain.mail import Letter
from idp.errors import LetterWaits
from idp.services.notices import queue
from tests.services.composition import DIGESTS
from tests.services.letters import dropped, letter
from tests.services.world import NAME, NEW_PASSWORD

if TYPE_CHECKING:
    from idp.domain.people import Owner
    from tests.services.world import World

CAROL_MAIL = "carol@example.nl"
CAROLS_NAME = "U4BBGA0200"
HALF = INVITATION_LIFETIME / 2
SECOND = timedelta(seconds=1)

pytestmark = pytest.mark.row("R1")


@pytest.fixture
def carol(world: World) -> Owner:
    """An owner without a password, to whom an admin gave a koppelgebruiker."""
    owner = world.admin.add_owner("Carol", CAROL_MAIL)
    world.admin.add_user(CAROLS_NAME, owner)
    return owner


def invite(world: World, **facts: str) -> str:
    """Have an invitation sent; gives how it ended."""
    with world.database.transaction() as work:
        queue(work, Letter.INVITATION, world.clock.now(), facts)
    row = world.outbox.run_once()
    assert row is not None
    return row.outcome


def of_user(world: World, name: str = CAROLS_NAME) -> dict[str, str]:
    """What the log's reader knows."""
    return {"user": world.user(name).entry_uuid}


@pytest.mark.usefixtures("carol")
def test_the_owner_of_a_user_added_by_tooling_can_choose_a_password(world: World) -> None:
    """They would be customers who can't begin."""
    addressed = world.correspondence.address(letter(world, Letter.INVITATION, **of_user(world)))
    assert addressed.to == CAROL_MAIL
    secret = DIGESTS.derive(Purpose.PORTAL_PASSWORD, "row-1")
    assert world.kept.find(Purpose.PORTAL_PASSWORD, secret).expires_at == world.clock.now() + INVITATION_LIFETIME
    world.portal_password.complete(secret, NEW_PASSWORD, NEW_PASSWORD)


def test_an_owner_who_can_log_in_is_not_invited(world: World) -> None:
    """One more administration would come with a mail that looks like theft."""
    assert dropped(world, letter(world, Letter.INVITATION, **of_user(world, NAME))) == "has-password"


def test_a_user_who_is_gone_again_invites_nobody_and_one_who_is_nobodys_waits(world: World, carol: Owner) -> None:
    """An admin who corrects a mistake would stop the worker; or who adds a user before its owner, invite nobody."""
    row = letter(world, Letter.INVITATION, **of_user(world))
    world.admin.delete_owner(carol)
    with pytest.raises(LetterWaits):
        world.correspondence.address(row)
    world.admin.delete(CAROLS_NAME)
    assert dropped(world, row) == "unknown"


@pytest.mark.parametrize("by_command", [True, False])
def test_an_owner_of_many_users_is_invited_once(world: World, carol: Owner, *, by_command: bool) -> None:
    """An accountant with three hundred administrations would get three hundred mails of one import."""
    assert invite(world, **of_user(world)) == "sent"
    facts = {"owner": carol.entry_uuid} if by_command else of_user(world)
    world.clock.go(HALF)
    assert invite(world, **facts) == "sent-lately"
    world.clock.go(SECOND)
    assert invite(world, **facts) == "sent"


def test_a_mended_address_is_invited_though_the_wrong_one_was(world: World, carol: Owner) -> None:
    """The invitation went to somebody else, and the owner would wait for half a week."""
    assert invite(world, **of_user(world)) == "sent"
    world.admin.set_mail(carol, "carol@elders.example")
    assert invite(world, **of_user(world)) == "sent"


def test_a_link_to_a_forgotten_password_is_no_invitation(world: World, carol: Owner) -> None:
    """Each kind of mail is counted by itself."""
    world.portal_password.request(CAROL_MAIL, "192.0.2.7")
    assert world.outbox.run_once() is not None
    assert invite(world, owner=carol.entry_uuid) == "sent"
