"""A code is changed for tokens: once, in time, by who asked for it (RFC 6749 section 4.1.3, RFC 7636; S4-S8, S46)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from idp.errors import StoreUnavailable
from idp.services.change_client import ChangeClient, Changed
from tests.oauth.proving import another, classic, strict
from tests.oauth.test_password_grant import VENDOR_SCOPE, read_as_an_outsider
from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import BACK, CHALLENGE, OTHER_AUDIENCE, PASSWORD, USERNAME, VERIFIER, World

if TYPE_CHECKING:
    from tests.oauth.place import Place


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
def test_a_second_use_ends_what_the_first_one_got(asker: Place) -> None:
    """S4: whoever stole the code, or the tokens, has nothing any more."""
    code = asker.code()
    first = asker.redeem(code).json
    assert asker.userinfo(first["access_token"]).status_code == 200
    second = asker.redeem(code)
    assert_refused(second, "invalid_grant")
    assert second.json["error_description"] == "The authorization code is not valid, or not any more."
    assert not asker.introspect(first["access_token"])["active"]
    assert_refused(asker.refresh(first["refresh_token"]), "invalid_grant")
    assert asker.userinfo(first["access_token"]).status_code == 401


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
def test_a_code_is_dead_after_a_minute(asker: Place) -> None:
    """S5: nobody finds a living one in a log or a history."""
    early, late = asker.code(), asker.code()
    asker.world.clock.go(timedelta(seconds=59))
    assert asker.redeem(early).status_code == 200
    asker.world.clock.go(timedelta(seconds=1))
    assert_refused(asker.redeem(late), "invalid_grant")


FOREIGN: dict[str, tuple[str | None, dict[str, str]]] = {
    "no verifier": (CHALLENGE, {}),
    "another verifier": (CHALLENGE, {"code_verifier": VERIFIER[:-1] + "l"}),
    "the challenge itself": (CHALLENGE, {"code_verifier": CHALLENGE}),
    "another address": (CHALLENGE, {"code_verifier": VERIFIER, "redirect_uri": BACK + "?"}),
    "no challenge": (None, {"code_verifier": VERIFIER}),
    "no such code": (None, {"code": "never-made"}),
}


@pytest.mark.row("S6", "S8")
def test_what_does_not_belong_to_a_code_is_refused(asker: Place) -> None:
    """S6: whoever has caught the code could redeem it. S8: somebody has taken the challenge out on the way."""
    world, addresses = asker.world, Changed(redirect_uris=(BACK, BACK + "?"))
    ChangeClient(world.database, world.clock).change(asker.client_id, addresses, "operator:test")
    for challenge, form in FOREIGN.values():
        wanted = {**asker.redemption(asker.code(challenge=challenge)), **form}
        assert_refused(asker.ask(**wanted), "invalid_grant")
    assert asker.redeem(asker.code(challenge=CHALLENGE), code_verifier=VERIFIER).status_code == 200


@pytest.mark.row("S6")
def test_another_clients_code_is_nothing(asker: Place) -> None:
    """S6: an application could take over what another one was given; and it can't end it either."""
    thief, code = another(asker), asker.code()
    assert_refused(thief.redeem(code), "invalid_grant")
    first = asker.redeem(code).json
    assert_refused(thief.redeem(code), "invalid_grant")
    assert asker.introspect(first["access_token"])["active"]


@pytest.mark.row("S6")
def test_a_code_of_the_other_issuer_is_nothing(world: World) -> None:
    """S6: what was given to a bank that shows a key would be had without one."""
    bank, elsewhere = strict(world), classic(world)
    for here, there in ((bank, elsewhere), (elsewhere, bank)):
        assert_refused(there.redeem(here.code()), "invalid_grant")


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
def test_a_block_or_a_new_password_since_the_owner_said_yes_ends_it(asker: Place) -> None:
    """S46: a minute is long enough for a thief who has just been found out."""
    directory = asker.world.directory
    blocked, changed = asker.code(), asker.code()
    directory.block(USERNAME)
    assert_refused(asker.redeem(blocked), "invalid_grant")
    directory.unblock(USERNAME)
    directory.set_password(USERNAME, PASSWORD + " en meer")
    assert_refused(asker.redeem(changed), "invalid_grant")
    assert asker.redeem(asker.code()).status_code == 200


def test_a_store_that_is_down_costs_no_code(world: World) -> None:
    """Nothing is issued that is not stored; and the application tries again, rather than ask the owner again."""
    code = world.code()
    world.store.fault = StoreUnavailable()
    answer = world.redeem(code)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    world.store.fault = None
    assert world.redeem(code).status_code == 200
