"""An app that can keep no secret says who it is and proves nothing; what it holds works once (RFC 9700 section 4.14.2, S30)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from idp.settings import LimitSettings
from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import AUDIENCE, CHALLENGE, OTHER_AUDIENCE, PASSWORD, VERIFIER

if TYPE_CHECKING:
    from tests.oauth.world import Answered, NewWorld, World

APP = "vendor_app"


def let_in(world: World) -> dict[str, Any]:
    """Have the owner let the app in, and give what it gets."""
    answer = world.redeem(world.code(APP, challenge=CHALLENGE), kind=APP, code_verifier=VERIFIER)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def refreshed(world: World, held: dict[str, Any], **form: str) -> Answered:
    """Bring the refresh token."""
    return world.refresh(held["refresh_token"], APP, **form)


def test_it_needs_no_secret_but_its_verifier(world: World) -> None:
    """The vendor's app could not be connected; and whoever caught its code must not be."""
    assert world.userinfo(let_in(world)["access_token"]).status_code == 200
    for form in ({}, {"code_verifier": VERIFIER[:-1] + "l"}):
        code = world.code(APP, challenge=CHALLENGE)
        assert_refused(world.redeem(code, kind=APP, **form), "invalid_grant")


@pytest.mark.row("S30")
def test_each_refresh_token_works_once_and_the_next_takes_its_place(world: World) -> None:
    """S30: a copy of the app's storage is worth nothing once the app has gone on; and the app goes on for as long as it may."""
    held = let_in(world)
    for _ in range(3):
        before, held = held, dict(refreshed(world, held).json)
        assert held["refresh_token"] != before["refresh_token"]
        assert held["scope"] == before["scope"]
    assert world.userinfo(held["access_token"]).status_code == 200


@pytest.mark.row("S30")
def test_who_brings_one_again_ends_its_whole_family_and_no_other(world: World) -> None:
    """S30: one of the two who had it has stolen it. The owner's other device was let in apart, and stays in."""
    other_device = let_in(world)
    for form in ({}, {"resource": OTHER_AUDIENCE}, {"scope": "administratie:read"}):
        first = let_in(world)
        second = refreshed(world, first).json
        assert_refused(refreshed(world, first, **form), "invalid_grant")
        assert_refused(refreshed(world, second), "invalid_grant")
        for held in (first, second):
            assert world.userinfo(held["access_token"]).status_code == 401
    assert world.userinfo(other_device["access_token"]).status_code == 200
    assert refreshed(world, other_device).status_code == 200
    with world.database.reading() as work:
        told = [record.event for record in work.audit.newest(99) if record.event.action == "refresh-token.used-again"]
    assert [(event.actor, event.detail["tokens"]) for event in told] == [(f"client:{world.clients[APP][0]}", "3")] * 3


