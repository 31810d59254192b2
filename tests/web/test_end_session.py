"""An application has its owner log out here: who is asked first, and where they go then (OpenID Connect RP-Initiated Logout)."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from idp.services.change_client import ChangeClient, Changed
from tests.web.authorizing import DECISION, Application, answer_of, redeemed
from tests.web.world import NAME, OWNER_NAME

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.web.page import Visitor
    from tests.web.world import World

BYE = "https://app.example/bye?from=here"
PATH, CONFIRM, DONE = "/oauth/end_session", "/oauth/end_session/confirm", "/oauth/end_session/done"
STATE = "of the application & <more>"
SENT_ON = f"{BYE}&{urlencode({'state': STATE})}"
ASKED = "Wil je uitloggen?"


def may_lead_to(world: World, application: Application, *addresses: str) -> Application:
    """Register where its logouts may lead."""
    changed = Changed(post_logout_redirect_uris=addresses)
    ChangeClient(world.store, world.clock).change(application.client_id, changed, "operator:test")
    return application


@pytest.fixture
def application(world: World) -> Application:
    """An application that has its people log in by us, and out."""
    return may_lead_to(world, Application.register(world), BYE)


def id_token(world: World, owner: Visitor, application: Application, name: str = NAME) -> str:
    """Have the owner let the application in; gives its ID token."""
    owner.open(application.address(scope="openid", prompt="consent"))
    told = answer_of(owner.submit(DECISION, {"decision": "allow", "user": name}))
    return str(redeemed(world, application, told["code"])["id_token"])


def is_logged_in(visitor: Visitor) -> bool:
    """Tell whether a browser is still in the portal."""
    return OWNER_NAME in visitor.open("/").text


def asked_to(visitor: Visitor, **said: str) -> TestResponse:
    """Have an application lead the browser to the endpoint."""
    return visitor.open(f"{PATH}?{urlencode(said)}")


@pytest.mark.row("S41")
def test_who_the_id_token_is_about_is_logged_out_and_sent_back(world: World, owner: Visitor, application: Application) -> None:
    """Who leaves an application on somebody else's computer would leave their portal open there."""
    kept = world.cookie("portal", owner)
    token = id_token(world, owner, application)
    answer = asked_to(owner, id_token_hint=token, post_logout_redirect_uri=BYE, state=STATE)
    assert (answer.status_code, answer.location) == (303, SENT_ON)
    assert world.cookie("portal", owner) == ""
    owner.http.set_cookie("portal", kept)
    assert not is_logged_in(owner)  # it has ended in the store too
    with world.store.reading() as work:
        (event,) = [record.event for record in work.audit.newest(50) if record.event.action == "portal.logged-out"]
    assert (event.actor, event.detail) == ("owner", {"client": application.client_id})
    again = asked_to(owner, id_token_hint=token, post_logout_redirect_uri=BYE, state=STATE)
    assert again.location == SENT_ON  # whoever is out is out


def test_without_an_address_it_is_said(world: World, owner: Visitor, application: Application) -> None:
    """Somebody would not know whether it was done."""
    answer = asked_to(owner, id_token_hint=id_token(world, owner, application))
    assert (answer.status_code, answer.location) == (303, DONE)
    owner.follow()
    assert "Je bent uitgelogd" in owner.page.words
    world.log_in(owner)
    assert owner.open(DONE).location == "/"


@pytest.mark.row("S41")
def test_without_a_hint_of_theirs_the_owner_is_asked(world: World, owner: Visitor, application: Application) -> None:
    """S41: any page could log an owner out; and one who is used to that types their password wherever they are asked."""
    stranger = Application.register(world, name="Another")
    token = id_token(world, owner, application)
    other = world.another_visitor()
    other.open("/login")
    other.submit("/login", {"mail": "bob@example.nl", "password": "bob logt anders in"})
    for hint in ({}, {"id_token_hint": token[:-4]}, {"id_token_hint": "a.b.c"}, {"id_token_hint": ""}):
        answer = asked_to(owner, **hint, client_id=application.client_id, post_logout_redirect_uri=BYE, state=STATE)
        assert (answer.status_code, ASKED in owner.page.words) == (200, True), hint
        assert is_logged_in(owner)
    assert asked_to(other, id_token_hint=token).status_code == 200
    assert ASKED in other.page.words
    assert "Bob Bakker" in other.open("/").text
    assert asked_to(owner, id_token_hint=token, client_id=stranger.client_id).status_code == 400
    world.clients.disable(application.client_id, "operator:test")
    asked_to(owner, id_token_hint=token, post_logout_redirect_uri=BYE)
    assert ASKED in owner.page.words
    assert "app.example" not in owner.page.words


@pytest.mark.row("S45")
def test_who_is_asked_and_says_yes_is_sent_back_too(owner: Visitor, application: Application) -> None:
    """S45: another page could press the button; and browsers would stop the way back where the policy does not name it."""
    answer = asked_to(owner, client_id=application.client_id, post_logout_redirect_uri=BYE, state=STATE)
    assert "Daarna ga je naar app.example." in owner.page.words
    assert f"Je bent ingelogd als {OWNER_NAME}." in owner.page.words
    assert "form-action 'self' https://app.example;" in answer.headers["Content-Security-Policy"]
    assert owner.submit(CONFIRM, {"csrf_token": "forged"}).status_code == 400
    assert ASKED in owner.page.words
    answer = owner.submit(CONFIRM)
    assert (answer.status_code, answer.location) == (303, SENT_ON)
    assert not is_logged_in(owner)


