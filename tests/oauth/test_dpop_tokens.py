"""A token that is bound to a key is nothing without it (RFC 9449 sections 5 to 7, S14, S15)."""

from __future__ import annotations

import pytest

from tests.client_signers import Signer
from tests.oauth.place import Place, hash_of
from tests.oauth.proving import classic, strict, turned_away
from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import USERNAME, NewWorld, World


@pytest.mark.row("S14", "S15")
def test_a_token_is_bound_to_the_key_that_is_shown(place: Place) -> None:
    """S14, S15: an API would have nothing to compare the key with; every way to learn of a token tells its key."""
    answer = place.ask()
    assert answer.status_code == 200, answer.text
    assert answer.json["token_type"] == "DPoP"
    token = answer.json["access_token"]
    claims = place.server.access_tokens.verify(token)
    assert claims["cnf"] == {"jkt": place.jkt}
    told = place.ask("", "introspect", token=token).json
    assert (told["active"], told["token_type"], told["cnf"]) == (True, "DPoP", {"jkt": place.jkt})
    about = place.userinfo(token)
    assert (about.status_code, about.json.get("preferred_username")) == (200, USERNAME), about.text


@pytest.mark.row("S14")
def test_at_the_strict_issuer_nothing_is_given_without_a_key(world: World) -> None:
    """S14: a token that works for whoever has it."""
    bank = strict(world)
    assert_refused(bank.ask(""), "invalid_request")
    assert bank.ask().status_code == 200


@pytest.mark.row("S14")
def test_a_connector_of_the_classic_issuer_may_want_a_key_too(new_world: NewWorld) -> None:
    """S14, RFC 9449 section 5.2: whoever has the secret of an application, and not its key, would be given a token."""
    application = classic(new_world(changes={"vendor_api": {"dpop_bound_tokens": True}}))
    assert_refused(application.ask(""), "invalid_request")
    assert application.ask().json["token_type"] == "DPoP"
    assert application.world.token("basecone").json["token_type"] == "Bearer"


@pytest.mark.row("S15")
def test_a_bound_token_is_nothing_without_its_key(place: Place) -> None:
    """S15: whoever steals the token, and has any other key or none, is given nothing."""
    token = place.bound()
    thief = Signer(which="the thief's")
    ath = hash_of(token)
    assert turned_away(place.userinfo(token, ""))
    assert turned_away(place.userinfo(token, place.proof("userinfo", thief, ath=ath)))
    assert turned_away(place.userinfo(token, scheme="Bearer"), scheme="Bearer")
    assert turned_away(place.userinfo(token, "", scheme="Bearer"), scheme="Bearer")
    assert place.userinfo(token, place.proof("userinfo", ath=ath), scheme="dpop").status_code == 200


@pytest.mark.row("S15")
def test_a_token_for_any_bearer_is_none_that_needs_a_key(world: World) -> None:
    """S15, RFC 9449 section 7.1: an API that takes whichever scheme comes would be none that tells the two apart."""
    application = classic(world)
    bearer = world.token("vendor_api").json["access_token"]
    assert turned_away(application.userinfo(bearer))
    assert application.userinfo(bearer, "", scheme="Bearer").status_code == 200