@pytest.mark.row("S30")
def test_of_thirty_two_at_once_one_wins_and_nobody_keeps_anything(world: World) -> None:
    """S30: a thief who races the app gets nothing that lasts, whoever is first: two had it, so none has."""
    held = let_in(world)
    body = {"grant_type": "refresh_token", "refresh_token": held["refresh_token"], "client_id": world.clients[APP][0]}
    together = Barrier(32)

    def bring(_: int) -> Answered:
        together.wait()
        answer: Any = world.app.test_client().post("/oauth/token", data=body)
        return answer  # type: ignore[no-any-return]  # Flask's

    with ThreadPoolExecutor(32) as pool:
        answers = sorted(pool.map(bring, range(32)), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [200, *[400] * 31]
    assert_refused(refreshed(world, answers[0].json), "invalid_grant")
    assert world.userinfo(answers[0].json["access_token"]).status_code == 401


@pytest.mark.row("S32")
def test_going_on_does_not_lengthen_what_was_given(world: World) -> None:
    """S32: an app that is used each day still asks its owner again some day."""
    held = let_in(world)
    for _ in range(29):
        world.clock.go(timedelta(days=1))
        held = refreshed(world, held).json
    world.clock.go(timedelta(days=1))
    assert_refused(refreshed(world, held), "invalid_grant")


@pytest.mark.row("S30")
def test_what_was_refused_was_not_used(world: World) -> None:
    """S30: an app that asks for too much, or meets a block, would be out for ever."""
    held = let_in(world)
    assert_refused(refreshed(world, held, scope="admin"), "invalid_scope")
    assert_refused(refreshed(world, held, resource=OTHER_AUDIENCE), "invalid_target")
    assert refreshed(world, held, resource=AUDIENCE).status_code == 200


@pytest.mark.row("S30")
def test_an_app_that_refreshes_without_end_is_slowed_down(new_world: NewWorld) -> None:
    """One owner's app, gone wild, would fill the database for everybody. What it holds it keeps, and no other owner waits."""
    world = new_world(LimitSettings(refresh_grant="2 per minute"))
    other = world.directory.add_owner("Bob Bakker", "bob@example.nl")
    world.directory.add_user("U4BBGA0009", other, PASSWORD)
    held = let_in(world)
    for _ in range(2):
        held = refreshed(world, held).json
    for _ in range(2):
        answer = refreshed(world, held)
        assert_refused(answer, "temporarily_unavailable", 429)
        assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert refreshed(world, let_in(world)).status_code == 429  # another device of the same
    with world.database.reading() as work:
        assert not [record for record in work.audit.newest(99) if record.event.action == "refresh-token.used-again"]
    others = world.token("vendor_api", username="U4BBGA0009").json["refresh_token"]
    assert [world.refresh(others).status_code for _ in range(3)] == [200, 200, 429]
    assert world.userinfo(held["access_token"]).status_code == 200


@pytest.mark.row("S37")
def test_it_ends_what_is_its_own_by_its_name_alone(new_world: NewWorld) -> None:
    """S37: a user logs out of the app, and the app ends what it holds (RFC 7009 section 2.1); another one's it can't."""
    world = new_world()
    held = let_in(world)
    world.clients["another"] = world.parts.clients.add_public(APP, "Another", "operator:test").client_id, ""
    for token in (held["access_token"], held["refresh_token"]):
        assert world.post("/oauth/revoke", "another", {"token": token}).status_code == 200
    assert_refused(world.refresh(held["refresh_token"], "another"), "invalid_grant")
    held = refreshed(world, held).json
    assert world.post("/oauth/revoke", APP, {"token": held["refresh_token"]}).status_code == 200
    assert world.userinfo(held["access_token"]).status_code == 401


@pytest.mark.row("S37")
def test_it_is_told_of_no_token(world: World) -> None:
    """S37: whoever knows the app's name, which is everybody, could find out what a token is that they found."""
    held = let_in(world)
    assert_refused(world.post("/oauth/introspect", APP, {"token": held["access_token"]}), "invalid_client", 401)


@pytest.mark.row("S25", "S27")
def test_who_has_a_secret_can_not_do_without(world: World) -> None:
    """S25: a bank's secret would protect nothing if leaving it out did as well; and what an app sends as one is no secret."""
    form = {"grant_type": "password", "username": "x", "password": "x", "token": "x"}
    client, _ = world.parts.clients.add(APP, "With a secret", "operator:test")
    app = world.clients[APP][0]
    for claimed in ({"client_id": client.client_id}, {"client_id": world.clients["basecone"][0]}, {"client_id": "nobody"}):
        for path in ("/oauth/token", "/oauth/revoke"):
            assert_refused(world.post(path, None, {**form, **claimed}), "invalid_client", 401)
    assert_refused(world.post("/oauth/token", None, {**form, "client_id": app, "client_secret": "x"}), "invalid_client", 401)
    assert_refused(world.post("/oauth/token", APP, form), "unauthorized_client")


def test_a_stranger_can_not_use_up_everybodys_share(new_world: NewWorld) -> None:
    """Its client_id stands in every copy of the app: whoever asks as it from elsewhere must not shut its users out."""
    world = new_world(LimitSettings(token_client="2 per minute"))
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    asked = [world.post("/oauth/token", APP, form, address="192.0.2.9").status_code for _ in range(3)]
    revoked = world.post("/oauth/revoke", APP, {"token": "x"}, address="192.0.2.9").status_code
    assert ([*asked, revoked], let_in(world)["token_type"]) == ([400, 400, 429, 429], "Bearer")


def test_a_stranger_can_not_use_up_what_others_push(new_world: NewWorld) -> None:
    """The same where requests are pushed, or devices begin: all its users would be refused for what one stranger sends."""
    for limit in ({"token_client": "2 per minute"}, {"authorize_address": "2 per minute"}):
        world = new_world(LimitSettings.model_validate(limit))
        for path, status, net in (("/oauth/par", 400, "192.0.2"), ("/oauth/device", 200, "198.51.100")):
            asked = [world.post(path, APP, {}, address=f"{net}.{last}").status_code for last in (9, 9, 9, 10)]
            assert asked == [status, status, 429, status]


@pytest.mark.row("S44")
def test_where_nothing_has_to_be_proved_is_told(world: World) -> None:
    """S44: an app's library looks whether it may, and an API's is not led to ask without a secret."""
    document = world.http.get("/.well-known/oauth-authorization-server").json
    told = {
        name for name in ("token", "revocation", "introspection") if "none" in document[f"{name}_endpoint_auth_methods_supported"]
    }
    assert told == {"token", "revocation"}
