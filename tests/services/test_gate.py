"""The one gate: whoever acts for a subject comes through here, each time (S46)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.client import Client, ClientSubject, UserSubject
from idp.domain.directory_time import format_generalized_time
from idp.domain.people import Koppelgebruiker, Locks, Seen
from idp.errors import ClientDisabled, DirectoryUnavailable, NotUsable, SubjectBlocked, SubjectChanged
from tests.services.world import NAME, NEW_PASSWORD, PASSWORD

if TYPE_CHECKING:
    from tests.services.world import World

pytestmark = pytest.mark.row("S46")


@pytest.fixture
def seen(world: World) -> Seen:
    """Access, given a while ago."""
    world.admin.set_password(NAME, PASSWORD)
    seen = world.user().seen
    world.clock.go(timedelta(days=2))
    return seen


def through(world: World, client: Client, seen: Seen) -> Koppelgebruiker:
    """Come to the gate for whoever access was given for."""
    return world.gate.assert_usable(UserSubject(seen.entry_uuid), client, seen)


def test_who_has_not_changed_gets_through_as_they_are_now(world: World, client: Client, seen: Seen) -> None:
    """Tokens would carry what was true when access was given, such as another administration."""
    world.admin.release(world.user())
    assert through(world, client, seen) == world.user()


def test_nothing_is_remembered(world: World, client: Client, seen: Seen) -> None:
    """A block would wait for a cache to run out."""
    through(world, client, seen)
    world.admin.block(NAME)
    with pytest.raises(SubjectBlocked):
        through(world, client, seen)
    world.admin.set_locks(NAME, Locks())
    through(world, client, seen)


@pytest.mark.parametrize(
    "locks",
    [
        Locks(locked="000001010000Z"),
        Locks(locked="20261101000000Z"),
        Locks(end="19700101000000Z"),
        Locks(start="20990101000000Z"),
        Locks(end="soon"),
        Locks(start="soon"),
    ],
)
def test_whom_slapd_refuses_the_gate_refuses(world: World, client: Client, seen: Seen, locks: Locks) -> None:
    """A blocked user's tokens would go on working."""
    world.admin.set_locks(NAME, locks)
    with pytest.raises(SubjectBlocked):
        through(world, client, seen)


def test_an_end_shuts_the_gate_at_its_very_second(world: World, client: Client, seen: Seen) -> None:
    """A contract that ends at midnight would end some time later."""
    end = format_generalized_time(world.clock.now() + timedelta(hours=1))
    world.admin.set_locks(NAME, Locks(end=end, start="20200101000000Z"))
    world.clock.go(timedelta(minutes=59, seconds=59))
    through(world, client, seen)
    world.clock.go(timedelta(seconds=1))
    with pytest.raises(SubjectBlocked):
        through(world, client, seen)


def test_a_changed_password_ends_access(world: World, client: Client, seen: Seen) -> None:
    """Who stole a token would keep it after the owner changed the password."""
    world.admin.set_password(NAME, NEW_PASSWORD)
    with pytest.raises(SubjectChanged):
        through(world, client, seen)


def test_what_was_seen_is_compared_for_equality_not_for_order(world: World, client: Client, seen: Seen) -> None:
    """A directory restored from yesterday has an older password: access given with today's must end."""
    world.admin.age(world.user(), timedelta(days=1))
    with pytest.raises(SubjectChanged):
        through(world, client, seen)


def test_a_user_made_anew_under_the_same_name_is_another_one(world: World, client: Client, seen: Seen) -> None:
    """The next customer with this name would be read by the former one's applications."""
    world.admin.recreate(NAME, world.bob)
    with pytest.raises(SubjectChanged):
        through(world, client, seen)
    with pytest.raises(SubjectChanged):
        world.gate.assert_usable(UserSubject(world.user().entry_uuid), client, seen)


def test_a_deleted_user_is_gone(world: World, client: Client, seen: Seen) -> None:
    """Tokens would outlive the customer."""
    world.admin.delete(NAME)
    with pytest.raises(SubjectChanged):
        through(world, client, seen)


def test_a_block_is_told_before_a_change(world: World, client: Client, seen: Seen) -> None:
    """An operator who looks why a token is refused would go and look for a changed password."""
    world.admin.set_password(NAME, NEW_PASSWORD)
    world.admin.block(NAME)
    with pytest.raises(SubjectBlocked):
        through(world, client, seen)


def test_a_disabled_client_gets_nothing_whatever_it_was_when_it_asked(world: World, client: Client, seen: Seen) -> None:
    """An application that was switched off would go on for as long as its requests are under way."""
    world.clients.disable(client.client_id, "operator:test")
    assert client.enabled
    with pytest.raises(ClientDisabled):
        through(world, client, seen)
    with pytest.raises(ClientDisabled):
        world.gate.assert_usable(ClientSubject(client.client_id), client, None)


def test_a_client_that_is_not_there_any_more_gets_nothing(world: World, client: Client, seen: Seen) -> None:
    """An application that was removed would be one that nobody can switch off."""
    with pytest.raises(ClientDisabled):
        through(world, replace(client, client_id="removed"), seen)


def test_a_client_is_judged_before_the_directory_is_asked(world: World, client: Client, seen: Seen) -> None:
    """A switched-off application could still load the directory."""
    world.clients.disable(client.client_id, "operator:test")
    world.calls.names.clear()
    with pytest.raises(ClientDisabled):
        through(world, client, seen)
    assert world.calls.names == ["store.reading"]


def test_a_client_on_its_own_behalf_is_a_subject_of_its_own(world: World, client: Client) -> None:
    """A token without a user would be one for whoever is absent."""
    assert world.gate.assert_usable(ClientSubject(client.client_id), client, None) == client


def test_a_client_is_no_subject_of_another_client(world: World, client: Client) -> None:
    """One application would act as another."""
    other = world.client("ing")
    with pytest.raises(SubjectChanged):
        world.gate.assert_usable(ClientSubject(other.client_id), client, None)


def test_what_can_not_be_known_is_not_let_through(world: World, client: Client, seen: Seen) -> None:
    """With the directory down, blocked users would be in; and it is no *ended* access, which applications would forget."""
    world.admin.away = True
    with pytest.raises(DirectoryUnavailable) as raised:
        through(world, client, seen)
    assert not isinstance(raised.value, NotUsable)
