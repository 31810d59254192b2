"""No way to a token, present or future, leads around the gate (S46)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant

from connectors.base import DEVICE_CODE
from idp.oauth.grant import GatedGrant
from tests.oauth.proving import classic
from tests.oauth.test_client_credentials import own_token
from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import USERNAME, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oauth.world import Answered


def _code(world: World) -> str:
    """Have the owner let the application in; a user who is blocked at that moment would give none, so it is unblocked for it."""
    was_blocked = world.directory.find_user(USERNAME).locks
    world.directory.unblock(USERNAME)
    code = world.code()
    if was_blocked.end is not None:
        world.directory.block(USERNAME)
    world.calls.clear()
    return code


def _device_code(world: World) -> str:
    """The same, with a device."""
    was_blocked = world.directory.find_user(USERNAME).locks
    world.directory.unblock(USERNAME)
    started = world.device().json
    world.let_device_in(started["user_code"])
    if was_blocked.end is not None:
        world.directory.block(USERNAME)
    world.calls.clear()
    return str(started["device_code"])


# How each grant is asked for a token, with all that it wants; a new grant needs a line here, or the first test fails.
OF_USERS: dict[str, Callable[[World, str], Answered]] = {
    "authorization_code": lambda world, _: world.redeem(_code(world)),
    DEVICE_CODE: lambda world, _: world.fetch(_device_code(world)),
    "password": lambda world, _: world.token("vendor_api"),
    "refresh_token": lambda world, refresh_token: world.refresh(refresh_token),
}
# Who gets a token on its own behalf was let in as a client a moment before; that the gate is asked all the same, is shown where
# there can be something in between: tests/services/test_own_access.py.
WAYS: dict[str, Callable[[World, str], Answered]] = {**OF_USERS, "client_credentials": lambda world, _: own_token(world)}


# How each endpoint beside the token's is asked about a user's access token, and what it says when the gate is shut.
ENDPOINTS: dict[str, tuple[Callable[[World, str], Answered], int, dict[str, object]]] = {
    "introspection": (
        lambda world, token: world.post("/oauth/introspect", "vendor_api", {"token": token}),
        200,
        {"active": False},
    ),
    "userinfo": (lambda world, token: world.userinfo(token), 401, {"error": "invalid_token"}),
}
UNGATED = {
    "device_authorization": "nobody has said yet for which user; the gate stands where an owner decides",
    "pushed_authorization_request": "it is about no user yet; the gate stands where an owner decides",
    "revocation": "a blocked user's token can still be revoked",
}


def registered(world: World, what: str) -> list[Any]:
    """Read what Authlib dispatches over: whatever was registered, by whichever way."""
    return list(vars(world.oauth)[what])


def test_every_registered_grant_is_tried_here(world: World) -> None:
    """A grant that nobody tried may have forgotten the gate."""
    assert sorted(world.oauth.grant_types) == sorted(WAYS)
    assert sorted(grant.GRANT_TYPE for grant, _ in registered(world, "_token_grants")) == sorted(WAYS)
    assert sorted(world.http.get("/.well-known/openid-configuration").json["grant_types_supported"]) == sorted(WAYS)


def test_every_registered_grant_is_of_the_kind_that_is_gated(world: World) -> None:
    """A grant that comes by its tokens otherwise than by the services would meet no gate."""
    grants = [*registered(world, "_token_grants"), *registered(world, "_authorization_grants")]
    assert grants
    assert all(issubclass(grant, GatedGrant) for grant, _ in grants)
    # Authlib's own way to a token: a grant that went it would have one signed that no service knows of.
    assert not registered(world, "_token_generators")


def test_every_registered_endpoint_is_tried_here(world: World) -> None:
    """An endpoint that nobody tried may tell about a blocked user, or do something for one."""
    assert sorted(registered(world, "_endpoints")) == sorted([*ENDPOINTS, *UNGATED])


@pytest.mark.row("S46")
@pytest.mark.parametrize("name", ENDPOINTS)
def test_an_endpoint_asks_the_gate_each_time(world: World, name: str) -> None:
    """S46: a block counts at once, and nothing about a user is remembered from the last time."""
    ask, status, told = ENDPOINTS[name]
    token = world.token("vendor_api").json["access_token"]
    assert ask(world, token).json != told
    world.directory.block(USERNAME)
    world.calls.clear()
    shut = ask(world, token)
    assert "directory.find_user_by_uuid" in world.calls
    assert (shut.status_code, {name: shut.json[name] for name in told}) == (status, told)
    world.directory.unblock(USERNAME)
    assert ask(world, token).json["sub"]


@pytest.mark.row("S46")
@pytest.mark.parametrize("way", OF_USERS.values(), ids=OF_USERS)
def test_a_grant_fails_for_a_blocked_user(world: World, way: Callable[[World, str], Answered]) -> None:
    """S46: a block shuts every door."""
    refresh_token = world.token("vendor_api").json["refresh_token"]
    assert way(world, refresh_token).status_code == 200
    world.directory.block(USERNAME)
    assert_refused(way(world, refresh_token), "invalid_grant")
    world.directory.unblock(USERNAME)
    assert way(world, refresh_token).status_code == 200


@pytest.mark.row("S46")
@pytest.mark.parametrize("way", OF_USERS.values(), ids=OF_USERS)
def test_a_grant_reads_the_user_anew(world: World, way: Callable[[World, str], Answered]) -> None:
    """S46: nothing about a user is remembered from the last time."""
    refresh_token = world.token("vendor_api").json["refresh_token"]
    assert way(world, refresh_token).status_code == 200
    assert "directory.find_user_by_uuid" in world.calls


@pytest.mark.row("S14")
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_grant_binds_to_the_key_that_is_shown(world: World, way: Callable[[World, str], Answered]) -> None:
    """S14: a grant that forgets the key gives, to who wanted a bound token, one that works for whoever has it."""
    refresh_token = world.token("vendor_api").json["refresh_token"]
    browser: Any = world.http
    browser.environ_base["HTTP_DPOP"] = classic(world).proof()
    assert way(world, refresh_token).json["token_type"] == "DPoP"


def test_a_grant_that_is_not_gated_can_not_be_registered(world: World) -> None:
    """Authlib's own grants ask no gate."""
    with pytest.raises(TypeError, match="GatedGrant"):
        world.oauth.register_grant(ClientCredentialsGrant)


def test_a_grant_says_itself_how_it_issues(world: World) -> None:
    """A grant that says nothing issues nothing."""
    with pytest.raises(NotImplementedError):
        GatedGrant.issue(GatedGrant.__new__(GatedGrant), world.parts.clients)  # type: ignore[arg-type]  # never looked at
