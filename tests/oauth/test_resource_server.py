"""An API asks what a token is worth that was brought to it, and learns it of those that are for it alone (RFC 7662, S37)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.oauth.keyed import BANKS, Keyed
from tests.oauth.proving import classic, strict
from tests.oauth.test_client_credentials import own_token
from tests.oauth.test_introspection import ENDS, INACTIVE
from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import AUDIENCE, OTHER_AUDIENCE, USERNAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oauth.place import Place
    from tests.oauth.world import World


@pytest.fixture
def world(world: World) -> World:
    """The token service, with an API that is the default resource."""
    world.add_api(AUDIENCE)
    return world


@pytest.mark.row("S37")
def test_it_is_told_of_tokens_that_are_for_it(world: World) -> None:
    """S37: an API that can't verify signatures, or wants to know of a block at once, sees whose and what for a token is."""
    user = world.directory.find_user(USERNAME)
    told = world.introspect(world.token().json["access_token"], "api")
    assert (told["sub"], told["administratie"], told["aud"]) == (user.entry_uuid, user.administratie, AUDIENCE)
    assert told["client_id"] == world.clients["basecone"][0]
    assert told == world.introspect(world.token().json["access_token"], "api") | {"jti": told["jti"]}
    assert world.introspect(own_token(world).json["access_token"], "api")["active"]


@pytest.mark.row("S37")
def test_of_others_it_is_told_nothing(world: World) -> None:
    """S37: one API could use, or spy on, what was meant for another; a refresh token is for nobody but its client."""
    assert world.introspect(world.token(resource=OTHER_AUDIENCE).json["access_token"], "api") == INACTIVE
    assert world.introspect(world.token("vendor_api").json["refresh_token"], "api") == INACTIVE
    assert world.introspect(world.token().json["access_token"], "vendor_service") == INACTIVE
    own = own_token(world, "api", resource=OTHER_AUDIENCE).json["access_token"]
    assert world.introspect(own, "api")["active"]


@pytest.mark.row("S37")
def test_it_can_not_end_them(world: World) -> None:
    """S37: whoever breaks into one API would disconnect every application; the answer is that for nonsense."""
    answer = world.token("vendor_api").json
    nonsense = world.post("/oauth/revoke", "api", {"token": "x"})
    for token in (answer["access_token"], answer["refresh_token"]):
        refused = world.post("/oauth/revoke", "api", {"token": token})
        assert (refused.status_code, refused.data) == (nonsense.status_code, nonsense.data)
        assert world.introspect(token, "vendor_api")["active"]


@pytest.mark.row("S37", "S46")
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_an_end_is_told_at_once(world: World, end: Callable[[Place], object]) -> None:
    """S46: an API that asks each time lets nobody in who was shut out a second ago."""
    application = classic(world)
    token = application.ask("", resource=AUDIENCE).json["access_token"]
    assert world.introspect(token, "api")["active"]
    end(application)
    assert world.introspect(token, "api") == INACTIVE


@pytest.mark.row("S37", "S46")
def test_at_the_strict_issuer_an_api_with_a_key_is_told_the_same(world: World) -> None:
    """S37: an API of a bank could not tell a live token from an ended one, nor whose key must come with it."""
    api, bank = Keyed(world, client_id="strict-api", issuer=BANKS["fapi"]).register("fapi", AUDIENCE), strict(world)

    def told(token: str) -> dict[str, Any]:
        answer = api.ask(path="/fapi/introspect", token=token)
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    tokens = bank.ask().json
    about = told(tokens["access_token"])
    assert (about["active"], about["aud"], about["client_id"], about["cnf"]) == (True, AUDIENCE, "bank", {"jkt": bank.jkt})
    assert (about["iss"], about["sub"]) == (api.issuer, world.directory.find_user(USERNAME).entry_uuid)
    elsewhere = bank.redeem(bank.code(audience=OTHER_AUDIENCE)).json["access_token"]
    for others in (elsewhere, tokens["refresh_token"], world.token().json["access_token"]):
        assert told(others) == INACTIVE
    assert world.introspect(tokens["access_token"], "api") == INACTIVE, "it is of the other issuer"
    assert api.ask(path="/fapi/revoke", token=tokens["access_token"]).status_code == 200
    assert told(tokens["access_token"])["active"], "it is not the API's to end"
    world.directory.block(USERNAME)
    assert told(tokens["access_token"]) == INACTIVE


@pytest.mark.row("S37")
def test_who_was_switched_off_asks_no_more(world: World) -> None:
    """S37: an API that is no more, and whose secret lies about."""
    token = world.token().json["access_token"]
    world.parts.clients.disable(world.clients["api"][0], "operator:test")
    assert_refused(world.post("/oauth/introspect", "api", {"token": token}), "invalid_client", 401)
