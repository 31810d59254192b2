"""What an owner sees of their couplings, and how they end them (S42, S46)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from idp.domain.grant import Coupling
from idp.errors import DirectoryUnavailable, UnknownCoupling, UnknownUser
from tests.services.tokens import (
    ACCESS_ONLY,
    DAYS,
    HOUR,
    NETWORK_ELSEWHERE,
    is_live,
    issue,
    refreshed,
    stored,
)
from tests.services.world import NAME, NEW_PASSWORD, OTHERS_NAME, PASSWORD, SECOND_NAME, UNKNOWN_NAME

if TYPE_CHECKING:
    from idp.domain.client import Client
    from idp.services.couplings import CoupledUser
    from idp.services.issued import Issued
    from tests.services.world import World

pytestmark = pytest.mark.row("S42")


def seen(world: World) -> list[CoupledUser]:
    """Look as Anna."""
    return world.couplings.of_owner(world.anna)


def names(world: World) -> list[tuple[str, list[str]]]:
    """Give the applications by user, as Anna sees them."""
    return [(each.user.uid, [coupling.application for coupling in each.couplings]) for each in seen(world)]


def test_an_owner_sees_each_of_their_users_and_who_is_let_in_by_it(world: World, client: Client) -> None:
    """They could not know whom to end, or would see another customer's applications."""
    world.admin.set_password(OTHERS_NAME, PASSWORD)
    issue(world, client)
    world.clock.go(HOUR)
    issue(world, world.client("ing"))
    issue(world, client, OTHERS_NAME)
    assert names(world) == [(NAME, ["Basecone", "Ing"]), (SECOND_NAME, [])]


def test_a_coupling_says_since_when_it_was_used_last_and_from_where(world: World, client: Client, issued: Issued) -> None:
    """A forgotten application would look like one in use."""
    began = world.clock.now()
    world.clock.go(HOUR)
    again = refreshed(world, client, issued)
    (coupling,) = seen(world)[0].couplings
    assert coupling == Coupling(stored(world, again), "Basecone", began + DAYS)
    facts = (coupling.grant.created_at, coupling.grant.last_used_at, coupling.grant.network)
    assert facts == (began, world.clock.now(), NETWORK_ELSEWHERE)


def test_one_that_was_not_used_for_long_is_shown_without_access(world: World, client: Client) -> None:
    """An owner would believe that an application is in, or that one that has the password is gone."""
    issue(world, client, plan=ACCESS_ONLY)
    world.clock.go(HOUR)
    (coupling,) = seen(world)[0].couplings
    assert coupling.access_until is None


def test_what_a_password_or_a_disabled_client_has_ended_is_not_shown(world: World, client: Client) -> None:
    """The page would tell of access that the gate refuses."""
    issue(world, client)
    ing = world.client("ing")
    issue(world, ing, SECOND_NAME)
    world.admin.set_password(NAME, NEW_PASSWORD)
    world.clients.disable(ing.client_id, "operator:test")
    assert names(world) == [(NAME, []), (SECOND_NAME, [])]


def test_a_blocked_user_lets_nobody_in(world: World, client: Client) -> None:
    """Before the worker has read of the block, the page would tell of access that the gate refuses."""
    issue(world, client)
    issue(world, client, SECOND_NAME)
    world.admin.block(NAME)
    first, second = seen(world)
    assert (first.blocked, [coupling.access_until for coupling in first.couplings]) == (True, [None])
    assert (second.blocked, [coupling.access_until is None for coupling in second.couplings]) == (False, [False])


def test_the_page_asks_for_all_users_at_once(world: World, client: Client) -> None:
    """An accountant with a hundred users would wait for a hundred questions."""
    issue(world, client)
    issue(world, client, SECOND_NAME)
    world.calls.names.clear()
    seen(world)
    assert world.calls.names == ["directory.users_of", "store.reading"]


