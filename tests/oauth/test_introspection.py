"""What a token is worth, and its end (RFC 7662, RFC 7009, S37, S46)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.oauth.proving import another, classic, strict
from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import AUDIENCE, ORIGIN, USERNAME, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oauth.place import Place


def end_grants(asker: Place) -> None:
    """End all grants of the user, as a block does."""
    world = asker.world
    with world.database.transaction() as work:
        work.grants.revoke_all(world.directory.find_user(USERNAME).entry_uuid, world.clock.now())


INACTIVE = {"active": False}
ENDS: dict[str, Callable[[Place], object]] = {
    "a block": lambda asker: asker.world.directory.block(USERNAME),
    "a changed password": lambda asker: asker.world.directory.set_password(USERNAME, "een heel nieuwe wachtzin"),
    "an ended grant": end_grants,
    "a disabled client": lambda asker: asker.world.parts.clients.disable(asker.client_id, "test"),
}


def test_an_active_access_token(world: World) -> None:
    """An API that can't verify signatures asks, and learns for whom and for what the token is."""
    token = world.token().json["access_token"]
    now = int(world.clock.now().timestamp())
    user = world.directory.find_user(USERNAME)
    facts = world.introspect(token)
    assert len(facts.pop("jti")) >= 22
    assert facts == {
        "active": True,
        "iss": ORIGIN,
        "sub": user.entry_uuid,
        "aud": AUDIENCE,
        "client_id": world.clients["basecone"][0],
        "scope": "administratie:read administratie:write",
        "username": USERNAME,
        "administratie": user.administratie,
        "token_type": "Bearer",
        "iat": now,
        "exp": now + 3600,
    }


def test_an_active_refresh_token(world: World) -> None:
    """RFC 7662 section 2.1: refresh tokens as well."""
    facts = world.introspect(world.token("vendor_api").json["refresh_token"], "vendor_api")
    assert facts["active"]
    assert facts["exp"] == int((world.clock.now() + timedelta(days=60)).timestamp())
    assert "token_type" not in facts


@pytest.mark.row("S37")
def test_another_clients_token_is_inactive(asker: Place) -> None:
    """S37: an application learns nothing about the connections of another."""
    answer, other = asker.ask().json, another(asker)
    assert other.introspect(answer["access_token"]) == INACTIVE
    assert other.introspect(answer["refresh_token"]) == INACTIVE
    assert asker.introspect(answer["refresh_token"])["active"]


@pytest.mark.row("S37")
@pytest.mark.parametrize("endpoint", ["introspect", "revoke"])
def test_a_stranger_learns_and_ends_nothing(asker: Place, endpoint: str) -> None:
    """S37: whoever found a token must still prove who they are."""
    token = asker.ask().json["access_token"]
    for said in ({}, {"client_id": asker.client_id}):
        answer = asker.world.post(f"{asker.prefix}/{endpoint}", None, {"token": token, **said})
        assert_refused(answer, "invalid_client", 401)
    assert asker.introspect(token)["active"]


@pytest.mark.row("S37")
def test_a_token_of_the_other_issuer_is_inactive(world: World) -> None:
    """S37: each issuer answers for its own; one that is bound would be taken there for one that is not."""
    bank, application = strict(world), classic(world)
    of_bank, of_application = bank.ask().json, application.ask("").json
    for token in ("access_token", "refresh_token"):
        assert application.introspect(of_bank[token]) == bank.introspect(of_application[token]) == INACTIVE
        assert application.revoke(of_bank[token]).status_code == bank.revoke(of_application[token]).status_code == 200
    assert_refused(application.userinfo(of_bank["access_token"]), "invalid_token", 401)
    assert_refused(application.refresh(of_bank["refresh_token"]), "invalid_grant")
    assert bank.introspect(of_bank["access_token"])["active"]


