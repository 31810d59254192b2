"""An application asks, its owner decides: what they see, and what comes of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.services.change_client import ChangeClient, Changed
from tests.web.authorizing import BACK, DECISION, VERIFIER, Application, answer_of, log_in_there
from tests.web.world import NAME, OTHERS_NAME, OWNER_MAIL, OWNER_NAME, SECOND_NAME

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.web.page import Visitor
    from tests.web.world import NewWorld, World


@pytest.fixture
def application(world: World) -> Application:
    """An application that asks."""
    return Application.register(world)


def decide(visitor: Visitor, decision: str, user: str = "") -> TestResponse:
    """Press one of the buttons."""
    return visitor.submit(DECISION, {"decision": decision} | ({"user": user} if user else {}))


@pytest.mark.row("S42")
def test_who_was_let_in_is_seen_and_shut_out_in_the_portal(owner: Visitor, application: Application) -> None:
    """S42: what an owner has allowed once, they could never take back."""
    owner.open(application.address())
    told = answer_of(decide(owner, "allow", NAME))
    refresh_token = json.loads(redeem(owner, application, told["code"]).text)["refresh_token"]
    owner.open("/portal/couplings")
    assert "Boekhoud <App>" in owner.page.words
    assert owner.submit("/portal/couplings/end").status_code == 303
    again = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    proof = {"client_id": application.client_id, "client_secret": application.secret}
    assert owner.http.post("/oauth/token", data={**again, **proof}).status_code == 400


def redeem(visitor: Visitor, application: Application, code: str, **form: str) -> TestResponse:
    """Redeem a code."""
    body = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER, **form}
    return visitor.http.post(
        "/oauth/token", data={**body, "client_id": application.client_id, "client_secret": application.secret}
    )


def test_from_the_question_to_the_token(world: World, visitor: Visitor, application: Application) -> None:
    """A new application could not be coupled without giving it the password."""
    answer = visitor.open(application.address())
    assert answer.status_code == 200
    assert "Boekhoud <App> vraagt toegang tot een koppelgebruiker van jou. Log eerst in." in visitor.page.words
    log_in_there(visitor)
    words = visitor.page.words
    assert "Boekhoud <App> vraagt toegang tot een koppelgebruiker van jou." in words
    assert "De toepassing mag dan: je administratie bekijken en erin boeken" in words
    assert "Daarna ga je terug naar app.example." in words
    assert f"Je bent ingelogd als {OWNER_NAME}." in words
    assert visitor.page.form(DECISION).buttons == ["Toestaan", "Weigeren"]
    told = answer_of(decide(visitor, "allow", SECOND_NAME))
    assert (told.pop("state"), told.pop("iss")) == ("of the application & <more>", world.origin)
    token = redeem(visitor, application, told.pop("code"))
    assert (told, token.status_code) == ({}, 200), token.text
    bearer = {"Authorization": f"Bearer {json.loads(token.text)['access_token']}"}
    assert json.loads(visitor.http.get("/oauth/userinfo", headers=bearer).text)["preferred_username"] == SECOND_NAME


@pytest.mark.row("S9")
def test_a_refusal_goes_back_as_one(world: World, owner: Visitor, application: Application) -> None:
    """S9: the application waits for ever, or takes it for somebody else's answer."""
    owner.open(application.address())
    told = answer_of(decide(owner, "refuse"))
    assert (told["error"], told["state"], told["iss"]) == ("access_denied", "of the application & <more>", world.origin)
    assert "code" not in told


# -- which koppelgebruiker ---------------------------------------------------------------------------------------------


def test_who_has_several_chooses_one_and_nobody_elses(world: World, owner: Visitor, application: Application) -> None:
    """The wrong books would be opened; none is chosen for somebody who just clicks on."""
    owner.open(application.address())
    assert owner.page.form(DECISION).choices == [NAME, SECOND_NAME]
    assert "user" not in owner.page.form(DECISION).fields
    assert OTHERS_NAME not in owner.page.words
    assert decide(owner, "allow").status_code == 400
    assert owner.page.alert == "Kies een koppelgebruiker."
    assert decide(owner, "allow", OTHERS_NAME).status_code == 404
    assert owner.page.alert == "Deze gebruiker hoort niet bij jouw portaal."
    assert "code" in answer_of(decide(owner, "allow", NAME))
    assert world.user(OTHERS_NAME).owner_dn != world.user(NAME).owner_dn


