"""Registered applications and their secrets (S27, S34)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.audit import Change
from idp.domain.capability import Purpose
from idp.domain.client import Client
from idp.errors import AlreadyExists, ClientHasNoSecret, InvalidCredentials, RedirectUriRefused, UnknownClient
from idp.services.clients import Use
from idp.services.issued import TokenPlan
from tests.services.composition import DIGESTS
from tests.services.world import HOME

if TYPE_CHECKING:
    from tests.services.world import World

OVERLAP = timedelta(days=7)
MOMENT = timedelta(microseconds=1)
OPERATOR = "operator:cn=jan"
PLAN = TokenPlan("a", "https://api.example/", timedelta(hours=1))


def add(world: World, kind: str = "basecone") -> tuple[str, str]:
    """Register; gives identifier and secret."""
    client, secret = world.clients.add(kind, "Basecone NL", OPERATOR)
    return client.client_id, secret


def stored(world: World, client_id: str) -> Client:
    """Read what is kept."""
    with world.database.reading() as work:
        found = work.clients.get(client_id)
    assert found is not None
    return found


def test_a_new_client_is_told_its_secret_once(world: World) -> None:
    """S34: whoever reads the database would have every application's secret."""
    client, secret = world.clients.add("basecone", "Basecone NL", OPERATOR)
    assert client == stored(world, client.client_id)
    assert (client.connector, client.name, client.enabled, client.created_at) == (
        "basecone",
        "Basecone NL",
        True,
        world.clock.now(),
    )
    assert [kept.digest for kept in client.secrets] == [DIGESTS.digest(Purpose.CLIENT_SECRET, secret)]
    assert client.secrets[0].expires_at is None
    assert secret not in repr(client)
    assert world.clients.authenticate(client.client_id, secret) == client


def test_an_identifier_tells_the_kind_and_is_nobody_elses(world: World) -> None:
    """Two registrations of one kind would be one client."""
    first, second = add(world)[0], add(world)[0]
    assert first != second
    assert re.fullmatch("basecone-[0-9a-f]{16}", first)


def test_an_identifier_may_be_chosen_but_not_twice(world: World) -> None:
    """A second registration would take over the first one's users."""
    client, secret = world.clients.add("ing", "ING", OPERATOR, "ing-productie")
    assert client.client_id == "ing-productie"
    with pytest.raises(AlreadyExists):
        world.clients.add("ing", "ING", OPERATOR, "ing-productie")
    assert world.clients.authenticate("ing-productie", secret) == client
    assert len(world.audit("client.added")) == 1


@pytest.mark.row("S27")
def test_unknown_client_wrong_secret_and_disabled_client_are_refused_alike(world: World) -> None:
    """Whoever asks around would learn which applications are registered."""
    (client_id, secret), (other_id, other) = add(world), add(world, "ing")
    world.clients.disable(other_id, OPERATOR)
    sequences = []
    for presented in ((client_id, "wrong"), (client_id, ""), (client_id, other), ("unknown", secret), (other_id, other)):
        world.calls.names.clear()
        with pytest.raises(InvalidCredentials) as raised:
            world.clients.authenticate(*presented)
        sequences.append((tuple(world.calls.names), str(raised.value)))
    assert set(sequences) == {(("store.reading",), InvalidCredentials.description)}


@pytest.mark.row("S27")
def test_a_client_without_a_secret_is_let_in_by_none(world: World) -> None:
    """A row that lost its secrets would open for whoever sends the stand-in."""
    client_id, _ = add(world)
    with world.database.transaction() as work:
        work.clients.replace(Client(client_id, "basecone", "B", enabled=True, created_at=world.clock.now(), secrets=()))
    for secret in ("", "0" * 64):
        with pytest.raises(InvalidCredentials):
            world.clients.authenticate(client_id, secret)


