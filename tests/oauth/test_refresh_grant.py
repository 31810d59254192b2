"""A refresh token gives new access tokens, until its end, and for no more than was granted (S32, S33, S46)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.oauth.proving import another, strict
from tests.oauth.test_password_grant import VENDOR_SCOPE, read_as_an_outsider
from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import AUDIENCE, OTHER_AUDIENCE, PASSWORD, USERNAME, NewWorld, World

if TYPE_CHECKING:
    from connectors.base import Connector
    from tests.oauth.place import Place

TWO_SCOPES: dict[str, Any] = {
    "vendor_api": {"scopes": (VENDOR_SCOPE, "administratie:read"), "default_scopes": (VENDOR_SCOPE,)},
}


def test_a_refresh_gives_a_new_access_token(world: World) -> None:
    """The vendor's clients work on without asking the owner again; the refresh token stays as it is."""
    first = world.token("vendor_api").json
    world.clock.go(timedelta(minutes=90))
    second = world.refresh(first["refresh_token"]).json
    assert second["refresh_token"] == first["refresh_token"]
    assert second["scope"] == VENDOR_SCOPE
    claims = read_as_an_outsider(world, second["access_token"]).claims
    assert claims["exp"] == int(world.clock.now().timestamp()) + 3600
    assert world.introspect(second["access_token"], "vendor_api")["active"]
    assert not world.introspect(first["access_token"], "vendor_api")["active"]


def test_a_refresh_keeps_to_no_rotation(world: World) -> None:
    """A confidential client that lost an answer just asks again (RFC 9700 section 4.14.2)."""
    token = world.token("vendor_api").json["refresh_token"]
    assert [world.refresh(token).status_code for _ in range(3)] == [200, 200, 200]


@pytest.mark.row("S42")
def test_from_where_each_token_was_asked_is_kept(world: World) -> None:
    """S42: an owner sees from which network an application came last, whether with the password or to refresh."""
    password = {"grant_type": "password", "username": USERNAME, "password": PASSWORD}
    first = world.post("/oauth/token", "vendor_api", password, address="192.0.2.9")
    refresh = {"grant_type": "refresh_token", "refresh_token": first.json["refresh_token"]}
    for form, address, network in ((password, "192.0.2.9", "192.0.2.0/24"), (refresh, "198.51.100.7", "198.51.100.0/24")):
        assert world.post("/oauth/token", "vendor_api", form, address=address).status_code == 200
        with world.database.reading() as work:
            (grant,) = work.grants.of_user(world.directory.find_user(USERNAME).entry_uuid)
        assert grant.network == network


@pytest.mark.row("S32")
def test_a_refresh_token_has_an_absolute_end(asker: Place) -> None:
    """S32: using it does not lengthen its life; some day the owner is asked again."""
    clock, lifetime = asker.world.clock, asker.connector.refresh_token_lifetime
    assert lifetime is not None
    token = asker.ask().json["refresh_token"]
    for _ in range(4):
        clock.go(lifetime / 5)
        assert asker.refresh(token).status_code == 200
    clock.go(lifetime / 5 - timedelta(seconds=1))
    assert asker.refresh(token).status_code == 200
    clock.go(timedelta(seconds=1))
    assert_refused(asker.refresh(token), "invalid_grant")


@pytest.mark.row("S33")
def test_what_a_kind_has_lost_its_tokens_have_lost_too(new_world: NewWorld) -> None:
    """S33: an operator who takes a scope or an API away would see every refresh go on giving it, for a year."""
    world = new_world(changes=TWO_SCOPES)
    both = f"administratie:read {VENDOR_SCOPE}"
    token = world.token("vendor_api", scope=both).json["refresh_token"]
    other = world.token("vendor_api", resource=OTHER_AUDIENCE).json["refresh_token"]
    kinds = cast("dict[str, Connector]", world.parts.connectors)
    before = kinds["vendor_api"]
    kinds["vendor_api"] = replace(before, scopes=(VENDOR_SCOPE,))
    assert world.refresh(token).json["scope"] == VENDOR_SCOPE
    assert_refused(world.refresh(token, scope="administratie:read"), "invalid_scope")
    kinds["vendor_api"] = replace(before, scopes=("another",), default_scopes=("another",))
    assert_refused(world.refresh(token), "invalid_scope")
    kinds["vendor_api"] = before
    assert world.refresh(token).json["scope"] == both
    assert world.refresh(other).status_code == 200
    world.oauth.parts = replace(world.parts, audiences=())
    assert_refused(world.refresh(other), "invalid_target")
    assert world.refresh(token).status_code == 200


