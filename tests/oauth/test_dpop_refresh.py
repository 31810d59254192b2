"""What a key has to do with refreshing (RFC 9449 section 5, S15, S30)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.client_signers import Signer
from tests.oauth.place import Place, hash_of
from tests.oauth.proving import public, strict
from tests.oauth.test_token_request import assert_refused

if TYPE_CHECKING:
    from tests.oauth.world import World

OTHER = Signer(which="another key")


@pytest.mark.row("S14", "S15")
def test_a_client_that_proves_itself_may_show_another_key(place: Place) -> None:
    """Section 5: a bank that lost its key, or has a new one, goes on; the new token is for the key that was shown for it."""
    refresh_token = place.ask().json["refresh_token"]
    answer = place.refresh(refresh_token, place.proof("token", OTHER))
    assert (answer.status_code, answer.json.get("token_type")) == (200, "DPoP"), answer.text
    token, ath = answer.json["access_token"], hash_of(answer.json["access_token"])
    assert place.userinfo(token).status_code == 401
    assert place.userinfo(token, place.proof("userinfo", OTHER, ath=ath)).status_code == 200


@pytest.mark.row("S14")
def test_at_the_strict_issuer_there_is_no_refresh_without_a_key(world: World) -> None:
    """S14: a token for whoever has it could be had by the back door."""
    bank = strict(world)
    refresh_token = bank.ask().json["refresh_token"]
    assert_refused(bank.refresh(refresh_token, ""), "invalid_request")
    assert bank.refresh(refresh_token).status_code == 200


@pytest.mark.row("S15", "S30")
def test_the_refresh_token_of_a_public_client_is_for_its_key(world: World) -> None:
    """S15: it has nothing else to prove itself by: whoever steals the refresh token of an app would live on it for a month."""
    app = public(world)
    held = app.ask().json
    for _ in range(2):
        for proof in ("", app.proof("token", OTHER)):
            assert_refused(app.refresh(held["refresh_token"], proof), "invalid_grant")
        answer = app.refresh(held["refresh_token"])
        assert (answer.status_code, answer.json.get("token_type")) == (200, "DPoP"), answer.text
        held = answer.json
    assert app.userinfo(held["access_token"]).status_code == 200


@pytest.mark.row("S30")
def test_a_public_client_that_has_shown_none_may_begin_to(world: World) -> None:
    """An app that learns to show a key with its next release has nobody log in again; from then on nothing goes without it."""
    app = public(world)
    held = app.ask("").json["refresh_token"]
    answer = app.refresh(held)
    assert answer.json["token_type"] == "DPoP"
    assert_refused(app.refresh(answer.json["refresh_token"], ""), "invalid_grant")
    assert app.refresh(answer.json["refresh_token"]).status_code == 200
