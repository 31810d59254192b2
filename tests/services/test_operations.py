"""What operators do to users from the command line, as themselves (R1, R24, R25)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.audit import Change, Personal
from idp.domain.directory_time import LOCKED_FOR_EVER, LONG_PAST
from idp.domain.mail import Letter
from idp.errors import AlreadyExists, Forbidden
from idp.ports.directory import NewUser
from idp.services.issued import TokenPlan
from idp.services.operations import Operations
from idp.services.owner_letters import INVITED_LATELY
from tests.services.composition import COOLDOWN
from tests.services.operator import MemoryOperator
from tests.services.world import ANNA_MAIL, BOB_MAIL, HOME, NAME, NEW_PASSWORD, PASSWORD, SECOND_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.domain.people import Koppelgebruiker, Owner
    from tests.services.world import World

ACTOR = "operator:cn=jan,ou=support"
NEW = NewUser("U4BBGA0200", "A200", "carol@example.nl", "Carol")
PLAN = TokenPlan("administratie:read", "https://api.example/", timedelta(hours=1))


@pytest.fixture
def operator(world: World) -> MemoryOperator:
    """Jan, of support."""
    return MemoryOperator(world.admin)


@pytest.fixture
def operations(world: World, operator: MemoryOperator) -> Operations:
    """What Jan does."""
    return Operations(operator, world.store, world.clock)


def only_event(world: World) -> tuple[str, str, str, dict[str, Change]]:
    """Give what was remembered, with what was changed."""
    (event,) = [event for event in world.audit() if event.actor != "operator:test"]
    assert event.at == world.clock.now()
    return event.action, event.actor, event.subject, dict(event.changes)


@pytest.mark.row("R1")
def test_an_invitation_makes_a_user_without_a_password_and_invites_a_new_owner(world: World, operations: Operations) -> None:
    """A new customer could not begin."""
    user, owner = operations.invite(NEW)
    assert (user.uid, user.password_changed, user.owner_dn) == ("U4BBGA0200", None, owner.dn)
    assert world.user("U4BBGA0200") == user
    (row,) = world.take_letters()
    assert (row.letter, row.facts) == (Letter.INVITATION, {"owner": owner.entry_uuid})
    assert row.created_at == world.clock.now()
    *told, changes = only_event(world)
    assert told == ["user.invited", ACTOR, user.entry_uuid]
    assert changes["uid"] == Change(after=Personal("U4BBGA0200", user.entry_uuid))
    assert {name: str(change.after) for name, change in changes.items()} == {
        "uid": "U4BBGA0200", "administratie": NEW.administratie, "owner": owner.dn,
    }  # fmt: skip


@pytest.mark.row("R1")
def test_an_owner_with_a_password_gets_no_invitation(world: World, operations: Operations) -> None:
    """A second administration would cost its owner a mail that looks like theft."""
    user, owner = operations.invite(NewUser("U4BBGA0200", "A200", ANNA_MAIL, "Anna"))
    assert (owner.entry_uuid, user.owner_dn) == (world.anna.entry_uuid, world.anna.dn)
    assert world.take_letters() == []


@pytest.mark.row("R1")
def test_an_owner_who_never_followed_the_invitation_is_invited_again(world: World, operations: Operations) -> None:
    """Whose first invitation runs out could never log in; while it works, a second one is a mail too many."""
    operations.invite(NEW)
    operations.invite(NewUser("U4BBGA0201", "A201", NEW.owner_mail, "Carol"))
    assert world.outbox.run_once() is not None
    assert world.outbox.run_once() is None
    world.clock.go(INVITED_LATELY + timedelta(seconds=1))
    operations.invite(NewUser("U4BBGA0202", "A202", NEW.owner_mail, "Carol"))
    assert [row.letter for row in world.take_letters()] == [Letter.INVITATION]


@pytest.mark.row("R1")
def test_a_name_that_is_taken_is_not_invited(world: World, operations: Operations) -> None:
    """A typing error would give one customer's user to another."""
    with pytest.raises(AlreadyExists):
        operations.invite(NewUser(NAME, "A", BOB_MAIL, "Bob"))
    assert world.user().owner_dn == world.anna.dn
    assert (world.audit(), world.take_letters()) == ([], [])


