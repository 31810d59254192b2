"""Applications that prove themselves by keys: registered, replaced, and let in once by each assertion (S20, S27)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.audit import Change
from idp.domain.capability import Capability, Purpose
from idp.domain.client import ClientKey
from idp.errors import (
    AlreadyExists,
    AssertionRefused,
    ClientHasKeys,
    InvalidCredentials,
    RedirectUriRefused,
    Refusal,
    UnknownClient,
)
from idp.services.assertions import Assertions
from idp.services.used_once import UsedOnce
from tests.services.composition import DIGESTS

if TYPE_CHECKING:
    from tests.services.world import World

OVERLAP = timedelta(days=7)
MOMENT = timedelta(microseconds=1)
OPERATOR = "operator:cn=jan"
FIRST = ClientKey("1", ("ES256",), {"kty": "EC", "crv": "P-256", "x": "x-1", "y": "y-1"})
SECOND = ClientKey("2", ("PS256", "RS256"), {"kty": "RSA", "n": "n-2", "e": "AQAB"})
BACK = "https://bank.example/back"


@pytest.fixture
def assertions(world: World) -> Assertions:
    """What was used."""
    return Assertions(UsedOnce(world.store, DIGESTS, world.clock))


def test_a_client_with_keys_has_no_secret(world: World) -> None:
    """A secret that nobody uses would be one more that can leak."""
    client = world.clients.add_with_keys("ing", "ING", (FIRST, SECOND), OPERATOR, "ing-1", (BACK,))
    assert (client.client_id, client.connector, client.name, client.enabled) == ("ing-1", "ing", "ING", True)
    assert (client.keys, client.secrets, client.redirect_uris) == ((FIRST, SECOND), (), (BACK,))
    assert client.created_at == world.clock.now()
    assert world.clients.get("ing-1") == client
    for secret in ("", "x", "0" * 64):
        with pytest.raises(InvalidCredentials):
            world.clients.authenticate("ing-1", secret)


def test_its_identifier_is_chosen_once_or_random(world: World) -> None:
    """A second registration would take over the first one's users."""
    world.clients.add_with_keys("ing", "ING", (FIRST,), OPERATOR, "ing-1")
    with pytest.raises(AlreadyExists):
        world.clients.add_with_keys("ing", "ING", (SECOND,), OPERATOR, "ing-1")
    with pytest.raises(AlreadyExists):
        world.clients.add("ing", "ING", OPERATOR, "ing-1")
    random = world.clients.add_with_keys("ing", "ING", (FIRST,), OPERATOR)
    assert random.client_id.startswith("ing-")
    assert len(random.client_id) == len("ing-") + 16
    assert world.clients.get("ing-1").keys == (FIRST,)


def test_where_it_leads_back_to_is_looked_at_as_for_any_other(world: World) -> None:
    """S2: an address in the clear would be taken from whoever has keys."""
    with pytest.raises(RedirectUriRefused):
        world.clients.add_with_keys("ing", "ING", (FIRST,), OPERATOR, redirect_uris=("http://bank.example/",))
    assert world.clients.list() == []


def test_its_keys_are_replaced_as_a_whole_and_at_once(world: World) -> None:
    """A key that leaked would work on; two that overlap are both in the file."""
    client = world.clients.add_with_keys("ing", "ING", (FIRST,), OPERATOR, "ing-1")
    world.clients.replace_keys("ing-1", (FIRST, SECOND), OVERLAP, OPERATOR)
    assert world.clients.get("ing-1") == replace(client, keys=(FIRST, SECOND))
    world.clients.replace_keys("ing-1", (SECOND,), OVERLAP, OPERATOR)
    assert world.clients.get("ing-1") == replace(client, keys=(SECOND,))


def test_its_secret_is_not_rotated_but_told_how_keys_are(world: World) -> None:
    """An operator would give out a secret that lets nobody in, or in beside the keys."""
    world.clients.add_with_keys("ing", "ING", (FIRST,), OPERATOR, "ing-1")
    with pytest.raises(ClientHasKeys, match="--jwks"):
        world.clients.rotate_secret("ing-1", OVERLAP, OPERATOR)
    assert world.clients.get("ing-1").secrets == ()
    assert world.audit("client.secret-rotated") == []