@pytest.mark.row("S47")
@pytest.mark.parametrize("token", ["x", "a.b.c", "....", "e30.e30.e30", "\U0001f600", "x" * 60000, "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_token_is_inactive(world: World, token: str) -> None:
    """S47: anything may be sent, and revoking it is no error (RFC 7009 section 2.2)."""
    assert world.introspect(token) == INACTIVE
    assert world.post("/oauth/revoke", "basecone", {"token": token}).status_code == 200


@pytest.mark.row("S47")
@pytest.mark.parametrize("endpoint", ["/oauth/introspect", "/oauth/revoke"])
def test_without_a_token(world: World, endpoint: str) -> None:
    """S47: the parameter that is missing is named."""
    response = world.post(endpoint, "basecone", {"token_type_hint": "access_token"})
    assert_refused(response, "invalid_request")
    assert "token" in response.json["error_description"]


@pytest.mark.row("S37")
def test_a_revoked_access_token_is_inactive_though_it_still_verifies(asker: Place) -> None:
    """S37: an application that was disconnected is out at once, not after an hour."""
    token = asker.ask().json["access_token"]
    assert asker.userinfo(token).status_code == 200
    assert asker.send("revoke", {"token": token, "token_type_hint": "refresh_token"}).status_code == 200
    assert asker.introspect(token) == INACTIVE
    assert asker.userinfo(token).status_code == 401
    assert asker.revoke(token).status_code == 200


@pytest.mark.row("S37")
def test_revoking_one_access_token_leaves_the_others(world: World) -> None:
    """S37: one of an application's servers can end what it holds without cutting off the next."""
    one, other = world.token().json["access_token"], world.token().json["access_token"]
    world.post("/oauth/revoke", "basecone", {"token": one})
    assert world.introspect(other)["active"]


@pytest.mark.row("S37")
def test_revoking_a_refresh_token_ends_what_came_of_it(asker: Place) -> None:
    """S37: RFC 7009 section 2.1; nothing lives on that was had through it."""
    answer = asker.ask().json
    refreshed = asker.refresh(answer["refresh_token"]).json
    asker.revoke(answer["refresh_token"])
    assert_refused(asker.refresh(answer["refresh_token"]), "invalid_grant")
    for token in (answer["access_token"], refreshed["access_token"], answer["refresh_token"]):
        assert asker.introspect(token) == INACTIVE
    assert asker.ask().status_code == 200


@pytest.mark.row("S37")
def test_another_clients_token_can_not_be_revoked(asker: Place) -> None:
    """S37: one application can't disconnect another, and gets the same answer as for nonsense."""
    answer, other = asker.ask().json, another(asker)
    nonsense = other.revoke("x")
    for token in (answer["access_token"], answer["refresh_token"]):
        response = other.revoke(token)
        assert (response.status_code, response.data) == (nonsense.status_code, nonsense.data)
        assert asker.introspect(token)["active"]


@pytest.mark.row("S46")
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_an_end_counts_at_once_everywhere(asker: Place, end: Callable[[Place], object]) -> None:
    """S46: whoever blocks a user or sets a password has shut the door, not asked it to close within the hour."""
    answer = asker.ask().json
    assert asker.userinfo(answer["access_token"]).status_code == 200
    end(asker)
    assert asker.userinfo(answer["access_token"]).status_code == 401
    assert asker.refresh(answer["refresh_token"]).status_code in (400, 401)
    for token in (answer["access_token"], answer["refresh_token"]):
        response = asker.send("introspect", {"token": token})
        assert response.json == INACTIVE or response.json["error"] == "invalid_client"


@pytest.mark.row("S46")
def test_a_blocked_users_token_can_still_be_revoked(asker: Place) -> None:
    """S46: the gate shuts out use, not cleaning up; after the block is lifted the token stays dead."""
    answer = asker.ask().json
    asker.world.directory.block(USERNAME)
    assert asker.revoke(answer["refresh_token"]).status_code == 200
    asker.world.directory.unblock(USERNAME)
    assert_refused(asker.refresh(answer["refresh_token"]), "invalid_grant")


@pytest.mark.row("S46")
def test_a_user_made_anew_under_the_same_name_is_another_user(asker: Place) -> None:
    """S46: what was granted for the old one gives nothing of the new one."""
    answer, directory = asker.ask().json, asker.world.directory
    directory.delete(USERNAME)
    directory.add_user(USERNAME, password="een heel nieuwe wachtzin")
    assert asker.userinfo(answer["access_token"]).status_code == 401
    assert_refused(asker.refresh(answer["refresh_token"]), "invalid_grant")


@pytest.mark.row("S36")
@pytest.mark.parametrize("endpoint", ["introspect", "revoke"])
def test_answers_about_tokens_are_not_stored(asker: Place, endpoint: str) -> None:
    """S36: an answer that is kept would outlive the token."""
    response = asker.send(endpoint, {"token": asker.ask().json["access_token"]})
    assert response.headers["Cache-Control"] == "no-store"