@pytest.mark.row("S41")
def test_who_comes_by_post_from_elsewhere_is_logged_out_all_the_same(
    world: World, owner: Visitor, application: Application
) -> None:
    """A browser brings no cookie of ours with it: the owner would be told that they are out while their session lives."""
    said = {"id_token_hint": id_token(world, owner, application), "post_logout_redirect_uri": BYE}
    elsewhere = world.another_visitor()
    assert elsewhere.http.post(PATH, data=said).location == BYE
    assert not is_logged_in(owner)
    world.log_in(owner)
    elsewhere.last = elsewhere.http.post(PATH, data={"client_id": application.client_id})
    assert (elsewhere.last.status_code, ASKED in elsewhere.page.words) == (200, True)
    assert is_logged_in(owner)


@pytest.mark.row("S41")
def test_a_post_from_elsewhere_takes_no_cookie_of_another_session_away(
    world: World, owner: Visitor, application: Application
) -> None:
    """S41: with an ID token of their own, a thief's page would log out whoever looks at it, unasked."""
    token = id_token(world, owner, application)
    as_a_browser_sends_it = world.another_visitor()  # without the cookie of whoever looks at the page
    answer = as_a_browser_sends_it.http.post(PATH, data={"id_token_hint": token, "post_logout_redirect_uri": BYE})
    assert answer.location == BYE
    assert [name for name in ("portal", "ticket") if f"{name}=" in str(answer.headers.getlist("Set-Cookie"))] == []


WRONG = (
    "https://evil.example/",
    "https://app.example/bye",
    BYE + "&",
    "https://app.example/back?from=here",
    "http://app.example/bye?from=here",
    "//app.example/bye?from=here",
    "javascript:alert(1)",
)


@pytest.mark.row("S3")
def test_nobody_is_led_to_an_address_that_is_not_registered(world: World, owner: Visitor, application: Application) -> None:
    """S3: our address, and the trust in it, would lead people to a thief's page."""
    token = id_token(world, owner, application)
    local = may_lead_to(world, Application.register(world, name="Local"), "http://127.0.0.1/bye")
    for client_id, address in [(application.client_id, wrong) for wrong in WRONG] + [(local.client_id, "http://127.0.0.1:1/bye")]:
        asked_to(owner, client_id=client_id, post_logout_redirect_uri=address, state=STATE)
        assert "Daarna ga je naar" not in owner.page.words
        assert "evil" not in owner.last_text
        forged = owner.submit(CONFIRM, {"client_id": client_id, "post_logout_redirect_uri": address})
        assert forged.location == DONE, address
        world.log_in(owner)
    assert asked_to(owner, id_token_hint=token, post_logout_redirect_uri=WRONG[0]).location == DONE


@pytest.mark.row("S41")
def test_who_is_not_logged_in_is_told_and_shown_the_way_back(visitor: Visitor, application: Application) -> None:
    """Who has logged out already would be asked for nothing; without a hint nobody is led on by themselves."""
    answer = asked_to(visitor, client_id=application.client_id, post_logout_redirect_uri=BYE, state=STATE)
    assert (answer.status_code, "Je bent uitgelogd" in visitor.page.words) == (200, True)
    assert visitor.page.links["Terug naar app.example"] == SENT_ON
    visitor.open(visitor.page.links["English"])
    assert "You are logged out" in visitor.page.words
    assert visitor.page.links["Back to app.example"] == SENT_ON


@pytest.mark.row("S26", "S47")
def test_whatever_is_said_a_page_comes_back(owner: Visitor, application: Application) -> None:
    """S47: no 500, for nothing that a stranger can type; S26: one part of us would look at the first, another at the last."""
    twice = urlencode([("client_id", application.client_id)] * 2)
    queries = (twice, "id_token_hint=a&id_token_hint=b", "state=%00", "%ff", "a=b&" * 100)
    for path, query in product((PATH, "/fapi/end_session"), queries):
        answer = owner.open(f"{path}?{query}")
        assert (answer.status_code, answer.mimetype, "Location" in answer.headers) == (400, "text/html", False), query
    for path, body in product((PATH, "/fapi/end_session"), (twice, "state=%00", b"\xff", "x=" + "y" * 70_000)):
        answer = owner.http.post(path, data=body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code in (400, 413), body[:20]
    assert owner.http.post(PATH, data="{}", content_type="application/json").status_code == 400
    assert asked_to(owner, id_token_hint="x" * 3000, state="<script>", client_id="' OR 1=1 --").status_code == 200
    assert "<script>" not in owner.last_text
    assert is_logged_in(owner)


@pytest.mark.row("S44")
def test_each_issuer_advertises_its_own_where_people_log_in(world: World, owner: Visitor) -> None:
    """S44: an application that reads the metadata would never log anybody out, or be sent nowhere."""
    metadata = json.loads(owner.open("/.well-known/openid-configuration").text)
    assert metadata["end_session_endpoint"] == world.origin + PATH
    assert owner.open("/fapi/end_session").status_code == 200
    assert owner.page.form("/fapi/end_session/confirm").buttons == ["Uitloggen"]
    strict = json.loads(owner.open("/fapi/.well-known/openid-configuration").text)
    offered = "openid" in strict["scopes_supported"]
    assert ("end_session_endpoint" in strict) is offered
