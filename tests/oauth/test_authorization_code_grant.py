"""A code is changed for tokens: once, in time, by who asked for it (RFC 6749 section 4.1.3, RFC 7636; S4-S8, S46)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from idp.errors import StoreUnavailable
from tests.oauth.test_password_grant import VENDOR_SCOPE, read_as_an_outsider
from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import BACK, OTHER_AUDIENCE, PASSWORD, USERNAME, NewWorld, World

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""Of RFC 7636 appendix B."""


@pytest.mark.parametrize("path", ["/oauth/token", "/V221/OAuth/Token"])
def test_a_code_is_worth_what_its_owner_has_allowed(world: World, path: str) -> None:
    """An application that was let in would get nothing, or something else. The vendor's clients always get a refresh token."""
    code = world.code(audience=OTHER_AUDIENCE, challenge=CHALLENGE)
    answer = world.redeem(code, path=path, code_verifier=VERIFIER)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert (answer.json["scope"], answer.json["expires_in"], answer.json["token_type"]) == (VENDOR_SCOPE, 3600, "Bearer")
    claims = read_as_an_outsider(world, answer.json["access_token"]).claims
    user = world.directory.find_user(USERNAME)
    assert (claims["sub"], claims["aud"], claims["administratie"]) == (user.entry_uuid, OTHER_AUDIENCE, user.administratie)
    assert world.introspect(answer.json["access_token"], "vendor_api")["active"]
    assert world.refresh(answer.json["refresh_token"]).status_code == 200


@pytest.mark.row("S4")
def test_a_second_use_ends_what_the_first_one_got(world: World) -> None:
    """S4: whoever stole the code, or the tokens, has nothing any more."""
    code = world.code()
    first = world.redeem(code).json
    second = world.redeem(code)
    assert_refused(second, "invalid_grant")
    assert second.json["error_description"] == "The authorization code is not valid, or not any more."
    assert not world.introspect(first["access_token"], "vendor_api")["active"]
    assert_refused(world.refresh(first["refresh_token"]), "invalid_grant")
    assert world.userinfo(first["access_token"]).status_code == 401


@pytest.mark.row("S4")
def test_of_thirty_two_at_once_one_wins(world: World) -> None:
    """S4: over HTTP, each in a thread of its own, against the database that production has."""
    code = world.code()
    body = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    together = Barrier(32)

    def bring(_: int) -> int:
        together.wait()
        return world.app.test_client().post("/oauth/token", data=body, headers=world.basic("vendor_api")).status_code

    with ThreadPoolExecutor(32) as pool:
        assert sorted(pool.map(bring, range(32))) == [200, *[400] * 31]


@pytest.mark.row("S5")
def test_a_code_is_dead_after_a_minute(world: World) -> None:
    """S5: nobody finds a living one in a log or a history."""
    early, late = world.code(), world.code()
    world.clock.go(timedelta(seconds=59))
    assert world.redeem(early).status_code == 200
    world.clock.go(timedelta(seconds=1))
    assert_refused(world.redeem(late), "invalid_grant")


FOREIGN: dict[str, tuple[str | None, dict[str, str]]] = {
    "no verifier": (CHALLENGE, {}),
    "another verifier": (CHALLENGE, {"code_verifier": VERIFIER[:-1] + "l"}),
    "the challenge itself": (CHALLENGE, {"code_verifier": CHALLENGE}),
    "another address": (CHALLENGE, {"code_verifier": VERIFIER, "redirect_uri": BACK + "?"}),
    "no challenge": (None, {"code_verifier": VERIFIER}),
    "no such code": (None, {"code": "never-made"}),
}


@pytest.mark.row("S6", "S8")
def test_what_does_not_belong_to_a_code_is_refused(world: World) -> None:
    """S6: whoever has caught the code could redeem it. S8: somebody has taken the challenge out on the way."""
    for challenge, form in FOREIGN.values():
        assert_refused(world.redeem(world.code(challenge=challenge), **form), "invalid_grant")


@pytest.mark.row("S6")
def test_another_clients_code_is_nothing(new_world: NewWorld) -> None:
    """S6: an application could take over what another one was given; and it can't end it either."""
    world = new_world(changes={"ing": {"grants": ("authorization_code",)}})
    code = world.code()
    assert_refused(world.redeem(code, kind="ing"), "invalid_grant")
    first = world.redeem(code).json
    assert_refused(world.redeem(code, kind="ing"), "invalid_grant")
    assert world.introspect(first["access_token"], "vendor_api")["active"]


def test_a_client_without_this_grant_has_no_use_for_a_code(world: World) -> None:
    """A bank that was set up for passwords could be led to use codes of others."""
    assert_refused(world.redeem(world.code(), kind="basecone"), "unauthorized_client")


@pytest.mark.parametrize("missing", ["code", "redirect_uri"])
def test_what_is_missing_is_named(world: World, missing: str) -> None:
    """A developer would look for a stolen code."""
    answer = world.redeem(world.code(), **{missing: ""})
    assert_refused(answer, "invalid_request")
    assert missing in answer.json["error_description"]


def test_a_resource_that_is_none_of_ours_is_refused(world: World) -> None:
    """RFC 8707: a client that names one must not get a token for another without a word."""
    assert_refused(world.redeem(world.code(), resource="https://evil.example/"), "invalid_target")
    assert_refused(world.redeem(world.code(), resource=OTHER_AUDIENCE), "invalid_target")
    assert world.redeem(world.code(audience=OTHER_AUDIENCE), resource=OTHER_AUDIENCE).status_code == 200


@pytest.mark.row("S46")
def test_a_block_or_a_new_password_since_the_owner_said_yes_ends_it(world: World) -> None:
    """S46: a minute is long enough for a thief who has just been found out."""
    blocked, changed = world.code(), world.code()
    world.directory.block(USERNAME)
    assert_refused(world.redeem(blocked), "invalid_grant")
    world.directory.unblock(USERNAME)
    world.directory.set_password(USERNAME, PASSWORD + " en meer")
    assert_refused(world.redeem(changed), "invalid_grant")
    assert world.redeem(world.code()).status_code == 200


def test_a_store_that_is_down_costs_no_code(world: World) -> None:
    """Nothing is issued that is not stored; and the application tries again, rather than ask the owner again."""
    code = world.code()
    world.store.fault = StoreUnavailable()
    answer = world.redeem(code)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    world.store.fault = None
    assert world.redeem(code).status_code == 200
