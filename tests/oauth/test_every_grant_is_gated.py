"""No way to a token, present or future, leads around the gate, at either issuer (S46)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant

from connectors.base import CLASSIC, DEVICE_CODE, STRICT
from idp.oauth.grant import GatedGrant
from idp.oauth.metadata import describe
from tests.oauth.proving import ASKERS
from tests.oauth.registering import open_world
from tests.oauth.test_client_credentials import own_token
from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import USERNAME, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.oauth.server import OAuthServer
    from tests.oauth.place import Place
    from tests.oauth.world import Answered, NewWorld

    Way = Callable[[Place, str], Answered]


def _let_in(place: Place, let_in: Callable[[], str]) -> str:
    """Have the owner let the application in; a user who is blocked at that moment would let in nobody, so not for that long."""
    directory = place.world.directory
    was_blocked = directory.find_user(USERNAME).locks
    directory.unblock(USERNAME)
    code = let_in()
    if was_blocked.end is not None:
        directory.block(USERNAME)
    place.world.calls.clear()
    return code


def _device_code(world: World) -> str:
    """Have the owner let a device in; gives its code."""
    started = world.device().json
    world.let_device_in(started["user_code"])
    return str(started["device_code"])


def _by_code(place: Place, _: str) -> Answered:
    return place.redeem(_let_in(place, place.code))


def _by_device(place: Place, _: str) -> Answered:
    return place.world.fetch(_let_in(place, lambda: _device_code(place.world)))


# How each grant of each issuer is asked for a token, with all that it wants; a new grant needs a line here, or the first test
# fails.
OF_USERS: dict[str, dict[str, Way]] = {
    CLASSIC: {
        "authorization_code": _by_code,
        DEVICE_CODE: _by_device,
        "password": lambda place, _: place.ask(),
        "refresh_token": lambda place, refresh_token: place.refresh(refresh_token),
    },
    STRICT: {
        "authorization_code": _by_code,
        "refresh_token": lambda place, refresh_token: place.refresh(refresh_token),
    },
}
# Who gets a token on its own behalf was let in as a client a moment before; that the gate is asked all the same, is shown where
# there can be something in between: tests/services/test_own_access.py.
WAYS: dict[str, dict[str, Way]] = {
    CLASSIC: {**OF_USERS[CLASSIC], "client_credentials": lambda place, _: own_token(place.world)},
    STRICT: OF_USERS[STRICT],
}


# How each endpoint beside the token's is asked about a user's access token, and what it says when the gate is shut.
ENDPOINTS: dict[str, tuple[Way, int, dict[str, object]]] = {
    "introspection": (lambda place, token: place.send("introspect", {"token": token}), 200, {"active": False}),
    "userinfo": (lambda place, token: place.userinfo(token), 401, {"error": "invalid_token"}),
}
UNGATED = {
    "client_registration": "it is about no user; what registers itself is let in by an owner, as all others are",
    "pushed_authorization_request": "it is about no user yet; the gate stands where an owner decides",
    "revocation": "a blocked user's token can still be revoked",
}
CLASSIC_ALONE = {"device_authorization": "nobody has said yet for which user; the gate stands where an owner decides"}
TRIED = {CLASSIC: {*ENDPOINTS, *UNGATED, *CLASSIC_ALONE}, STRICT: {*ENDPOINTS, *UNGATED}}


@pytest.fixture
def servers(new_world: NewWorld) -> dict[str, OAuthServer]:
    """Every server that the application builds, by its issuer, with all that may be switched on."""
    return {server.parts.issuer.id: server for server in open_world(new_world).servers}


@pytest.fixture(params=[(issuer, grant) for issuer, ways in OF_USERS.items() for grant in ways], ids=" ".join)
def way(request: pytest.FixtureRequest, world: World) -> tuple[Place, Way]:
    """An application, and how it asks for a token of a user's by one grant."""
    issuer, grant = request.param
    return _application(world, issuer), OF_USERS[issuer][grant]


def _application(world: World, issuer: str) -> Place:
    return ASKERS["strict" if issuer == STRICT else "classic"](world)


