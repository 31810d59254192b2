"""What an owner and a bank of the strict issuer have of its pages: a login, an answer as a form, an end (S40-S43, S46)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from idp.services.change_client import ChangeClient, Changed
from tests.oauth.id_tokens import read_id_token
from tests.web.authorizing import BACK, answer_of, log_in_there
from tests.web.fapi_bank import Bank
from tests.web.world import NAME, OWNER_NAME, SECOND_NAME

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.web.page import Visitor
    from tests.web.world import World

DECISION = "/fapi/authorize/decision"
BYE = "https://app.example/bye?from=here"
ASKED = "Wil je uitloggen?"
HOSTILE = "\"'><script>alert(1)</script><input name=code value=forged>"


@pytest.fixture
def bank(world: World) -> Bank:
    """A bank that has its people log in by us."""
    return Bank(world)


def allow(owner: Visitor, name: str = NAME) -> TestResponse:
    """Press the button."""
    return owner.submit(DECISION, {"decision": "allow", "user": name})


def id_token(owner: Visitor, bank: Bank, **wishes: str) -> str:
    """Have the owner let the bank in; gives its ID token."""
    owner.open(bank.push(scope="openid", prompt="consent", **wishes))
    return str(bank.tokens(allow(owner).location)["id_token"])


def read(bank: Bank, token: str) -> dict[str, Any]:
    """Read an ID token as the bank does."""
    return read_id_token(bank.session.http, token, "/fapi")


@pytest.mark.row("S40")
def test_a_login_is_as_the_bank_wants_it(world: World, owner: Visitor, bank: Bank) -> None:
    """S40: an old login, or an old request, would be taken for a new one."""
    began = world.clock.now()
    world.clock.go(timedelta(minutes=11))
    wishes = {"nonce": "n", "max_age": "600", "claims": '{"id_token":{"administratie":null}}'}
    owner.open(bank.push(scope="openid", **wishes))
    assert owner.page.form("/login").buttons
    log_in_there(owner)
    claims = read(bank, bank.tokens(allow(owner).location)["id_token"])
    user = world.user(NAME)
    assert (claims["nonce"], claims["sub"], claims["administratie"]) == ("n", user.entry_uuid, user.administratie)
    assert claims["auth_time"] == int(world.clock.now().timestamp()) > int(began.timestamp())
    owner.open(bank.push(scope="openid", nonce="n", prompt="consent"))
    assert answer_of(allow(owner))["error"] == "invalid_request"
    owner.open(bank.push(prompt="login"))
    assert owner.page.form("/login").buttons


@pytest.mark.row("S40")
def test_a_hint_leaves_the_one_that_it_is_about(world: World, owner: Visitor, bank: Bank) -> None:
    """S40: a bank would be let in for other books; and one issuer's token says nothing to the other's clients."""
    hint = id_token(owner, bank)
    owner.open(bank.push(scope="openid", prompt="consent", id_token_hint=hint))
    assert f"Gebruiker: {NAME}" in owner.page.words
    assert allow(owner, SECOND_NAME).status_code == 404
    assert read(bank, bank.tokens(allow(owner).location)["id_token"])["sub"] == world.user(NAME).entry_uuid
    with pytest.raises(AssertionError, match="invalid_request"):
        bank.push(scope="openid", id_token_hint=id_token(owner, Bank(world)))


@pytest.mark.row("S41")
def test_a_logout_asks_unless_the_bank_knows_who_it_is(world: World, owner: Visitor, bank: Bank) -> None:
    """S41: any page could log an owner out; and a bank's owner would stay logged in on somebody else's computer."""
    registered = Changed(post_logout_redirect_uris=(BYE,))
    ChangeClient(world.store, world.clock).change(bank.client_id, registered, "operator:test")
    token = id_token(owner, bank)
    for hint in ({}, {"id_token_hint": token[:-4]}, {"id_token_hint": "a.b.c"}):
        said = urlencode({**hint, "client_id": bank.client_id, "post_logout_redirect_uri": BYE})
        assert owner.open(f"/fapi/end_session?{said}").status_code == 200
        assert ASKED in owner.page.words
    owner.open(f"/oauth/end_session?{urlencode({'id_token_hint': token})}")
    assert ASKED in owner.page.words, "it is of the other issuer"
    assert OWNER_NAME in owner.open("/").text
    said = urlencode({"id_token_hint": token, "post_logout_redirect_uri": BYE, "state": "s"})
    assert owner.open(f"/fapi/end_session?{said}").location == f"{BYE}&state=s"
    assert OWNER_NAME not in owner.open("/").text


@pytest.mark.row("S42", "S46")
def test_an_owner_sees_the_bank_and_shuts_it_out_at_once(owner: Visitor, bank: Bank) -> None:
    """S42: what an owner has allowed once, they could never take back; S46: or it would end in an hour."""
    owner.open(bank.push())
    tokens = bank.tokens(allow(owner).location)
    assert bank.user(tokens["access_token"]).status_code == 200
    owner.open("/portal/couplings")
    assert "Rabobank" in owner.page.words
    assert "Door jou toegestaan ja, zonder dat we het opnieuw vragen" in owner.page.words
    assert owner.submit("/portal/couplings/end").status_code == 303
    assert bank.user(tokens["access_token"]).status_code == 401
    with pytest.raises(Exception, match="invalid_grant"):
        bank.refreshed(tokens["refresh_token"])
    assert owner.open(bank.push()).status_code == 200
    assert owner.page.form(DECISION).buttons, "it is asked anew"


@pytest.mark.row("S9", "S43", "S45")
def test_an_answer_comes_as_a_form_of_which_every_value_is_text(world: World, owner: Visitor, bank: Bank) -> None:
    """S43: a state that somebody made up would run as a script on our page, or forge what the bank is told."""
    owner.open(bank.push(response_mode="form_post", state=HOSTILE))
    answer = allow(owner)
    assert answer.status_code == 200
    (form,) = owner.page.forms
    assert (form.action, form.method) == (BACK, "post")
    told = dict(form.fields)
    assert told.pop("code")
    assert told == {"state": HOSTILE, "iss": f"{world.origin}/fapi"}
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert (policy["form-action"], policy["script-src"]) == ("'self' https://app.example", "'self'")
    metadata = json.loads(owner.open("/fapi/.well-known/openid-configuration").text)
    assert "fragment" not in metadata["response_modes_supported"]
    with pytest.raises(AssertionError, match="invalid_request"):
        bank.push(response_mode="fragment")
