"""No way to a token, present or future, leads around the gate (S46)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant

from idp.oauth.grant import GatedGrant
from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import USERNAME, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oauth.world import Answered

# How each grant is asked for a token, with all that it wants; a new grant needs a line here, or the first test fails.
WAYS: dict[str, Callable[[World, str], Answered]] = {
    "password": lambda world, _: world.token("vendor_api"),
    "refresh_token": lambda world, refresh_token: world.refresh(refresh_token),
}


def test_every_registered_grant_is_tried_here(world: World) -> None:
    """A grant that nobody tried may have forgotten the gate."""
    assert sorted(world.oauth.grant_types) == sorted(WAYS)
    assert sorted(world.http.get("/.well-known/openid-configuration").json["grant_types_supported"]) == sorted(WAYS)


@pytest.mark.row("S46")
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_grant_fails_for_a_blocked_user(world: World, way: Callable[[World, str], Answered]) -> None:
    """S46: a block shuts every door."""
    refresh_token = world.token("vendor_api").json["refresh_token"]
    assert way(world, refresh_token).status_code == 200
    world.directory.block(USERNAME)
    assert_refused(way(world, refresh_token), "invalid_grant")
    world.directory.unblock(USERNAME)
    assert way(world, refresh_token).status_code == 200


@pytest.mark.row("S46")
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_grant_reads_the_user_anew(world: World, way: Callable[[World, str], Answered]) -> None:
    """S46: nothing about a user is remembered from the last time."""
    refresh_token = world.token("vendor_api").json["refresh_token"]
    assert way(world, refresh_token).status_code == 200
    assert "directory.find_user_by_uuid" in world.calls


def test_a_grant_that_is_not_gated_can_not_be_registered(world: World) -> None:
    """Authlib's own grants ask no gate."""
    with pytest.raises(TypeError, match="GatedGrant"):
        world.oauth.register_grant(ClientCredentialsGrant)


def test_a_grant_says_itself_how_it_issues(world: World) -> None:
    """A grant that says nothing issues nothing."""
    with pytest.raises(NotImplementedError):
        GatedGrant.issue(GatedGrant.__new__(GatedGrant), world.parts.clients)  # type: ignore[arg-type]  # never looked at