def test_after_a_rotation_both_secrets_work_until_the_overlap_ends(world: World) -> None:
    """An application would be shut out for as long as its people need to put the new secret in."""
    client_id, former = add(world)
    current = world.clients.rotate_secret(client_id, OVERLAP, OPERATOR)
    assert current != former
    world.clock.go(OVERLAP - MOMENT)
    assert world.clients.authenticate(client_id, former) == world.clients.authenticate(client_id, current)
    world.clock.go(MOMENT)
    with pytest.raises(InvalidCredentials):
        world.clients.authenticate(client_id, former)
    assert world.clients.authenticate(client_id, current).client_id == client_id


@pytest.mark.parametrize("set_back", [timedelta(), timedelta(hours=1)])
def test_a_rotation_without_overlap_ends_the_former_secret_at_once(world: World, set_back: timedelta) -> None:
    """A leaked secret would work on; where the clock was ahead, for as long as that."""
    client_id, former = add(world)
    world.clients.rotate_secret(client_id, timedelta(), OPERATOR)
    world.clock.go(-set_back)
    with pytest.raises(InvalidCredentials):
        world.clients.authenticate(client_id, former)


def test_a_second_rotation_never_lengthens_the_first_secrets_life(world: World) -> None:
    """A secret that was to end on Friday would work on for another week."""
    client_id, first = add(world)
    second = world.clients.rotate_secret(client_id, timedelta(days=2), OPERATOR)
    world.clients.rotate_secret(client_id, OVERLAP, OPERATOR)
    world.clock.go(timedelta(days=2) - MOMENT)
    world.clients.authenticate(client_id, first)
    world.clock.go(MOMENT)
    with pytest.raises(InvalidCredentials):
        world.clients.authenticate(client_id, first)
    world.clients.authenticate(client_id, second)


def test_a_second_rotation_may_shorten_the_first_secrets_life(world: World) -> None:
    """In an emergency a secret in its overlap would go on working."""
    client_id, first = add(world)
    world.clients.rotate_secret(client_id, OVERLAP, OPERATOR)
    world.clients.rotate_secret(client_id, timedelta(hours=1), OPERATOR)
    world.clock.go(timedelta(hours=1))
    with pytest.raises(InvalidCredentials):
        world.clients.authenticate(client_id, first)


def test_secrets_past_their_end_are_not_kept(world: World) -> None:
    """Every rotation would make each authentication slower."""
    client_id, _ = add(world)
    world.clients.rotate_secret(client_id, OVERLAP, OPERATOR)
    world.clock.go(OVERLAP)
    current = world.clients.rotate_secret(client_id, OVERLAP, OPERATOR)
    kept = stored(world, client_id).secrets
    assert len(kept) == 2
    assert (kept[0].digest, kept[0].expires_at) == (DIGESTS.digest(Purpose.CLIENT_SECRET, current), None)
    assert kept[1].expires_at == world.clock.now() + OVERLAP


def test_a_disabled_client_keeps_what_it_is(world: World) -> None:
    """An operator could not see any more what was switched off."""
    client_id, secret = add(world)
    world.clients.disable(client_id, OPERATOR)
    kept = stored(world, client_id)
    assert (kept.enabled, kept.name, len(kept.secrets)) == (False, "Basecone NL", 1)
    with pytest.raises(InvalidCredentials):
        world.clients.authenticate(client_id, secret)


def test_what_a_disabled_client_was_before_is_remembered(world: World) -> None:
    """Nobody could say whether it was the second of two operators who shut an application out."""
    client_id, _ = add(world)
    for _ in range(2):
        world.clients.disable(client_id, OPERATOR)
    told = [event.changes for event in world.audit("client.disabled")]
    assert told == [{"enabled": Change("yes", "no")}, {"enabled": Change("no", "no")}]


def test_what_is_not_registered_can_not_be_rotated_or_disabled(world: World) -> None:
    """A typing error in the identifier would look like success."""
    with pytest.raises(UnknownClient):
        world.clients.rotate_secret("unknown", OVERLAP, OPERATOR)
    with pytest.raises(UnknownClient):
        world.clients.disable("unknown", OPERATOR)
    assert world.audit() == []


def test_all_clients_are_listed_by_identifier(world: World) -> None:
    """An operator would miss one."""
    for client_id in ("b", "a"):
        world.clients.add("ing", "ING", OPERATOR, client_id)
    assert [client.client_id for client in world.clients.list()] == ["a", "b"]


