"""Whatever dies while an address is mended: the old one is told when and only when it changed, and once (R25)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.mail import Letter
from idp.errors import AlreadyExists, DirectoryUnavailable, Forbidden, MailRefused, MailUnavailable
from idp.services.notices import SETTLED_AFTER, queue
from idp.services.operations import Operations
from tests.services.calls import Crash, raising
from tests.services.letters import later, run_once
from tests.services.operator import MemoryOperator, operations_of
from tests.services.tooling import read_of
from tests.services.world import ANNA_MAIL

if TYPE_CHECKING:
    from idp.domain.people import Owner
    from tests.services.world import NewWorld, World

MENDED = "anna@nieuw.example"
SECOND = timedelta(seconds=1)
WRITE = "operator.change_mail"

pytestmark = pytest.mark.row("R25")


@pytest.fixture
def operations(world: World) -> Operations:
    """What Jan does."""
    return operations_of(world)


def test_whatever_call_a_new_address_dies_at_the_old_one_is_told_when_and_only_when_it_changed(new_world: NewWorld) -> None:
    """Whoever talks support into another address would have the user; and a second try finds nothing to tell."""
    world = new_world()
    operations_of(world).change_mail(world.owner(), MENDED)
    calls = list(world.calls.names)
    for number, name in enumerate(calls):
        for moment in ("before", "after"):
            world = new_world()
            operations = operations_of(world)
            getattr(world.calls, moment)[number] = raising(Crash())
            with pytest.raises(Crash):
                operations.change_mail(world.owner(), MENDED)
            where = f"{moment} {name}, call {number}"
            changed = world.owner().mail == MENDED
            assert later(world) == [ANNA_MAIL] * changed, where
            operations.change_mail(world.owner(), MENDED)
            assert later(world) == [ANNA_MAIL], where


@pytest.mark.parametrize("error", [AlreadyExists(), Forbidden(), DirectoryUnavailable()])
def test_an_address_that_was_not_changed_is_not_told_and_one_that_was_at_last_once(
    world: World, operations: Operations, error: Exception
) -> None:
    """The owner would be frightened for nothing, or think that it happened twice."""
    world.calls.before[WRITE] = raising(error)
    with pytest.raises(type(error)):
        operations.change_mail(world.owner(), MENDED)
    operations.change_mail(world.owner(), MENDED)
    assert later(world) == [ANNA_MAIL]
    world.calls.before[WRITE] = raising(error)
    with pytest.raises(type(error)):
        operations.change_mail(world.owner(), ANNA_MAIL)
    assert later(world) == [ANNA_MAIL]
    assert world.audit("letter.dropped")[-1].detail["outcome"] == "unchanged"


def test_an_address_that_was_changed_and_changed_back_is_told_twice(world: World, operations: Operations) -> None:
    """Whoever borrows an address for a minute would be seen by nobody: the directory shows the old one again."""
    world.mailbox.fault = MailUnavailable()
    operations.change_mail(world.owner(), MENDED)
    operations.change_mail(world.owner(), ANNA_MAIL)
    run_once(world)
    run_once(world)
    world.mailbox.fault = None
    assert sorted(later(world)) == sorted([ANNA_MAIL, MENDED])


@pytest.mark.parametrize("told", [ANNA_MAIL, MENDED])
def test_what_is_told_from_the_log_is_not_told_again(world: World, operations: Operations, told: str) -> None:
    """The old address would get two mails; but one to another address tells it nothing."""
    world.calls.after[WRITE] = raising(Crash())
    with pytest.raises(Crash):
        operations.change_mail(world.owner(), MENDED)
    with world.database.transaction() as work:
        facts = {"to": told, "owner": world.anna.entry_uuid, "at": world.clock.now().isoformat()}
        queue(work, Letter.MAIL_CHANGED, world.clock.now(), facts)
    assert later(world) == list(dict.fromkeys([told, ANNA_MAIL]))


def test_what_was_told_before_the_log_was_read_is_not_told_again(world: World, operations: Operations) -> None:
    """Whoever ran the command while the worker was down for long would have the old address told twice."""
    former = world.owner()
    world.calls.after[WRITE] = raising(Crash())
    with pytest.raises(Crash):
        operations.change_mail(former, MENDED)
    changed_at = world.clock.now()
    assert later(world) == [ANNA_MAIL]
    read_of(world, former, MENDED, changed_at)
    assert later(world) == [ANNA_MAIL]
    assert [event.actor for event in world.audit("owner.mail-changed")] == ["operator:dn:cn=admin"]


@pytest.mark.parametrize(("moment", "address"), [(-SECOND, MENDED), (SETTLED_AFTER + SECOND, MENDED), (SECOND, "x@example.nl")])
def test_another_change_than_the_one_that_was_told_is_told(
    world: World, operations: Operations, moment: timedelta, address: str
) -> None:
    """Whoever changes an address before or after a command that died would be seen by nobody."""
    former = world.owner()
    world.calls.after[WRITE] = raising(Crash())
    with pytest.raises(Crash):
        operations.change_mail(former, MENDED)
    changed_at = world.clock.now() + moment
    assert later(world) == [ANNA_MAIL]
    other = former if address == MENDED else replace(former, mail=address)
    read_of(world, other, MENDED, changed_at)
    assert later(world) == [ANNA_MAIL, other.mail]


def test_what_was_not_told_is_told_from_the_log(world: World, operations: Operations) -> None:
    """A letter that no server took would be enough to keep the change from being told when it comes to the log."""
    former = world.owner()
    world.mailbox.fault = MailRefused()
    world.calls.after[WRITE] = raising(Crash())
    with pytest.raises(Crash):
        operations.change_mail(former, MENDED)
    changed_at = world.clock.now()
    assert later(world) == []
    world.mailbox.fault = None
    read_of(world, former, MENDED, changed_at)
    assert later(world) == [ANNA_MAIL]


def test_of_a_change_that_the_worker_read_of_first_nothing_more_is_told(world: World) -> None:
    """Command and log would both tell it."""

    def read_first() -> None:
        with world.database.transaction() as work:
            assert work.changes.claim("position", world.clock.now())
            facts = {"to": ANNA_MAIL, "owner": world.anna.entry_uuid, "at": world.clock.now().isoformat()}
            queue(work, Letter.MAIL_CHANGED, world.clock.now(), facts)

    class Logged(MemoryOperator):
        def change_mail(self, owner: Owner, mail: str) -> str | None:
            super().change_mail(owner, mail)
            read_first()
            return "position"

    Operations(Logged(world.admin), world.store, world.clock).change_mail(world.owner(), MENDED)
    assert later(world) == [ANNA_MAIL]
    assert world.audit("owner.mail-changed") == []


@pytest.mark.parametrize(("before", "after"), [(ANNA_MAIL, ANNA_MAIL.upper()), (ANNA_MAIL.upper(), ANNA_MAIL.upper())])
def test_another_spelling_is_no_new_address(world: World, operations: Operations, before: str, after: str) -> None:
    """The owner would read of a new address, and have the old one."""
    world.admin.set_mail(world.anna, before)
    world.calls.before[WRITE] = raising(Crash())
    with pytest.raises(Crash):
        operations.change_mail(world.owner(), MENDED)
    world.admin.set_mail(world.anna, after)
    assert later(world) == []