@pytest.mark.row("S33")
def test_a_refresh_never_widens_the_scope(new_world: NewWorld) -> None:
    """S33: what the owner did not grant can't be had later, not by way of a narrower refresh either."""
    world = new_world(changes=TWO_SCOPES)
    token = world.token("vendor_api", scope="administratie:read").json["refresh_token"]
    assert_refused(world.refresh(token, scope=VENDOR_SCOPE), "invalid_scope")
    assert_refused(world.refresh(token, scope=f"administratie:read {VENDOR_SCOPE}"), "invalid_scope")
    assert_refused(world.refresh(token, scope="admin"), "invalid_scope")
    assert world.refresh(token).json["scope"] == "administratie:read"


@pytest.mark.row("S33")
def test_nor_does_it_at_the_strict_issuer(world: World) -> None:
    """S33: a bank that was let in to look could write; and a narrower token is no way to a wider one."""
    bank = strict(world)
    token = bank.redeem(bank.code(scope="administratie:read")).json["refresh_token"]
    for wider in ("administratie:write", "administratie:read administratie:write", "admin"):
        assert_refused(bank.refresh(token, scope=wider), "invalid_scope")
    assert bank.refresh(token).json["scope"] == "administratie:read"


@pytest.mark.row("S33")
def test_a_refresh_may_ask_for_less(new_world: NewWorld) -> None:
    """RFC 6749 section 6; the next one may ask for all of it again."""
    world = new_world(changes=TWO_SCOPES)
    token = world.token("vendor_api", scope=f"administratie:read {VENDOR_SCOPE}").json["refresh_token"]
    assert world.refresh(token, scope="administratie:read").json["scope"] == "administratie:read"
    assert world.refresh(token, scope=" ").json["scope"] == f"administratie:read {VENDOR_SCOPE}"


@pytest.mark.row("S38")
def test_a_refresh_is_for_the_same_resource(asker: Place) -> None:
    """RFC 8707 section 2.2: the resource that was granted, named or not."""
    first = asker.redeem(asker.code(audience=OTHER_AUDIENCE)).json
    token = first["refresh_token"]
    for answer in (first, asker.refresh(token).json, asker.refresh(token, resource=OTHER_AUDIENCE).json):
        assert read_as_an_outsider(asker.world, answer["access_token"]).claims["aud"] == OTHER_AUDIENCE
    assert_refused(asker.refresh(token, resource=AUDIENCE), "invalid_target")


@pytest.mark.row("S37")
def test_another_clients_refresh_token_is_no_token(asker: Place) -> None:
    """S37: a token that leaked to another application is worth nothing there, and tells it nothing."""
    token, thief = asker.ask().json["refresh_token"], another(asker)
    unknown = thief.refresh("unknown")
    for stolen in (thief.refresh(token), thief.refresh(token, resource=OTHER_AUDIENCE)):
        assert_refused(stolen, "invalid_grant")
        assert stolen.data == unknown.data
    assert asker.refresh(token).status_code == 200


@pytest.mark.row("S47")
@pytest.mark.parametrize("token", ["unknown", "x" * 60000, "\U0001f600", "a.b.c"])
def test_what_is_no_refresh_token_is_refused(world: World, token: str) -> None:
    """S47: anything may be sent."""
    assert_refused(world.refresh(token), "invalid_grant")


def test_an_access_token_is_no_refresh_token(world: World) -> None:
    """The short one can't be turned into a long one."""
    assert_refused(world.refresh(world.token("vendor_api").json["access_token"]), "invalid_grant")


@pytest.mark.row("S47")
def test_a_refresh_without_a_token(world: World) -> None:
    """S47: the parameter that is missing is named."""
    response = world.post("/oauth/token", "vendor_api", {"grant_type": "refresh_token"})
    assert_refused(response, "invalid_request")
    assert "refresh_token" in response.json["error_description"]


@pytest.mark.row("S46")
def test_a_changed_password_ends_the_refresh_token(asker: Place) -> None:
    """S46: whoever sets a new password shuts out everybody who had the old one, at once."""
    token = asker.ask().json["refresh_token"]
    asker.world.directory.set_password(USERNAME, "een heel nieuwe wachtzin")
    assert_refused(asker.refresh(token), "invalid_grant")