def test_the_use_of_a_kind_is_that_of_all_its_clients(world: World) -> None:
    """An operator would take an application out of service that a customer's bank still uses."""
    first, second, unused = world.client("ing"), world.client("ing"), world.client("ing")
    other, never = world.client("basecone"), world.client("triodos")
    uses = {}
    for client in (first, second, other):
        world.clock.go(MOMENT)
        world.grants.issue(client, world.user(), HOME, PLAN)
        uses[client.client_id] = world.clock.now()
    world.clients.disable(unused.client_id, OPERATOR)
    world.clients.disable(never.client_id, OPERATOR)
    assert world.clients.use() == {
        "basecone": Use(1, uses[other.client_id]),
        "ing": Use(2, uses[second.client_id]),
        "triodos": Use(0, None),
    }


def test_what_operators_do_is_remembered(world: World) -> None:
    """Nobody could say who gave out a secret."""
    client_id, _ = add(world)
    world.clients.rotate_secret(client_id, OVERLAP, OPERATOR)
    world.clients.disable(client_id, OPERATOR)
    assert [(event.action, event.actor, event.subject, event.detail, event.at) for event in world.audit()] == [
        ("client.added", OPERATOR, client_id, {"connector": "basecone"}, world.clock.now()),
        ("client.secret-rotated", OPERATOR, client_id, {}, world.clock.now()),
        ("client.disabled", OPERATOR, client_id, {}, world.clock.now()),
    ]


def test_a_client_is_found_by_its_public_identifier(world: World) -> None:
    """An owner could not be told which application asks."""
    client, _ = world.clients.add("vendor_api", "App", OPERATOR, redirect_uris=("https://app.example/back",))
    assert world.clients.find(client.client_id) == client
    assert client.redirect_uris == ("https://app.example/back",)
    assert world.clients.find("nobody") is None
    assert [event.detail["redirect_uris"] for event in world.audit("client.added")] == ["https://app.example/back"]


@pytest.mark.row("S2")
def test_one_wrong_address_registers_nothing(world: World) -> None:
    """S2: the right one beside it would hide it."""
    with pytest.raises(RedirectUriRefused):
        world.clients.add("vendor_api", "App", OPERATOR, redirect_uris=("https://app.example/back", "http://app.example/back"))
    with pytest.raises(RedirectUriRefused):
        world.clients.add_with_keys("fapi", "Bank", (), OPERATOR, redirect_uris=("http://bank.example/back",))
    assert world.clients.list() == []
    world.clients.add("ing", "ING", OPERATOR)
    assert [dict(event.detail) for event in world.audit("client.added")] == [{"connector": "ing"}]


# -- without a secret -------------------------------------------------------------------------------------------------


def test_an_app_is_registered_without_a_secret_and_found_by_its_name(world: World) -> None:
    """An app that is handed out would carry a secret that everybody can read."""
    client = world.clients.add_public("vendor_app", "App", OPERATOR, "app-1", ("https://app.example/back",))
    assert stored(world, "app-1") == client
    assert (client.secrets, client.keys, client.redirect_uris) == ((), (), ("https://app.example/back",))
    assert world.clients.without_proof("app-1") == client
    (event,) = world.audit("client.added")
    assert event.detail == {"connector": "vendor_app", "redirect_uris": "https://app.example/back"}
    with pytest.raises(ClientHasNoSecret):
        world.clients.rotate_secret("app-1", timedelta(), OPERATOR)
    assert stored(world, "app-1") == client


@pytest.mark.row("S25")
def test_who_has_something_to_prove_itself_by_is_not_found_without(world: World) -> None:
    """S25: a secret that can be left out is none."""
    client_id, _ = add(world)
    world.clients.add_public("vendor_app", "App", OPERATOR, "app-1")
    world.clients.disable("app-1", OPERATOR)
    for refused in (client_id, "app-1", "nobody"):
        with pytest.raises(InvalidCredentials):
            world.clients.without_proof(refused)
