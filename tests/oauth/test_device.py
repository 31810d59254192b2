"""A device without a browser: its code is typed on another screen, and it fetches its tokens (RFC 8628)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING, Any, cast

import pytest

from connectors.base import DEVICE_CODE
from tests.oauth.test_password_grant import read_as_an_outsider
from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import AUDIENCE, ORIGIN, OTHER_AUDIENCE, OWNER_MAIL, PASSWORD, USERNAME

if TYPE_CHECKING:
    from connectors.base import Connector
    from tests.oauth.world import World

APP = "vendor_app"
FIVE = timedelta(seconds=5)


def allowed(world: World, **form: str) -> str:
    """Begin, and have the owner allow it; gives the device code."""
    started = world.device(**form).json
    world.let_device_in(started["user_code"])
    return str(started["device_code"])


def test_from_the_code_on_a_screen_to_the_tokens(world: World) -> None:
    """A program on a device without a browser could not be coupled without giving it the password."""
    answer = world.device(scope="administratie:read", resource=OTHER_AUDIENCE)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    started = answer.json
    assert set(started) == {"device_code", "user_code", "verification_uri", "expires_in", "interval"}
    assert (started["verification_uri"], started["expires_in"], started["interval"]) == (f"{ORIGIN}/device", 600, 5)
    assert len(started["device_code"]) == 43  # 256 bits
    assert_refused(world.fetch(started["device_code"]), "authorization_pending")
    world.let_device_in(started["user_code"].lower())
    told = world.fetch(started["device_code"]).json
    claims = read_as_an_outsider(world, told["access_token"]).claims
    user = world.directory.find_user(USERNAME)
    assert (claims["sub"], claims["administratie"]) == (user.entry_uuid, user.administratie)
    assert (claims["aud"], told["scope"]) == (OTHER_AUDIENCE, "administratie:read")
    assert world.refresh(told["refresh_token"], APP).status_code == 200
    with world.database.reading() as work:
        events = [record.event for record in work.audit.newest(9) if record.event.action == "device.allowed"]
    facts = {"client": world.clients[APP][0], "scope": "administratie:read"}
    assert [(event.actor, event.subject, dict(event.detail)) for event in events] == [("owner", user.entry_uuid, facts)]


def test_who_asks_too_soon_waits_longer_each_time(world: World) -> None:
    """RFC 8628 section 3.5: a device that asks all the time would take from the others, and never learn why."""
    code = world.device().json["device_code"]
    asked = []
    for wait in (0, 4, 9, 10, 14, 15, 20):
        world.clock.go(timedelta(seconds=wait))
        answer = world.fetch(code)
        assert answer.status_code == 400
        asked.append(answer.json["error"])
    slow, pending = "slow_down", "authorization_pending"
    assert asked == [pending, slow, slow, slow, slow, slow, slow]
    world.clock.go(timedelta(seconds=35))
    assert world.fetch(code).json["error"] == pending
    started = world.device().json
    world.fetch(started["device_code"])
    world.let_device_in(started["user_code"])
    assert world.fetch(started["device_code"]).status_code == 200  # what is there is given, however soon


def test_a_refusal_and_a_time_that_is_over_are_told(world: World) -> None:
    """A device would ask for ever, and its user not know that nothing will come."""
    refused, late = world.device().json, world.device().json
    owner = world.directory.find_owner_by_mail(OWNER_MAIL)
    devices = world.parts.devices
    devices.refuse(owner, devices.waiting(owner, devices.recognise(owner, refused["user_code"])))
    assert_refused(world.fetch(refused["device_code"]), "access_denied")
    world.clock.go(timedelta(minutes=10) - timedelta(seconds=1))
    assert_refused(world.fetch(late["device_code"]), "authorization_pending")
    world.clock.go(timedelta(seconds=1))
    assert_refused(world.fetch(late["device_code"]), "expired_token")


@pytest.mark.row("S4")
def test_of_thirty_two_at_once_one_gets_the_tokens(world: World) -> None:
    """A stolen device code would let two in. The second shows that two have it, and ends what the first one got."""
    body = {"grant_type": DEVICE_CODE, "device_code": allowed(world), "client_id": world.clients[APP][0]}
    together = Barrier(32)

    def bring(_: int) -> tuple[int, Any]:
        together.wait()
        answer = world.app.test_client().post("/oauth/token", data=body)
        return answer.status_code, answer.json

    with ThreadPoolExecutor(32) as pool:
        answers = sorted(pool.map(bring, range(32)), key=lambda answer: answer[0])
    assert [status for status, _ in answers] == [200, *[400] * 31]
    assert {told["error"] for _, told in answers[1:]} == {"invalid_grant"}
    assert world.userinfo(answers[0][1]["access_token"]).status_code == 401


def test_a_code_is_its_clients_and_for_what_was_allowed(world: World) -> None:
    """Another application could fetch what it was not let in for, or for another resource."""
    code = allowed(world)
    world.clients["another"] = world.parts.clients.add_public(APP, "Another", "operator:test").client_id, ""
    for refused in (world.fetch(code, "another"), world.fetch("never made")):
        assert_refused(refused, "invalid_grant")
    assert_refused(world.fetch(code, resource=OTHER_AUDIENCE), "invalid_target")
    assert_refused(world.fetch(code, "vendor_api"), "unauthorized_client")
    assert world.fetch(code, resource=AUDIENCE).status_code == 200


@pytest.mark.row("S46")
def test_a_block_or_a_new_password_since_the_owner_said_yes_ends_it(world: World) -> None:
    """S46: ten minutes are long enough for a thief who has just been found out."""
    blocked, changed = allowed(world), allowed(world)
    world.directory.block(USERNAME)
    assert_refused(world.fetch(blocked), "invalid_grant")
    world.directory.unblock(USERNAME)
    world.directory.set_password(USERNAME, PASSWORD + " en meer")
    assert_refused(world.fetch(changed), "invalid_grant")


@pytest.mark.row("S28", "S33")
def test_only_who_may_gets_codes(world: World) -> None:
    """A bank that was set up for passwords could have its customers type codes."""
    assert_refused(world.device("basecone"), "unauthorized_client")
    assert_refused(world.post("/oauth/device", None, {"client_id": "nobody"}), "invalid_client", 401)
    assert_refused(world.device(scope="admin"), "invalid_scope")
    assert_refused(world.device(scope="openid"), "invalid_scope")
    assert_refused(world.device(resource="https://evil.example/"), "invalid_target")
    assert world.http.post("/fapi/device").status_code == 404
    kinds = cast("dict[str, Connector]", world.parts.connectors)
    kinds[APP] = replace(kinds[APP], default_scopes=("openid", "administratie:read"))
    assert world.fetch(allowed(world)).json["scope"] == "administratie:read"
    kinds[APP] = replace(kinds[APP], default_scopes=("openid",))
    assert_refused(world.device(), "invalid_scope")


def test_where_no_connector_has_it_there_is_no_such_endpoint(world: World) -> None:
    """S44: a program would show its user an address at which nothing is ever allowed."""
    document = world.http.get("/.well-known/oauth-authorization-server").json
    assert document["device_authorization_endpoint"] == f"{ORIGIN}/oauth/device"
    strict = world.http.get("/.well-known/oauth-authorization-server/fapi").json
    assert "device_authorization_endpoint" not in strict
