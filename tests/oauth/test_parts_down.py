"""When a part is down: 503, when to come back, nothing half-done, and no other part blamed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.errors import DirectoryUnavailable, StoreUnavailable
from tests.oauth.test_token_request import assert_refused

if TYPE_CHECKING:
    from tests.oauth.world import World


def test_a_directory_that_does_not_answer(world: World) -> None:
    """An application tries again in a moment; it must not conclude that the password is wrong."""
    answer = world.token("vendor_api").json
    world.asked.fault = DirectoryUnavailable()
    for response in (
        world.token(),
        world.refresh(answer["refresh_token"]),
        world.post("/oauth/introspect", "vendor_api", {"token": answer["access_token"]}),
        world.userinfo(answer["access_token"]),
    ):
        assert_refused(response, "temporarily_unavailable", 503)
        assert int(response.headers["Retry-After"]) >= 1
    world.asked.fault = None
    assert world.token().status_code == 200
    assert world.introspect(answer["access_token"], "vendor_api")["active"]


def test_tokens_can_be_revoked_while_the_directory_is_down(world: World) -> None:
    """Ending access must not wait for anything."""
    token = world.token().json["access_token"]
    world.asked.fault = DirectoryUnavailable()
    assert world.post("/oauth/revoke", "basecone", {"token": token}).status_code == 200
    world.asked.fault = None
    assert world.introspect(token) == {"active": False}


def test_a_store_that_does_not_answer(world: World) -> None:
    """The same for the database: full, locked or gone."""
    token = world.token().json["access_token"]
    world.store.fault = StoreUnavailable()
    for response in (world.token(), world.post("/oauth/revoke", "basecone", {"token": token}), world.userinfo(token)):
        assert_refused(response, "temporarily_unavailable", 503)
    world.store.fault = None
    assert world.introspect(token)["active"]


def test_the_keys_are_served_whatever_is_down(world: World) -> None:
    """APIs go on verifying what was issued before."""
    world.store.fault, world.asked.fault = StoreUnavailable(), DirectoryUnavailable()
    assert world.http.get("/oauth/jwks").status_code == 200
    assert world.http.get("/.well-known/oauth-authorization-server").status_code == 200