def test_who_moves_from_a_secret_to_keys_has_both_for_a_while(world: World) -> None:
    """An application would be shut out between the two."""
    client, secret = world.clients.add("ing", "ING", OPERATOR)
    world.clients.replace_keys(client.client_id, (FIRST,), OVERLAP, OPERATOR)
    world.clock.go(OVERLAP - MOMENT)
    assert world.clients.authenticate(client.client_id, secret).keys == (FIRST,)
    world.clients.replace_keys(client.client_id, (SECOND,), OVERLAP, OPERATOR)
    world.clock.go(MOMENT)
    with pytest.raises(InvalidCredentials):
        world.clients.authenticate(client.client_id, secret)
    world.clients.replace_keys(client.client_id, (SECOND,), OVERLAP, OPERATOR)
    assert world.clients.get(client.client_id).secrets == ()


def test_what_is_not_registered_has_no_keys_to_replace(world: World) -> None:
    """A typing error in the identifier would look like success."""
    with pytest.raises(UnknownClient):
        world.clients.replace_keys("unknown", (FIRST,), OVERLAP, OPERATOR)
    with pytest.raises(UnknownClient):
        world.clients.get("unknown")
    assert world.audit() == []


def test_which_keys_were_given_and_by_whom_is_remembered(world: World) -> None:
    """Nobody could say who let a stranger's key in."""
    world.clients.add_with_keys("ing", "ING", (FIRST, SECOND), OPERATOR, "ing-1", (BACK, f"{BACK}/2"))
    world.clients.replace_keys("ing-1", (SECOND,), OVERLAP, OPERATOR)
    added, replaced = world.audit()
    facts = {"connector": "ing", "redirect_uris": f"{BACK} {BACK}/2", "keys": "1 2"}
    assert (added.action, added.actor, added.subject, added.detail) == ("client.added", OPERATOR, "ing-1", facts)
    assert (replaced.action, replaced.actor, replaced.subject) == ("client.keys-replaced", OPERATOR, "ing-1")
    assert (replaced.at, replaced.changes) == (world.clock.now(), {"keys": Change("1 2", "2")})


@pytest.mark.row("S27")
def test_no_key_helps_who_is_unknown_disabled_or_has_used_it(world: World, assertions: Assertions) -> None:
    """S27: one look in each case; whoever asks around sees no difference."""
    client = world.clients.add_with_keys("ing", "ING", (FIRST,), OPERATOR, "ing-1")
    world.clients.add_with_keys("ing", "ING", (FIRST,), OPERATOR, "ing-2")
    world.clients.disable("ing-2", OPERATOR)
    assertions.use("ing-1", "used", world.clock.now() + OVERLAP)
    sequences = []
    for asked in (("nobody", "1"), ("ing-2", "1"), ("ing-1", "used"), ("ing-1", "1")):
        world.calls.names.clear()
        found = assertions.signer(*asked)
        assert found == (client if asked == ("ing-1", "1") else None)
        sequences.append(tuple(world.calls.names))
    assert set(sequences) == {("store.reading",)}


@pytest.mark.row("S20")
def test_an_assertion_is_used_once_by_each_client(world: World, assertions: Assertions) -> None:
    """S20: whoever reads one on its way would be the bank; and one bank could use up another's."""
    end = world.clock.now() + timedelta(minutes=1)
    assertions.use("ing-1", "one", end)
    with pytest.raises(AssertionRefused) as refused:
        assertions.use("ing-1", "one", end)
    assert refused.value.refusal is Refusal.REPLAY
    assert str(refused.value) == "The assertion proves nothing."
    assertions.use("ing-2", "one", end)
    assertions.use("ing-1", "two", end)


@pytest.mark.row("S20", "S34")
def test_what_was_used_is_kept_by_its_digest_until_its_end(world: World, assertions: Assertions) -> None:
    """S20: it is forgotten too early, or stands in a backup for whoever would sign the next one."""
    end = world.clock.now() + timedelta(minutes=1)
    assertions.use("ing-1", "one", end)
    digest = DIGESTS.digest(Purpose.CLIENT_ASSERTION, "ing-1", "one")
    now = world.clock.now()
    with world.database.reading() as work:
        kept = work.capabilities.get(Purpose.CLIENT_ASSERTION, digest)
    assert kept == Capability(digest, Purpose.CLIENT_ASSERTION, {}, now, end, used_at=now)
