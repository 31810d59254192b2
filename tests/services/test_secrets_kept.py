"""Secrets that let their holder do something: made, found and used up (S34)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import LIFETIMES, Purpose
from idp.errors import LinkExpired, LinkUnknown, LinkUsed
from tests.services.composition import DIGESTS

if TYPE_CHECKING:
    from tests.services.world import World

MOMENT = timedelta(microseconds=1)
FACTS = {"owner": "uuid"}


@pytest.mark.row("S34")
@pytest.mark.parametrize("purpose", LIFETIMES)
def test_a_secret_is_kept_as_a_digest_for_its_lifetime(world: World, purpose: Purpose) -> None:
    """Whoever reads the database would hold every session and ticket."""
    secret = world.kept.make(purpose, FACTS)
    found = world.kept.find(purpose, secret)
    assert (found.purpose, found.facts, found.digest) == (purpose, FACTS, DIGESTS.digest(purpose, secret))
    assert (found.created_at, found.expires_at) == (world.clock.now(), world.clock.now() + LIFETIMES[purpose])
    world.clock.go(LIFETIMES[purpose] - MOMENT)
    assert world.kept.find(purpose, secret) == found
    world.clock.go(MOMENT)
    with pytest.raises(LinkExpired):
        world.kept.find(purpose, secret)


def test_an_end_of_its_own_goes_before_the_lifetime(world: World) -> None:
    """A ticket exchanged in its ninth minute would have ten more."""
    end = world.clock.now() + timedelta(minutes=1)
    secret = world.kept.make(Purpose.TICKET_COOKIE, FACTS, end)
    assert world.kept.find(Purpose.TICKET_COOKIE, secret).expires_at == end


@pytest.mark.row("S34")
def test_each_purpose_is_apart(world: World) -> None:
    """A ticket could be played as a session."""
    secret = world.kept.make(Purpose.TICKET, FACTS)
    with pytest.raises(LinkUnknown):
        world.kept.find(Purpose.PORTAL_SESSION, secret)
    with pytest.raises(LinkUnknown):
        world.kept.find(Purpose.TICKET, "never made")


def test_what_was_used_up_is_told_apart_from_what_never_was(world: World) -> None:
    """Who follows a link twice would be told that it never existed."""
    secret = world.kept.make(Purpose.NOT_ME, FACTS)
    with world.database.transaction() as work:
        found = world.kept.peek(work, Purpose.NOT_ME, secret)
        assert found is not None
        assert work.capabilities.use(found, world.clock.now())
        assert world.kept.peek(work, Purpose.NOT_ME, "never made") is None
    with pytest.raises(LinkUsed):
        world.kept.find(Purpose.NOT_ME, secret)
    world.clock.go(timedelta(days=8))
    with pytest.raises(LinkUsed):
        world.kept.find(Purpose.NOT_ME, secret)


def test_finding_changes_nothing(world: World) -> None:
    """A mail scanner that opens a link would use it up."""
    secret = world.kept.make(Purpose.NOT_ME, FACTS)
    world.calls.names.clear()
    for _ in range(3):
        world.kept.find(Purpose.NOT_ME, secret)
    assert world.calls.names == ["store.reading"] * 3