@pytest.mark.row("S46")
def test_ending_one_ends_its_tokens_at_once_and_no_other(world: World, client: Client, issued: Issued) -> None:
    """An application would stay in, or the wrong one would be shut out."""
    other = issue(world, world.client("ing"))
    second = issue(world, client, SECOND_NAME)
    assert world.couplings.end(world.anna, issued.grant.id) == ("Basecone", NAME)
    assert is_live(world, issued) == (False, False)
    assert is_live(world, other) == is_live(world, second) == (True, True)
    assert names(world) == [(NAME, ["Ing"]), (SECOND_NAME, ["Basecone"])]
    assert stored(world, issued).network == ""


def test_what_an_application_that_is_gone_has_left_can_be_ended(world: World, issued: Issued) -> None:
    """A page that stood open while an admin deleted the application would answer with a fault of ours."""
    with world.database.transaction() as work:
        work.grants.add(replace(issued.grant, id="left", client_id="deleted"))
    assert world.couplings.end(world.anna, "left") == ("deleted", NAME)


def test_an_end_is_audited_once_with_whose_it_was(world: World, client: Client, issued: Issued) -> None:
    """Nobody could tell who ended it; a second click would fill the audit."""
    for _ in range(2):
        assert world.couplings.end(world.anna, issued.grant.id) == ("Basecone", NAME)
        world.clock.go(HOUR)
    (event,) = world.audit("grant.revoked")
    assert (event.actor, event.subject, event.at) == ("owner", world.user().entry_uuid, world.clock.now() - 2 * HOUR)
    assert event.detail == {"grant": issued.grant.id, "client": client.client_id}


@pytest.mark.row("S46")
def test_ending_all_ends_those_of_one_user(world: World, client: Client, issued: Issued) -> None:
    """After a theft one application would stay in; or those of another company would be shut out."""
    other = issue(world, world.client("ing"))
    second = issue(world, client, SECOND_NAME)
    world.couplings.end_all(world.anna, NAME)
    assert is_live(world, issued) == is_live(world, other) == (False, False)
    assert is_live(world, second) == (True, True)
    ended = {(event.actor, event.subject, event.detail["grant"]) for event in world.audit("grant.revoked")}
    assert ended == {("owner", world.user().entry_uuid, each.grant.id) for each in (issued, other)}


def test_another_owners_coupling_is_answered_like_none(world: World, client: Client) -> None:
    """An owner could end strangers' couplings, or learn which there are."""
    world.admin.set_password(OTHERS_NAME, PASSWORD)
    others = issue(world, client, OTHERS_NAME)
    calls = []
    for grant_id in (others.grant.id, "never was", ""):
        world.calls.names.clear()
        with pytest.raises(UnknownCoupling):
            world.couplings.end(world.anna, grant_id)
        calls.append(list(world.calls.names))
    assert calls[0] == calls[1] == calls[2]
    for name in (OTHERS_NAME, UNKNOWN_NAME, ""):
        with pytest.raises(UnknownUser):
            world.couplings.end_all(world.anna, name)
    assert is_live(world, others) == (True, True)
    assert world.audit("grant.revoked") == []


def test_who_was_given_to_another_owner_is_theirs_at_once(world: World, issued: Issued) -> None:
    """A former owner would go on shutting out the new one's applications, and the new one could not."""
    world.admin.give_to(NAME, world.bob)
    with pytest.raises(UnknownCoupling):
        world.couplings.end(world.anna, issued.grant.id)
    with pytest.raises(UnknownUser):
        world.couplings.end_all(world.anna, NAME)
    assert is_live(world, issued) == (True, True)
    assert world.couplings.end(world.bob, issued.grant.id) == ("Basecone", NAME)
    assert is_live(world, issued) == (False, False)


def test_nothing_is_ended_while_it_can_not_be_known_whose_it_is(world: World, issued: Issued) -> None:
    """A former owner need only wait until the directory is down."""
    world.admin.away = True
    for act in (
        lambda: world.couplings.end(world.anna, issued.grant.id),
        lambda: world.couplings.end_all(world.anna, NAME),
        lambda: world.couplings.of_owner(world.anna),
    ):
        with pytest.raises(DirectoryUnavailable):
            act()
    world.admin.away = False
    assert is_live(world, issued) == (True, True)
