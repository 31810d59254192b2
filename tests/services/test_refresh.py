"""An access token for a refresh token: never more, never for longer, and not after an end (S32, S33, S46)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Purpose
from idp.errors import GrantEnded, ResourceNotGranted, ScopeTooWide
from tests.services.composition import DIGESTS
from tests.services.tokens import API, DAYS, HOUR, MOMENT, NETWORK_ELSEWHERE, READ_WRITE, refresh_of, refreshed, stored

if TYPE_CHECKING:
    from idp.domain.client import Client
    from idp.services.issued import Issued
    from tests.services.world import World


@pytest.mark.row("S33")
def test_a_refresh_gives_an_access_token_and_the_same_refresh_token(world: World, client: Client, issued: Issued) -> None:
    """An application that loses the answer would lose its link."""
    world.clock.go(2 * HOUR)
    again = refreshed(world, client, issued)
    assert again.refresh_token == issued.refresh_token
    assert again.jti != issued.jti
    assert (again.scope, again.audience) == (READ_WRITE, API)
    assert (again.issued_at, again.expires_at) == (world.clock.now(), world.clock.now() + HOUR)
    grant = stored(world, issued)
    assert (grant.last_used_at, grant.network, again.grant) == (world.clock.now(), NETWORK_ELSEWHERE, grant)
    assert world.grants.inspect_access(again.jti).user == again.user == world.user()


@pytest.mark.row("S32")
def test_a_refresh_never_lengthens_the_refresh_token(world: World, client: Client, issued: Issued) -> None:
    """A link would live for as long as it is used: for ever."""
    world.clock.go(DAYS - MOMENT)
    refreshed(world, client, issued)
    world.clock.go(MOMENT)
    with pytest.raises(GrantEnded):
        refreshed(world, client, issued)


@pytest.mark.row("S33")
@pytest.mark.parametrize("scope", ["administratie:read", READ_WRITE, "administratie:write administratie:read", ""])
def test_a_refresh_may_ask_for_less(world: World, client: Client, issued: Issued, scope: str) -> None:
    """An application could not hand on a narrower token."""
    assert refreshed(world, client, issued, scope).scope == scope
    assert refreshed(world, client, issued).scope == READ_WRITE


@pytest.mark.row("S33")
@pytest.mark.parametrize("scope", ["admin", f"{READ_WRITE} admin", "administratie", "ADMINISTRATIE:READ"])
def test_a_refresh_never_gives_more(world: World, client: Client, issued: Issued, scope: str) -> None:
    """An application would give itself what its owner never gave."""
    with pytest.raises(ScopeTooWide):
        refreshed(world, client, issued, scope)
    assert len(world.audit("token.refreshed")) == 0


@pytest.mark.row("S37")
def test_another_clients_refresh_token_is_nothing(world: World, issued: Issued) -> None:
    """Whoever finds a refresh token in a log could use it with a client of their own."""
    with pytest.raises(GrantEnded):
        refreshed(world, world.client("ing"), issued)


def test_a_refresh_is_remembered(world: World, client: Client, issued: Issued) -> None:
    """Nobody could say who used a link."""
    refreshed(world, client, issued)
    event = world.audit("token.refreshed")[-1]
    assert (event.actor, event.subject) == (f"client:{client.client_id}", world.user().entry_uuid)
    assert (event.detail, event.at) == ({"grant": issued.grant.id}, world.clock.now())


@pytest.mark.row("S46")
@pytest.mark.parametrize("end", ["token", "grant"])
def test_a_revocation_under_way_wins(world: World, client: Client, issued: Issued, end: str) -> None:
    """The owner ends a link, and the application has one more token."""

    def revoke() -> None:
        with world.database.transaction() as work:
            if end == "grant":
                work.grants.revoke(issued.grant.id, world.clock.now())
            else:
                token = work.grants.token("refresh", DIGESTS.digest(Purpose.REFRESH_TOKEN, refresh_of(issued)))
                assert token is not None
                work.grants.revoke_token(token, world.clock.now())

    world.calls.after["directory.find_user_by_uuid"] = revoke
    with pytest.raises(GrantEnded):
        refreshed(world, client, issued)
    assert world.audit("token.refreshed") == []


def test_a_refresh_is_for_the_resource_that_was_granted(world: World, client: Client, issued: Issued) -> None:
    """S38: a token for one API would become one for another."""
    assert refreshed(world, client, issued, audience=API).audience == API
    with pytest.raises(ResourceNotGranted):
        refreshed(world, client, issued, audience="https://other.example/")
