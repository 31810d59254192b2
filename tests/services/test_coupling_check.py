"""*Werkt mijn koppeling?*: which applications have logged in with the present password, and who may know."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

import connectors
from idp.errors import DirectoryUnavailable, UnknownUser
from idp.services.coupling_check import CouplingCheck
from tests.services.tokens import HOUR, issue
from tests.services.world import NAME, NEW_PASSWORD, OTHERS_NAME, PASSWORD, SECOND_NAME

if TYPE_CHECKING:
    from datetime import datetime

    from idp.services.coupling_check import Checked
    from tests.services.world import World


@pytest.fixture
def world(world: World) -> World:
    """Anna and Bob, whose first users have a password."""
    for name in (NAME, OTHERS_NAME):
        world.admin.set_password(name, PASSWORD)
    return world


def own(world: World, name: str = NAME) -> Checked:
    """Look as Anna."""
    return world.check.of_own(world.anna, world.user(name).entry_uuid)


def kinds(checked: Checked) -> list[tuple[str, datetime | None]]:
    """Give the kinds and when each was let in."""
    return [(each.id, each.last) for each in checked.kinds]


def test_each_kind_says_when_it_has_logged_in_or_not_yet(world: World) -> None:
    """An owner could not tell whether the bank has taken what they typed."""
    basecone, rabobank = world.client(), world.client("rabobank")
    issue(world, basecone, SECOND_NAME)
    assert kinds(own(world)) == [("basecone", None), ("rabobank", None)]
    world.clock.go(HOUR)
    issue(world, rabobank)
    world.clock.go(HOUR)
    issue(world, rabobank)
    assert kinds(own(world)) == [("basecone", None), ("rabobank", world.clock.now())]
    assert own(world).others == ()


def test_what_logged_in_with_a_former_password_has_not_logged_in(world: World) -> None:
    """After a change all would look well, while the bank goes on with the old password."""
    issue(world, world.client("rabobank"))
    world.admin.set_password(NAME, NEW_PASSWORD)
    assert kinds(own(world)) == [("rabobank", None)]


def test_only_kinds_that_are_there_and_take_a_password_are_named(world: World) -> None:
    """An owner would look for an application that nobody can use, or type into one that takes no password any more."""
    world.client("basecone")
    ing = world.client("ing")
    world.clients.disable(ing.client_id, "operator:test")
    world.client("triodos")
    sunset = {"triodos": replace(connectors.BUILT_IN[2], password_grant_sunset=date(2000, 1, 1))}
    known = {**world.check.connectors, **sunset}
    check = CouplingCheck(world.directory, world.store, world.clock, known)
    assert kinds(check.of_own(world.anna, world.user().entry_uuid)) == [("basecone", None)]


def test_whoever_else_has_logged_in_is_named_by_their_own_name(world: World) -> None:
    """A stranger's application that has the password would not show."""
    issue(world, world.client("vendor_api"))
    checked = own(world)
    assert [(each.id, each.name, each.last) for each in checked.others] == [("", "Vendor_Api", world.clock.now())]


def test_each_kind_says_what_is_typed_into_which_field(world: World) -> None:
    """Basecone has two pairs of fields; a bank's are known to nobody here."""
    world.client("basecone")
    world.client("ing")
    told = [(each.name, each.typed, each.fields) for each in own(world).kinds]
    assert told == [("Basecone", NAME, ("Portal gebruikersnaam", "Portal wachtwoord")), ("ING", NAME, None)]


def test_another_owners_user_is_answered_like_none(world: World) -> None:
    """Any owner could learn which bank every other customer has, and when it comes."""
    for entry_uuid in (world.user(OTHERS_NAME).entry_uuid, "00000000-0000-0000-0000-000000000000", NAME, ""):
        with pytest.raises(UnknownUser):
            world.check.of_own(world.anna, entry_uuid)


def test_who_has_chosen_a_password_looks_for_as_long_as_it_is_that_one(world: World) -> None:
    """Whoever had a stolen link would go on looking after the owner has chosen another password, or has blocked the user."""
    seen = world.check.present(NAME)
    issue(world, world.client())
    assert kinds(world.check.of_changed(seen)) == [("basecone", world.clock.now())]
    world.admin.block(NAME)
    with pytest.raises(UnknownUser):
        world.check.of_changed(seen)
    assert own(world).blocked
    world.admin.unblock(NAME)
    world.admin.set_password(NAME, NEW_PASSWORD)
    with pytest.raises(UnknownUser):
        world.check.of_changed(seen)


def test_a_user_made_anew_is_another_one(world: World) -> None:
    """The right to look would go on to whoever gets the name next."""
    seen = world.check.present(NAME)
    world.admin.recreate(NAME, world.bob)
    with pytest.raises(UnknownUser):
        world.check.of_changed(seen)


def test_one_look_costs_one_question_each(world: World) -> None:
    """Pages look again and again: each further question would be asked by all of them."""
    seen, entry_uuid = world.check.present(NAME), world.user().entry_uuid
    world.calls.names.clear()
    world.check.of_changed(seen)
    world.check.of_own(world.anna, entry_uuid)
    assert world.calls.names == ["directory.find_user_by_uuid", "store.reading", "directory.users_of", "store.reading"]


def test_while_the_directory_is_down_nobody_looks(world: World) -> None:
    """Whose it is, and whether the password is still that one, nobody knows then."""
    seen, entry_uuid = world.check.present(NAME), world.user().entry_uuid
    world.admin.away = True
    with pytest.raises(DirectoryUnavailable):
        world.check.of_changed(seen)
    with pytest.raises(DirectoryUnavailable):
        world.check.of_own(world.anna, entry_uuid)
