"""A bank moves from the password to FAPI 2.0, from end to end: its owners are asked once, and notice no more (S11-S15, S31)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.web.authorizing import answer_of, log_in_there
from tests.web.fapi_bank import Bank
from tests.web.world import NAME, PASSWORD

if TYPE_CHECKING:
    from tests.web.page import Visitor
    from tests.web.world import World

DECISION = "/fapi/authorize/decision"


@pytest.mark.row("S11", "S14", "S31")
def test_a_bank_moves_from_the_password_and_its_owner_is_asked_once(world: World, visitor: Visitor) -> None:
    """Owners whose bank moves would lose their coupling meanwhile, or be asked again each hour; the books would be other ones."""
    world.directory.set_password(NAME, PASSWORD)
    before = world.application("Rabobank", "rabobank")
    first = world.couple(before)
    bank = Bank(world)

    visitor.open(bank.push(), Accept_Language="nl")
    assert "Rabobank vraagt toegang tot een koppelgebruiker van jou. Log eerst in." in visitor.page.words
    log_in_there(visitor)
    answer = visitor.submit(DECISION, {"decision": "allow", "user": NAME})
    assert set(answer_of(answer)) == {"code", "state", "iss"}
    tokens = bank.tokens(answer.location)
    assert tokens["token_type"] == "DPoP"
    about = bank.user(tokens["access_token"])
    assert (about.status_code, about.body["sub"]) == (200, world.user(NAME).entry_uuid)

    # S31: the same refresh token, for as long as it lives, and nobody is asked anything.
    for _ in range(3):
        world.clock.go(timedelta(hours=2))
        assert bank.user(tokens["access_token"]).status_code == 401
        again = bank.refreshed(tokens["refresh_token"])
        assert again.get("refresh_token", tokens["refresh_token"]) == tokens["refresh_token"]
        assert bank.user(again["access_token"]).status_code == 200
        tokens["access_token"] = again["access_token"]
    # What it had by the password works on, until the bank leaves it.
    assert world.couple(before)["access_token"] != first["access_token"]
    visitor.open("/portal/couplings")
    assert [form.action for form in visitor.page.forms].count("/portal/couplings/end") == 2


@pytest.mark.row("S14", "S15")
def test_what_was_stolen_on_the_way_is_worth_nothing(world: World, owner: Visitor) -> None:
    """S14, S15: who reads the browser, or a log, has a request that is spent, a code without a key, a token without a key."""
    bank, thief = Bank(world), Bank(world)
    address = bank.push()
    owner.open(address)
    location = owner.submit(DECISION, {"decision": "allow", "user": NAME}).location
    assert owner.open(address).status_code == 400
    thief.client.state = bank.client.state
    with pytest.raises(Exception, match="invalid_grant"):
        thief.tokens(location)
    tokens = bank.tokens(location)
    assert thief.user(tokens["access_token"]).status_code == 401
    with pytest.raises(Exception, match="invalid_grant"):
        thief.refreshed(tokens["refresh_token"])
    assert bank.user(tokens["access_token"]).status_code == 200