@pytest.mark.row("R24")
def test_a_release_is_there_at_once(world: World, operations: Operations) -> None:
    """Support could help nobody."""
    world.admin.set_password(NAME, PASSWORD)
    operations.release(world.user())
    assert world.user().next_reset_at(world.clock.now(), COOLDOWN) is None
    assert only_event(world) == ("user.released", ACTOR, world.user().entry_uuid, {"pwdReset": Change(None, "TRUE")})
    assert world.take_letters() == []


@pytest.mark.row("S46")
def test_a_block_ends_all_grants_and_is_told(world: World, operations: Operations) -> None:
    """After the block is lifted, a thief's tokens would work again; and the owner would not know why the bank is shut out."""
    for name in (NAME, SECOND_NAME):
        world.admin.set_password(name, PASSWORD)
    grant = world.grants.issue(world.client(), world.user(), HOME, PLAN).grant
    other = world.grants.issue(world.client(), world.user(SECOND_NAME), HOME, PLAN).grant
    operations.block(world.user())
    assert world.user().locks.shut_at(world.clock.now())
    with world.database.reading() as work:
        kept = [work.grants.get(grant.id), work.grants.get(other.id)]
    assert [found is not None and found.revoked_at for found in kept] == [world.clock.now(), None]
    (row,) = world.take_letters()
    assert row.letter == Letter.USER_BLOCKED
    assert row.facts == {"user": world.user().entry_uuid, "at": world.clock.now().isoformat()}
    (event,) = world.audit("user.blocked")
    assert (event.actor, event.subject, event.detail) == (ACTOR, world.user().entry_uuid, {"grants": "1"})
    assert event.changes == {"pwdEndTime": Change(None, LONG_PAST)}
    assert event.at == row.created_at == world.clock.now()


def test_a_block_of_who_is_blocked_is_told_once(world: World, operations: Operations) -> None:
    """An owner would take a second mail for a second thief; and one of a block after an unblock must come."""
    operations.block(world.user())
    operations.block(world.user())
    assert [row.letter for row in world.take_letters()] == [Letter.USER_BLOCKED]
    assert len(world.audit("user.blocked")) == 2
    operations.unblock(world.user())
    operations.block(world.user())
    assert [row.letter for row in world.take_letters()] == [Letter.USER_BLOCKED]


def test_a_block_of_who_is_not_let_in_yet_is_told(world: World, operations: Operations) -> None:
    """Nobody has told the owner that it is shut, and the block outlives the beginning that was planned."""
    world.admin.write(world.user(), "pwdStartTime", "20990101000000Z")
    operations.block(world.user())
    assert [row.letter for row in world.take_letters()] == [Letter.USER_BLOCKED]


def test_an_unblock_lifts_every_lock(world: World, operations: Operations) -> None:
    """Support says that it works again, and it does not."""
    world.admin.block(NAME)
    world.admin.write(world.user(), "pwdAccountLockedTime", LOCKED_FOR_EVER)
    world.admin.write(world.user(), "pwdStartTime", "20990101000000Z")
    operations.unblock(world.user())
    assert not world.user().locks.shut_at(world.clock.now())
    stood = {"pwdEndTime": LONG_PAST, "pwdAccountLockedTime": LOCKED_FOR_EVER, "pwdStartTime": "20990101000000Z"}
    changes = {name: Change(value) for name, value in stood.items()}
    assert only_event(world) == ("user.unblocked", ACTOR, world.user().entry_uuid, changes)


@pytest.mark.row("R25")
def test_a_new_address_is_told_to_the_old_one(world: World, operations: Operations) -> None:
    """Whoever talks support into another address would have the user, and its owner would not know."""
    operations.change_mail(world.anna, "anna@nieuw.example")
    assert world.owner().mail == "anna@nieuw.example"
    (row,) = world.take_letters()
    assert row.letter == Letter.MAIL_CHANGED
    assert row.facts == {"to": ANNA_MAIL, "owner": world.anna.entry_uuid, "at": world.clock.now().isoformat()}
    uuid = world.anna.entry_uuid
    changes = {"mail": Change(Personal(ANNA_MAIL, uuid), Personal("anna@nieuw.example", uuid))}
    assert only_event(world) == ("owner.mail-changed", ACTOR, uuid, changes)


@pytest.mark.row("R25")
def test_another_spelling_is_told_to_nobody(world: World, operations: Operations) -> None:
    """A capital that support mends would be a mail that frightens."""
    operations.change_mail(world.anna, ANNA_MAIL.upper())
    assert world.take_letters() == []
    assert len(world.audit("owner.mail-changed")) == 1