def test_who_has_one_is_only_asked_yes_or_no(world: World, owner: Visitor, application: Application) -> None:
    """A choice of one is a question too many."""
    world.directory.delete(SECOND_NAME)
    owner.open(application.address())
    assert f"Gebruiker: {NAME}" in owner.page.words
    assert "code" in answer_of(decide(owner, "allow"))


def test_a_blocked_one_can_not_be_chosen(world: World, owner: Visitor, application: Application) -> None:
    """An owner would wonder where it is, or let an application in that gets nothing."""
    world.directory.block(SECOND_NAME)
    owner.open(application.address())
    assert owner.page.form(DECISION).choices == [NAME]
    assert f"{SECOND_NAME} is geblokkeerd. Bel" in owner.page.words
    assert decide(owner, "allow", SECOND_NAME).status_code == 409
    assert "Deze koppelgebruiker is geblokkeerd of net gewijzigd." in owner.page.alert


@pytest.mark.parametrize("gone", [True, False], ids=["none", "all blocked"])
def test_without_any_there_is_only_the_way_back(world: World, owner: Visitor, application: Application, *, gone: bool) -> None:
    """An owner would stand before a form that can't be sent."""
    for name in (NAME, SECOND_NAME):
        (world.directory.delete if gone else world.directory.block)(name)
    owner.open(application.address())
    words = "Je hebt nog geen koppelgebruiker." if gone else "Je koppelgebruikers zijn geblokkeerd."
    assert words in owner.page.words
    assert owner.page.form(DECISION).buttons == ["Terug naar app.example"]
    assert answer_of(decide(owner, "refuse"))["error"] == "access_denied"


# -- the login in between ----------------------------------------------------------------------------------------------


def test_a_typing_error_at_the_login_loses_nothing(visitor: Visitor, application: Application) -> None:
    """Who errs once would end on the portal, and the application would wait."""
    visitor.open(application.address())
    assert visitor.submit("/login", {"mail": OWNER_MAIL, "password": "verkeerd"}).status_code == 400
    assert "Boekhoud <App> vraagt toegang" in visitor.page.words
    log_in_there(visitor)
    assert visitor.page.form(DECISION).buttons


@pytest.mark.row("S3")
def test_the_login_leads_to_our_own_request_or_to_the_portal(visitor: Visitor, application: Application) -> None:
    """S3: a link to our login would end on anybody's page."""
    for forged in ("https://evil.example/", "//evil.example", "never-made", "/oauth/authorize?client_id=x"):
        visitor.open(application.address())
        fields = {"mail": OWNER_MAIL, "password": "anna logt in met een zin", "request": forged}
        assert visitor.submit("/login", fields).location == "/"
        visitor.http.delete_cookie("portal")


def test_a_request_that_waited_too_long_costs_no_login(world: World, visitor: Visitor, application: Application) -> None:
    """After lunch the login works, and leads to the portal."""
    visitor.open(application.address())
    world.clock.go(timedelta(minutes=31))
    assert log_in_there(visitor).status_code == 200
    assert OWNER_NAME in visitor.page.words


def test_a_question_that_stood_open_too_long_is_told(world: World, owner: Visitor, application: Application) -> None:
    """An error page that says what to do, rather than an answer nobody waits for any more."""
    owner.open(application.address())
    world.clock.go(timedelta(minutes=31))
    assert decide(owner, "allow", NAME).status_code == 400
    assert owner.page.alert == "Het duurde te lang. Begin opnieuw."


def test_who_is_logged_out_meanwhile_logs_in_again(owner: Visitor, application: Application) -> None:
    """An answer counts only from who is logged in; nothing is lost."""
    owner.open(application.address())
    owner.http.delete_cookie("portal")
    assert decide(owner, "allow", NAME).status_code == 200
    assert owner.page.form("/login").buttons
    log_in_there(owner)
    assert "code" in answer_of(decide(owner, "allow", NAME))


# -- protected ---------------------------------------------------------------------------------------------------------


@pytest.mark.row("S45")
def test_another_page_can_not_answer(owner: Visitor, application: Application) -> None:
    """S45: any page that an owner visits could let an application in."""
    owner.open(application.address())
    for token in ("", "forged"):
        answer = owner.submit(DECISION, {"decision": "allow", "user": NAME, "csrf_token": token})
        assert answer.status_code == 400
        assert owner.page.alert == "Deze pagina was verouderd. Verstuur hem nog een keer."
    assert "code" in answer_of(decide(owner, "allow", NAME))


TARGETS = {BACK: "https://app.example", "http://127.0.0.1:49152/back": "http://127.0.0.1:49152", "http://[::1]:1/back": "http:"}


