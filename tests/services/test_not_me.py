"""*Was jij dit niet?*: one confirming click blocks the user and ends its grants (R20)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.audit import Change
from idp.domain.capability import Purpose
from idp.domain.directory_time import LOCKED_FOR_EVER, LONG_PAST
from idp.domain.mail import Letter
from idp.domain.people import Locks
from idp.errors import (
    DirectoryRefuses,
    DirectoryUnavailable,
    EntryMalformed,
    LinkExpired,
    LinkSpent,
    LinkUnknown,
    LinkUsed,
    StoreUnavailable,
)
from idp.services.issued import TokenPlan
from idp.services.notices import queue_password_changed
from tests.services.calls import raising
from tests.services.composition import DIGESTS
from tests.services.world import FULL_NAME, HOME, NAME, PASSWORD, SECOND_NAME

if TYPE_CHECKING:
    from tests.services.world import World

WEEK = timedelta(days=7)
PLAN = TokenPlan("administratie:read", "https://api.example/", timedelta(hours=1))

pytestmark = pytest.mark.row("R20")


@pytest.fixture
def link(world: World) -> str:
    """The secret in the confirmation of a change that somebody else made."""
    world.admin.set_password(NAME, PASSWORD)
    user = world.user()
    with world.database.transaction() as work:
        queue_password_changed(work, world.kept, user.entry_uuid, user.uid, world.clock.now())
    (row,) = world.take_letters()
    return DIGESTS.derive(Purpose.NOT_ME, row.id)


def test_opening_it_changes_nothing(world: World, link: str) -> None:
    """A mail scanner would block every user."""
    world.calls.names.clear()
    for _ in range(3):
        assert world.not_me.open(link) == FULL_NAME
    assert world.calls.names == ["store.reading"] * 3
    assert not world.user().locks.shut_at(world.clock.now())


def test_confirming_blocks_ends_and_tells(world: World, link: str) -> None:
    """Whoever changed the password would stay in, or the owner would not know that it is blocked."""
    grants = [world.grants.issue(world.client(kind), world.user(), HOME, PLAN).grant.id for kind in ("ing", "basecone")]
    world.admin.set_password(SECOND_NAME, PASSWORD)
    other = world.grants.issue(world.client(), world.user(SECOND_NAME), HOME, PLAN).grant.id
    assert world.not_me.confirm(link) == FULL_NAME
    assert world.user().locks.shut_at(world.clock.now())
    with world.database.reading() as work:
        ended = [grant is not None and grant.revoked_at is not None for grant in map(work.grants.get, [*grants, other])]
    assert ended == [True, True, False]
    (event,) = world.audit("user.blocked")
    assert (event.actor, event.subject, event.at) == ("owner", world.user().entry_uuid, world.clock.now())
    assert event.detail == {"reason": "not-me", "grants": "2"}
    assert event.changes == {"pwdEndTime": Change(None, LONG_PAST)}
    (row,) = world.take_letters()
    assert row.letter == Letter.USER_BLOCKED
    assert row.facts == {"user": world.user().entry_uuid, "at": world.clock.now().isoformat()}


def test_it_works_once(world: World, link: str) -> None:
    """After support lifted the block, the same mail would block again; or nobody would be told that it did so once."""
    world.not_me.confirm(link)
    world.admin.unblock(NAME)
    with pytest.raises(LinkUsed):
        world.not_me.open(link)
    with pytest.raises(LinkUsed):
        world.not_me.confirm(link)
    assert not world.user().locks.shut_at(world.clock.now())


def test_it_works_for_a_week(world: World, link: str) -> None:
    """Who was on holiday could do nothing; who finds an old mail could block for ever."""
    world.clock.go(WEEK - timedelta(seconds=1))
    world.not_me.open(link)
    world.clock.go(timedelta(seconds=1))
    with pytest.raises(LinkExpired):
        world.not_me.confirm(link)
    assert not world.user().locks.shut_at(world.clock.now())


def test_it_works_whatever_became_of_the_password_and_the_name(world: World, link: str) -> None:
    """The intruder would change the password once more, and the mail would be worth nothing."""
    world.admin.set_password(NAME, "de inbreker was nog eens hier")
    world.admin.rename(NAME, "U4BBGA0088")
    assert world.not_me.confirm(link) == "U4BBGA0088@u4bsw.nl"
    assert world.user("U4BBGA0088").locks.shut_at(world.clock.now())


@pytest.mark.parametrize(
    ("end", "changes"),
    [("20991231000000Z", {"pwdAccountLockedTime": Change(None, LOCKED_FOR_EVER)}), (LONG_PAST, {})],
    ids=["an end in the future", "a block that stands"],
)
def test_what_a_block_was_beside_is_told(world: World, link: str, end: str, changes: dict[str, Change]) -> None:
    """Support would lift what the click did not write, or not what it did."""
    world.admin.write(world.user(), "pwdEndTime", end)
    world.not_me.confirm(link)
    assert world.audit("user.blocked")[0].changes == changes
    assert world.user().locks == Locks(LOCKED_FOR_EVER if changes else None, end)


def test_a_user_made_anew_is_not_blocked(world: World, link: str) -> None:
    """An old mail would block the next customer of this name; or say that it had blocked somebody."""
    world.admin.recreate(NAME, world.bob)
    with pytest.raises(LinkSpent) as refused:
        world.not_me.confirm(link)
    assert not isinstance(refused.value, LinkUsed)
    assert world.user().locks == Locks()


def test_a_user_made_anew_at_the_very_moment_is_not_blocked_either(world: World, link: str) -> None:
    """The page would break, and say nothing of what became of the click."""
    world.calls.before["directory.block_user"] = lambda: world.admin.recreate(NAME, world.bob)
    with pytest.raises(LinkSpent):
        world.not_me.confirm(link)
    assert world.user().locks == Locks()
    assert world.audit("user.blocked") == []


def test_a_secret_of_another_kind_blocks_nobody(world: World) -> None:
    """A reset link, or a guess, would block a customer."""
    session = world.kept.make(Purpose.PORTAL_SESSION, {"user": world.user().entry_uuid, "bare": NAME})
    for secret in (session, "never mailed"):
        with pytest.raises(LinkUnknown):
            world.not_me.open(secret)
        with pytest.raises(LinkUnknown):
            world.not_me.confirm(secret)


def test_two_clicks_at_once_tell_once(world: World, link: str) -> None:
    """The owner would get two mails, and the audit two blocks."""
    world.calls.after["directory.block_user"] = lambda: world.not_me.confirm(link)
    assert world.not_me.confirm(link) == FULL_NAME
    assert len(world.audit("user.blocked")) == len(world.take_letters()) == 1


def test_a_directory_that_is_down_costs_no_link(world: World, link: str) -> None:
    """The owner would be told that it is blocked, or that the link is dead."""
    world.calls.before["directory.block_user"] = raising(DirectoryUnavailable())
    with pytest.raises(DirectoryUnavailable):
        world.not_me.confirm(link)
    assert world.audit("user.blocked") == []
    world.not_me.confirm(link)


def test_an_entry_that_must_be_mended_first_costs_no_link(world: World, link: str) -> None:
    """The owner would be told that the link is dead, and could block nobody when support has mended it."""
    world.calls.before["directory.find_user_by_uuid"] = raising(EntryMalformed("two owners"))
    with pytest.raises(DirectoryRefuses, match=r"^This user can't be blocked before its entry was mended\.$"):
        world.not_me.confirm(link)
    assert world.not_me.confirm(link) == FULL_NAME


def test_whatever_dies_after_the_block_it_stands_and_a_second_click_does_the_rest(world: World, link: str) -> None:
    """A full disk would keep the intruder in."""
    world.calls.before["store.transaction"] = raising(StoreUnavailable())
    with pytest.raises(StoreUnavailable):
        world.not_me.confirm(link)
    assert world.user().locks.shut_at(world.clock.now())
    world.not_me.confirm(link)
    assert len(world.audit("user.blocked")) == 1