def registered(server: OAuthServer, what: str) -> list[Any]:
    """Read what Authlib dispatches over: whatever was registered, by whichever way."""
    return list(vars(server)[what])


def test_every_registered_grant_is_tried_here(servers: dict[str, OAuthServer]) -> None:
    """A grant that nobody tried may have forgotten the gate."""
    assert set(servers) == set(WAYS)
    for issuer, server in servers.items():
        ways = sorted(WAYS[issuer])
        assert sorted(server.grant_types) == ways
        assert sorted(grant.GRANT_TYPE for grant, _ in registered(server, "_token_grants")) == ways
        document: dict[str, Any] = dict(describe(server))
        assert sorted(document["grant_types_supported"]) == ways


def test_every_registered_grant_is_of_the_kind_that_is_gated(servers: dict[str, OAuthServer]) -> None:
    """A grant that comes by its tokens otherwise than by the services would meet no gate."""
    for server in servers.values():
        grants = [*registered(server, "_token_grants"), *registered(server, "_authorization_grants")]
        assert grants
        assert all(issubclass(grant, GatedGrant) for grant, _ in grants)
        # Authlib's own way to a token: a grant that went it would have one signed that no service knows of.
        assert not registered(server, "_token_generators")


def test_every_registered_endpoint_is_tried_here(servers: dict[str, OAuthServer]) -> None:
    """An endpoint that nobody tried may tell about a blocked user, or do something for one."""
    for issuer, server in servers.items():
        assert sorted(registered(server, "_endpoints")) == sorted(TRIED[issuer])


@pytest.mark.row("S46")
@pytest.mark.parametrize("name", ENDPOINTS)
def test_an_endpoint_asks_the_gate_each_time(asker: Place, name: str) -> None:
    """S46: a block counts at once, and nothing about a user is remembered from the last time."""
    ask, status, told = ENDPOINTS[name]
    world, token = asker.world, asker.ask().json["access_token"]
    assert ask(asker, token).json != told
    world.directory.block(USERNAME)
    world.calls.clear()
    shut = ask(asker, token)
    assert "directory.find_user_by_uuid" in world.calls
    assert (shut.status_code, {name: shut.json[name] for name in told}) == (status, told)
    world.directory.unblock(USERNAME)
    assert ask(asker, token).json["sub"]


@pytest.mark.row("S46")
def test_a_grant_fails_for_a_blocked_user(way: tuple[Place, Way]) -> None:
    """S46: a block shuts every door, and nothing about a user is remembered from the last time."""
    place, ask = way
    refresh_token = place.ask().json["refresh_token"]
    assert ask(place, refresh_token).status_code == 200
    assert "directory.find_user_by_uuid" in place.world.calls
    place.world.directory.block(USERNAME)
    assert_refused(ask(place, refresh_token), "invalid_grant")
    place.world.directory.unblock(USERNAME)
    assert ask(place, refresh_token).status_code == 200


@pytest.mark.row("S14")
@pytest.mark.parametrize("grant", WAYS[CLASSIC])
def test_a_grant_binds_to_the_key_that_is_shown(world: World, grant: str) -> None:
    """S14: a grant that forgets the key gives, to who wanted a bound token, one that works for whoever has it."""
    place = _application(world, CLASSIC)
    refresh_token = place.ask().json["refresh_token"]
    browser: Any = world.http
    browser.environ_base["HTTP_DPOP"] = place.proof()
    assert WAYS[CLASSIC][grant](place, refresh_token).json["token_type"] == "DPoP"


def test_a_grant_that_is_not_gated_can_not_be_registered(world: World) -> None:
    """Authlib's own grants ask no gate."""
    with pytest.raises(TypeError, match="GatedGrant"):
        world.oauth.register_grant(ClientCredentialsGrant)


def test_a_grant_says_itself_how_it_issues(world: World) -> None:
    """A grant that says nothing issues nothing."""
    with pytest.raises(NotImplementedError):
        GatedGrant.issue(GatedGrant.__new__(GatedGrant), world.parts.clients)  # type: ignore[arg-type]  # never looked at