@pytest.mark.row("S45")
def test_the_form_may_lead_to_the_application_and_to_nobody_else(world: World, owner: Visitor) -> None:
    """S45: browsers hold the redirect after a form against the policy; without it *Toestaan* does nothing."""
    for back, target in TARGETS.items():
        answer = owner.open(Application.register(world, back).address())
        policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
        assert policy["form-action"] == f"'self' {target}"
        assert (policy["default-src"], policy["frame-ancestors"]) == ("'none'", "'none'")
        assert "unsafe" not in str(policy)
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.row("S47")
def test_an_answer_that_is_neither_is_none(owner: Visitor, application: Application) -> None:
    """S47: half an answer must not count as yes."""
    for decision in ("", "yes", "ALLOW"):
        owner.open(application.address())
        assert decide(owner, decision, NAME).status_code == 400
    assert owner.http.get(DECISION).status_code == 405


@pytest.mark.row("S1", "S3")
def test_a_question_from_an_address_that_is_gone_is_not_answered_there(
    world: World, owner: Visitor, application: Application
) -> None:
    """S1: an owner who took their time would send the code to whoever has got hold of the former address."""
    asking = world.another_visitor()
    owner.open(application.address())
    asking.open(application.address())
    ChangeClient(world.store, world.clock).change(application.client_id, Changed(redirect_uris=("https://new.example/",)), "x")
    answer = decide(owner, "allow", NAME)
    assert answer.status_code == 400
    assert not answer.location
    assert log_in_there(asking).status_code == 400


@pytest.mark.row("R12")
def test_both_pages_stay_the_same_request_in_the_other_language(visitor: Visitor, application: Application) -> None:
    """Who switches would lose the application that asks."""
    visitor.open(application.address(), Accept_Language="nl")
    visitor.open(visitor.page.links["English"])
    assert "Boekhoud <App> asks for access to a link user of yours. Log in first." in visitor.page.words
    assert visitor.submit("/login", {"mail": OWNER_MAIL, "password": "wrong"}).status_code == 400
    visitor.open(visitor.page.links["Nederlands"])
    log_in_there(visitor)
    visitor.open(visitor.page.links["English"])
    assert "The application may then: look at your administration and make entries in it" in visitor.page.words
    assert visitor.page.form(DECISION).buttons == ["Allow", "Refuse"]
    assert "code" in answer_of(decide(visitor, "allow", NAME))


def test_a_scope_of_another_package_is_shown_by_its_name(new_world: NewWorld) -> None:
    """An owner would let in for more than they are told."""
    scopes = {
        "vendor_api": {"scopes": ["administratie:read", "iets:anders"], "default_scopes": ["administratie:read", "iets:anders"]}
    }
    world = new_world(connectors=scopes)
    visitor = world.another_visitor()
    world.log_in(visitor)
    visitor.open(Application.register(world).address())
    assert "De toepassing mag dan: je administratie bekijken iets:anders" in visitor.page.words


def test_who_asks_too_often_is_told_when_to_come_back(new_world: NewWorld) -> None:
    """Each question is a row in the database: a stranger could fill it."""
    world = new_world(limits={"authorize_address": "2 per hour"})
    application, visitor = Application.register(world), world.another_visitor()
    assert [visitor.open(application.address()).status_code for _ in range(2)] == [200, 200]
    answer = visitor.open(application.address().replace("/oauth/authorize", "/V221/OAuth/Authorize"))
    assert (answer.status_code, "te vaak" in visitor.page.alert) == (429, True)
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("path", ["/oauth/authorize", "/oauth/end_session", "/device"])
def test_strangers_behind_the_same_address_use_up_nothing_of_an_owners(new_world: NewWorld, path: str) -> None:
    """One machine in an office could keep all others there from letting an application in."""
    world = new_world(limits={"authorize_address": "2 per hour"})
    application, stranger, owner = Application.register(world), world.another_visitor(), world.another_visitor()
    assert [stranger.open(path).status_code for _ in range(3)][2] == 429
    assert owner.open(application.address()).status_code == 429
    world.log_in(owner)
    assert [owner.open(address).status_code == 429 for address in (application.address(), path, path)] == [False, False, True]


def test_a_directory_that_is_away_is_told_as_such(world: World, owner: Visitor, application: Application) -> None:
    """Nothing is issued, and a person is told when to come back."""
    world.directory.away = True
    answer = owner.open(application.address())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "Het lukt nu even niet." in owner.page.alert
