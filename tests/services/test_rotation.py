"""A refresh token that rotates works once; who brings it again ends its family, and no other (S30, RFC 9700 section 4.14.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from idp.errors import GrantEnded
from tests.services.tokens import DAYS, HOUR, MOMENT, READ_WRITE, WITH_REFRESH, is_live, issue, refresh_of, refreshed

if TYPE_CHECKING:
    from idp.domain.client import Client
    from idp.services.issued import Issued
    from tests.services.world import World


@pytest.fixture
def held(world: World, client: Client) -> Issued:
    """What an app got for an authorization."""
    return issue(world, client, plan=replace(WITH_REFRESH, code="one authorization"))


def rotated(world: World, client: Client, issued: Issued, scope: str | None = None) -> Issued:
    """Use the refresh token of an app."""
    return refreshed(world, client, issued, scope, rotates=True)


@pytest.mark.row("S30")
def test_the_next_is_worth_what_the_one_before_was(world: World, client: Client, held: Issued) -> None:
    """An app that once asked for less could never ask for all of it again."""
    world.clock.go(HOUR)
    again = rotated(world, client, held, "administratie:read")
    assert refresh_of(again) != refresh_of(held)
    kept = world.grants.inspect_refresh(refresh_of(again)).token
    assert (again.scope, kept.scope, kept.issued_at) == ("administratie:read", READ_WRITE, world.clock.now())
    assert is_live(world, held) == (False, False)
    assert rotated(world, client, again).scope == READ_WRITE


@pytest.mark.row("S30", "S32")
def test_it_ends_when_the_first_one_would_have(world: World, client: Client, held: Issued) -> None:
    """S32: an app that is used each day would never ask its owner again."""
    world.clock.go(DAYS - MOMENT)
    again = rotated(world, client, held)
    world.clock.go(MOMENT)
    with pytest.raises(GrantEnded):
        rotated(world, client, again)


@pytest.mark.row("S30")
def test_a_second_use_ends_the_family_and_is_told_once(world: World, client: Client, held: Issued) -> None:
    """S30: a thief would go on, or the other devices of the user would be out with the stolen one."""
    other_device = issue(world, client, plan=replace(WITH_REFRESH, code="another authorization"))
    again = rotated(world, client, held)
    for used in (held, held, again):
        with pytest.raises(GrantEnded):
            rotated(world, client, used)
    assert (is_live(world, again), is_live(world, other_device)) == ((False, False), (True, True))
    (event,) = world.audit("refresh-token.used-again")
    assert (event.actor, event.subject) == (f"client:{client.client_id}", client.client_id)
    assert event.detail == {"grant": held.grant.id, "tokens": "3"}


@pytest.mark.row("S30")
def test_what_was_only_tried_ends_nothing(world: World, client: Client, held: Issued) -> None:
    """Whoever guesses, comes too late, or has found another app's token would shut its user out."""
    with pytest.raises(GrantEnded):
        rotated(world, client, replace(held, refresh_token="never issued"))
    again = rotated(world, client, held)
    with pytest.raises(GrantEnded):
        rotated(world, world.client("ing"), held)
    with pytest.raises(GrantEnded):
        rotated(world, world.client("ing"), again)
    assert is_live(world, again) == (True, True)
    world.clock.go(DAYS)
    with pytest.raises(GrantEnded):
        rotated(world, client, again)
    assert world.audit("refresh-token.used-again") == []


@pytest.mark.row("S30")
def test_one_that_does_not_rotate_ends_nothing_when_it_comes_late(world: World, client: Client, held: Issued) -> None:
    """A bank that lost an answer, and asks once more after its coupling was ended, is no thief."""
    world.grants.revoke_refresh(client, refresh_of(held))
    with pytest.raises(GrantEnded):
        refreshed(world, client, held)
    assert world.audit("refresh-token.used-again") == []
