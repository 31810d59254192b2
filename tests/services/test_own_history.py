"""*Wie deed wat*: what an owner may know of what happened to their koppelgebruiker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.domain.audit import AuditEvent, Change, Personal
from idp.domain.happening import Who
from idp.errors import DirectoryUnavailable, InvalidCredentials, UnknownUser
from idp.services.own_history import MOST
from tests.services.tokens import HOUR, issue
from tests.services.world import NAME, NEW_PASSWORD, OTHERS_NAME, PASSWORD, SECOND_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.services.own_history import History
    from tests.services.world import World

JAN = "operator:dn:cn=jan,ou=support,dc=u4bsw,dc=nl"
ROOT = "operator:root"


def of(world: World, name: str = NAME) -> History:
    """Look as Anna."""
    return world.history.of_user(world.anna, world.user(name).entry_uuid)


def told(world: World) -> list[tuple[str, Who]]:
    """Give what happened and who did it, the newest first."""
    return [(each.what, each.who) for each in of(world).happenings]


def note(world: World, action: str, actor: str, changes: Mapping[str, Change] | None = None, **detail: str) -> None:
    """Write something down about Anna's first user, a moment later."""
    world.clock.go(HOUR)
    with world.database.transaction() as work:
        work.audit.append(AuditEvent(world.clock.now(), action, actor, world.user().entry_uuid, detail, changes or {}))


def test_a_reset_is_told_from_its_mail_to_its_password(world: World) -> None:
    """Who gets a mail that they did not ask for looks here for what came of it."""
    link = world.mailed_link()
    world.clock.go(HOUR / 2)
    world.complete_reset.complete(link, NEW_PASSWORD, NEW_PASSWORD)
    world.clock.go(HOUR)
    world.work_off()
    assert told(world) == [
        ("letter.sent:password-changed", Who.SERVICE),
        ("reset.completed", Who.OWNER),
        ("letter.sent:reset", Who.SERVICE),
    ]


def test_a_request_that_came_too_early_is_told_as_such(world: World) -> None:
    """The owner waits for a mail that never comes, and nobody tells why."""
    world.admin.set_password(NAME, PASSWORD)
    world.request()
    world.work_off()
    assert told(world) == [("letter.dropped:reset:cooldown", Who.SERVICE)]


def test_whoever_did_it_is_told_by_what_they_are(world: World) -> None:
    """An owner would call support about what an administrator did, or read who works there."""
    note(world, "user.invited", ROOT)
    note(world, "user.blocked", JAN)
    note(world, "user.unblocked", "operator:unknown")
    note(world, "user.blocked", "owner", reason="not-me")
    expected = [("user.blocked:not-me", Who.OWNER), ("user.unblocked", Who.ADMINISTRATOR), ("user.blocked", Who.SUPPORT)]
    assert told(world) == [*expected, ("user.invited", Who.ADMINISTRATOR)]


def test_what_an_application_did_is_told_by_its_name_and_summed(world: World) -> None:
    """Each hour's token would hide what matters, and who tries with a wrong password would have no name."""
    world.admin.set_password(NAME, PASSWORD)
    client = world.client()
    for _ in range(3):
        issue(world, client)
        world.clock.go(HOUR)
    for wrong in ("een", "twee"):
        with pytest.raises(InvalidCredentials):
            world.login.koppelgebruiker(client, NAME, wrong)
        world.clock.go(HOUR)
    history = of(world)
    (failed,) = history.happenings
    assert (failed.what, failed.who, failed.times, failed.at - failed.first) == ("login.failed", Who.APPLICATION, 2, HOUR)
    (logins,) = history.logins
    assert (logins.times, logins.last) == (3, failed.first - HOUR)
    assert history.names == {client.client_id: "Basecone"}
    assert failed.client_id == logins.client_id == client.client_id


def test_another_owners_user_is_answered_like_none(world: World) -> None:
    """Any owner could read what happens at every other customer."""
    for entry_uuid in (world.user(OTHERS_NAME).entry_uuid, "00000000-0000-0000-0000-000000000000", NAME, ""):
        with pytest.raises(UnknownUser):
            world.history.of_user(world.anna, entry_uuid)
    assert of(world, SECOND_NAME).happenings == []


def test_a_new_owner_is_told_nothing_of_the_former_ones_time(world: World) -> None:
    """Who takes a company over would read when its former owner worked, and with which applications; and as if they had."""
    world.admin.set_password(NAME, PASSWORD)
    issue(world, world.client())
    note(world, "reset.completed", "owner")
    handover = {"owner": Change(Personal(world.anna.dn), Personal(world.bob.dn))}
    world.admin.give_to(NAME, world.bob)
    note(world, "user.changed", ROOT, handover)
    note(world, "user.released", JAN)
    history = world.history.of_user(world.bob, world.user().entry_uuid)
    assert [each.what for each in history.happenings] == ["user.released", "user.handed-over"]
    assert history.logins == []
    assert not history.goes_on
    with pytest.raises(UnknownUser):
        of(world)


@pytest.mark.parametrize(
    ("changes", "attributes"),
    [({"owner": Change(None, Personal("uid=bob,ou=people"))}, ""), ({}, "description owner")],
)
def test_a_handover_of_which_little_is_known_is_one_all_the_same(
    world: World, changes: dict[str, Change], attributes: str
) -> None:
    """A directory without a log tells no more than that: the new owner would read on."""
    note(world, "reset.completed", "owner")
    note(world, "user.changed", "operator:unknown", changes, attributes=attributes)
    assert told(world) == [("user.handed-over", Who.ADMINISTRATOR)]


def test_the_beginning_and_another_spelling_of_the_owner_are_no_handover(world: World) -> None:
    """The owner would read that somebody else had it before, and lose what happened."""
    note(world, "user.added", ROOT, {"owner": Change(None, Personal(world.anna.dn))})
    note(world, "user.changed", ROOT, {"owner": Change(Personal(world.anna.dn), Personal(world.anna.dn.upper()))})
    assert told(world) == [("user.changed", Who.ADMINISTRATOR), ("user.added", Who.ADMINISTRATOR)]


def test_a_long_history_is_cut_and_says_so(world: World) -> None:
    """The page would take as long as the history is; or its end would be taken for the beginning."""
    user = world.user()
    with world.database.transaction() as work:
        for number in range(MOST + 1):
            action = "user.blocked" if number % 2 else "user.unblocked"
            work.audit.append(AuditEvent(world.clock.now(), action, ROOT, user.entry_uuid))
    history = of(world)
    assert (len(history.happenings), history.goes_on) == (MOST, True)
    assert not of(world, SECOND_NAME).goes_on


def test_while_the_directory_is_down_nothing_is_told(world: World) -> None:
    """Whose a koppelgebruiker is, nobody knows then."""
    entry_uuid = world.user().entry_uuid
    world.admin.away = True
    with pytest.raises(DirectoryUnavailable):
        world.history.of_user(world.anna, entry_uuid)
