"""An invitation that died half way, and a store that is down: nothing is changed that nobody is told of (R1, R25)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from idp.adapters.sql import SqlStore
from idp.adapters.sql.store import KEPT_AUDIT
from idp.domain.audit import SEGMENT
from idp.domain.capability import INVITATION_LIFETIME
from idp.domain.mail import Letter
from idp.errors import AlreadyExists, StoreUnavailable
from idp.ports.directory import NewUser
from idp.services.notices import SETTLED_AFTER
from idp.services.operations import Operations
from tests.services.calls import Crash, raising
from tests.services.composition import DIGESTS
from tests.services.letters import later, run_once
from tests.services.operator import MemoryOperator, operations_of
from tests.services.world import ANNA_MAIL, BOB_MAIL, NAME, PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.services.world import NewWorld, World

NEW = NewUser("U4BBGA0200", "A200", "carol@example.nl", "Carol")
MENDED = "anna@nieuw.example"


@pytest.fixture
def operations(world: World) -> Operations:
    """What Jan does."""
    return operations_of(world)


# -- a store that is down --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "act",
    [
        lambda operations, _world: operations.invite(NEW),
        lambda operations, world: operations.release(world.user()),
        lambda operations, world: operations.unblock(world.user()),
        lambda operations, world: operations.change_mail(world.owner(), MENDED),
        lambda operations, world: operations.change_mail(world.owner(), ANNA_MAIL.upper()),
    ],
    ids=["invite", "release", "unblock", "mail", "spelling"],
)
def test_while_the_store_is_down_the_directory_is_left_alone(
    world: World, tmp_path: Path, act: Callable[[Operations, World], object]
) -> None:
    """The change would be there, and nobody told; at the next try it is there already."""
    world.admin.set_password(NAME, PASSWORD)
    world.admin.block(NAME)
    before = (world.admin.all_users(), world.owner())
    down = SqlStore(f"sqlite:///{tmp_path}/no/such/folder/idp.db", DIGESTS)
    with pytest.raises(StoreUnavailable):
        act(Operations(MemoryOperator(world.admin), down, world.clock), world)
    assert (world.admin.all_users(), world.owner()) == before


@pytest.mark.row("S46")
def test_a_block_does_not_wait_for_the_store(world: World, tmp_path: Path, operations: Operations) -> None:
    """A thief would go on for as long as the disk is full. Done again, it ends the grants and tells the owner."""
    down = SqlStore(f"sqlite:///{tmp_path}/no/such/folder/idp.db", DIGESTS)
    with pytest.raises(StoreUnavailable):
        Operations(MemoryOperator(world.admin), down, world.clock).block(world.user())
    assert world.user().locks.shut_at(world.clock.now())
    operations.block(world.user())
    assert [row.letter for row in world.take_letters()] == [Letter.USER_BLOCKED]


# -- invitations -----------------------------------------------------------------------------------------------------------


@pytest.mark.row("R1")
def test_whatever_call_an_invitation_dies_at_the_next_one_completes_it(new_world: NewWorld) -> None:
    """The user would be there, its owner would never be invited, and *it exists already* be the answer for ever."""
    world = new_world()
    operations_of(world).invite(NEW)
    calls = list(world.calls.names)
    assert calls[0] == "store.ping"
    for number, name in enumerate(calls):
        for moment in ("before", "after"):
            world = new_world()
            operations = operations_of(world)
            getattr(world.calls, moment)[number] = raising(Crash())
            with pytest.raises(Crash):
                operations.invite(NEW)
            where = f"{moment} {name}, call {number}"
            if (moment, number) == ("after", len(calls) - 1):
                with pytest.raises(AlreadyExists):
                    operations.invite(NEW)
            else:
                user, owner = operations.invite(NEW)
                assert (user, owner) == (world.user(NEW.uid), world.admin.find_owner_by_mail(NEW.owner_mail)), where
            assert len(world.audit("user.invited")) == 1, where
            assert later(world) == [NEW.owner_mail], where


@pytest.mark.row("R1")
def test_an_invitation_that_was_completed_says_whom_it_is_about(world: World, operations: Operations) -> None:
    """The audit would not know who invited."""
    world.calls.after["operator.create_user"] = raising(Crash())
    with pytest.raises(Crash):
        operations.invite(NEW)
    again = replace(NEW, uid=NEW.uid.lower(), owner_mail=NEW.owner_mail.upper())
    user, owner = operations.invite(again)
    (event,) = world.audit("user.invited")
    assert (event.actor, event.subject, event.detail) == ("operator:cn=jan,ou=support", user.entry_uuid, {})
    assert str(event.changes["uid"].after) == NEW.uid
    (row,) = world.take_letters()
    assert (row.letter, row.facts) == (Letter.INVITATION, {"owner": owner.entry_uuid})
    with world.database.reading() as work:
        assert work.changes.bookmark() is None


@pytest.mark.row("R1")
def test_the_same_invitation_again_mails_a_link_when_the_former_has_run_out(world: World, operations: Operations) -> None:
    """Who was on holiday could never begin; and who imports a list twice would mail everybody twice."""
    operations.invite(NEW)
    with pytest.raises(AlreadyExists):
        operations.invite(NEW)
    run_once(world)
    world.clock.go(INVITATION_LIFETIME)
    with pytest.raises(AlreadyExists):
        operations.invite(NEW)
    world.clock.go(SETTLED_AFTER)
    operations.invite(NEW)
    assert later(world) == [NEW.owner_mail] * 2


@pytest.mark.row("R1")
def test_whose_owner_has_a_password_is_not_invited_again(world: World, operations: Operations) -> None:
    """A mail that looks like theft would come."""
    _, owner = operations.invite(NEW)
    assert later(world) == [NEW.owner_mail]
    world.admin.change_owner_password(owner, PASSWORD)
    world.clock.go(2 * INVITATION_LIFETIME)
    with pytest.raises(AlreadyExists):
        operations.invite(NEW)
    assert later(world) == [NEW.owner_mail]


@pytest.mark.row("R1")
def test_whose_invitation_has_expired_from_the_audit_is_not_invited_again(world: World, operations: Operations) -> None:
    """Whoever imports an old list would write an invitation into the audit that none was."""
    user, owner = operations.invite(NEW)
    world.admin.set_password(user.uid, PASSWORD)
    world.admin.change_owner_password(owner, PASSWORD)
    with world.database.transaction() as work:
        work.audit.seal(world.clock.now() + SEGMENT)
    world.clock.go(2 * SEGMENT + KEPT_AUDIT)
    assert world.database.expire(world.clock.now(), 1000)["audit"]
    assert world.audit("user.invited") == []
    with pytest.raises(AlreadyExists):
        operations.invite(NEW)
    assert world.audit("user.invited") == []


@pytest.mark.row("R1")
def test_an_invitation_of_an_owner_who_has_a_password_is_completed_too(world: World, operations: Operations) -> None:
    """The operator would be told that it exists, and the audit not know of it."""
    operations.invite(replace(NEW, uid="U4BBGA0199", owner_mail=BOB_MAIL))
    new = replace(NEW, owner_mail=ANNA_MAIL)
    world.calls.after["operator.create_user"] = raising(Crash())
    with pytest.raises(Crash):
        operations.invite(new)
    assert operations.invite(new) == (world.user(NEW.uid), world.owner())
    assert [event.subject for event in world.audit("user.invited")][1:] == [world.user(NEW.uid).entry_uuid]
    assert later(world) == []


@pytest.mark.row("R1")
@pytest.mark.parametrize(
    "other", [replace(NEW, administratie="A201"), replace(NEW, owner_mail=BOB_MAIL), replace(NEW, owner_mail="x@example.nl")]
)
def test_another_invitation_to_the_same_name_completes_nothing(world: World, operations: Operations, other: NewUser) -> None:
    """A typing error would be answered with *done*, and somebody else be mailed."""
    world.calls.after["operator.create_user"] = raising(Crash())
    with pytest.raises(Crash):
        operations.invite(NEW)
    with pytest.raises(AlreadyExists):
        operations.invite(other)
    assert (world.audit(), later(world)) == ([], [])


@pytest.mark.row("R1")
def test_a_user_without_an_owner_or_an_owner_without_an_address_is_somebody_elses(world: World, operations: Operations) -> None:
    """An import would break at one damaged entry."""
    _, owner = operations.invite(NEW)
    world.admin.set_mail(owner, None)
    with pytest.raises(AlreadyExists):
        operations.invite(NEW)
    world.admin.delete_owner(owner)
    with pytest.raises(AlreadyExists):
        operations.invite(NEW)