@pytest.mark.row("R25")
def test_an_owner_without_an_address_gets_a_first_one(world: World, operations: Operations) -> None:
    """Wrong data in the support system could not be mended where it is worst."""
    world.admin.set_mail(world.anna, None)
    operations.change_mail(world.owner(), "anna@nieuw.example")
    assert world.owner().mail == "anna@nieuw.example"
    assert only_event(world)[-1]["mail"].before is None
    assert world.take_letters() == []


@pytest.mark.row("R25")
def test_an_address_of_somebody_else_is_refused(world: World, operations: Operations) -> None:
    """One person's mail would be about two people's users."""
    with pytest.raises(AlreadyExists):
        operations.change_mail(world.anna, BOB_MAIL)
    assert (world.audit(), world.take_letters()) == ([], [])


@pytest.mark.parametrize(
    "act",
    [
        lambda operations, _world: operations.invite(NEW),
        lambda operations, world: operations.release(world.user()),
        lambda operations, world: operations.block(world.user()),
        lambda operations, world: operations.unblock(world.user()),
        lambda operations, world: operations.change_mail(world.anna, "anna@nieuw.example"),
    ],
    ids=["invite", "release", "block", "unblock", "mail"],
)
def test_what_the_directory_forbids_leaves_no_trace(
    world: World, operator: MemoryOperator, operations: Operations, act: Callable[[Operations, World], object]
) -> None:
    """The audit would tell, and the owner would read, what never happened; grants would end for nothing."""
    world.admin.set_password(NAME, PASSWORD)
    grant = world.grants.issue(world.client(), world.user(), HOME, PLAN).grant
    before = world.audit()
    operator.may_write = False
    with pytest.raises(Forbidden):
        act(operations, world)
    assert (world.audit(), world.take_letters()) == (before, [])
    with world.database.reading() as work:
        kept = work.grants.get(grant.id)
    assert kept is not None
    assert kept.revoked_at is None


@pytest.mark.row("R24", "R27")
def test_after_a_release_the_next_change_begins_a_new_day(world: World, operations: Operations) -> None:
    """A release would be one for ever."""
    world.admin.set_password(NAME, PASSWORD)
    operations.release(world.user())
    world.complete_reset.complete(world.mailed_link(), NEW_PASSWORD, NEW_PASSWORD)
    assert world.user().next_reset_at(world.clock.now(), COOLDOWN) is not None


@pytest.mark.parametrize("act", ["release", "block", "unblock"])
def test_a_change_is_told_by_the_command_or_by_who_reads_the_log_and_once(
    world: World, operator: MemoryOperator, operations: Operations, act: str
) -> None:
    """An owner would get two mails of one block; or, when a command dies, none."""
    getattr(operations, act)(world.user())
    events, letters = world.audit(), world.take_letters()
    with world.database.transaction() as work:
        assert not work.changes.claim(world.user().revision, world.clock.now())  # the reader comes too late
    position = getattr(operator, act)(world.user())
    with world.database.transaction() as work:
        assert work.changes.claim(position, world.clock.now())  # a command that died has claimed nothing

    class Late(MemoryOperator):
        """Whose change was read of in the log before the command came to tell it."""

        def __getattribute__(self, name: str) -> object:
            return (lambda _user: position) if name == act else super().__getattribute__(name)

    getattr(Operations(Late(world.admin), world.store, world.clock), act)(world.user())
    assert (world.audit(), world.take_letters()) == (events, [])
    assert len(letters) == (act == "block")


@pytest.mark.row("R1")
def test_an_invitation_that_was_read_of_in_the_log_first_is_mailed_by_who_read_it(world: World) -> None:
    """Whoever follows the log is faster at times: an owner would be invited twice."""

    class Late(MemoryOperator):
        """Whose change was read of in the log before the command came to tell it."""

        def create_user(self, new: NewUser) -> tuple[Koppelgebruiker, Owner]:
            user, owner = super().create_user(new)
            with world.database.transaction() as work:
                assert work.changes.claim(user.revision, world.clock.now())
            return user, owner

    Operations(Late(world.admin), world.store, world.clock).invite(NEW)
    assert world.take_letters() == []
    assert [event.action for event in world.audit()] == ["user.invited"]


def test_an_invitation_is_claimed(world: World, operations: Operations) -> None:
    """The audit would tell of it twice."""
    user, _ = operations.invite(NEW)
    with world.database.transaction() as work:
        assert not work.changes.claim(user.revision, world.clock.now())
