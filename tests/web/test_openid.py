"""How an application has its people log in by us: what it may want of a login, and what it gets (OpenID Connect Core; S40)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.oauth.id_tokens import read_id_token
from tests.web.authorizing import DECISION, PATH, Application, answer_of, log_in_there, redeemed
from tests.web.world import NAME, OTHERS_NAME, OWNER_MAIL, SECOND_NAME

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.web.page import Visitor
    from tests.web.world import NewWorld, World

FORM = "application/x-www-form-urlencoded"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(new_world: NewWorld) -> World:
    """A site at which nobody comes too often."""
    return new_world(limits={"authorize_address": "1000 per minute"})


@pytest.fixture
def application(world: World) -> Application:
    """An application that has its people log in by us."""
    return Application.register(world)


def decide(visitor: Visitor, decision: str = "allow", user: str = NAME) -> TestResponse:
    """Answer the question on the page."""
    return visitor.submit(DECISION, {"decision": decision, "user": user})


def is_asked(visitor: Visitor) -> bool:
    """Tell whether the page asks for a yes; otherwise it is the login."""
    return DECISION in visitor.last_text


def told(world: World, application: Application, answer: TestResponse) -> dict[str, Any]:
    """Give what the application's ID token says."""
    return told_by(world, application, answer_of(answer)["code"])


def told_by(world: World, application: Application, code: str) -> dict[str, Any]:
    """Give what the ID token says that the application gets for a code."""
    token = redeemed(world, application, code)["id_token"]
    return read_id_token(world.app.test_client(), token)


def id_token(world: World, owner: Visitor, application: Application, name: str = NAME) -> str:
    """Have the owner let the application in; gives its ID token."""
    owner.open(application.address(scope="openid"))
    return str(redeemed(world, application, answer_of(decide(owner, user=name))["code"])["id_token"])


def hint(subject: str, member: str = "id_token") -> str:
    """The same as an ID token hint, as a claim."""
    return json.dumps({member: {"sub": {"value": subject}}})


# -- what it gets ------------------------------------------------------------------------------------------------------


@pytest.mark.row("S40")
def test_an_id_token_says_who_and_when(world: World, visitor: Visitor, application: Application) -> None:
    """An application would not know whom it has before it, or would take an old answer for a new one."""
    world.log_in(visitor)
    at = world.clock.now()
    world.clock.go(MINUTE)
    visitor.open(application.address(scope="openid", nonce="n-0S6_WzA2Mj & more"))
    assert "De toepassing mag dan: zien om welke koppelgebruiker het gaat" in visitor.page.words
    claims = told(world, application, decide(visitor))
    assert claims["sub"] == world.user(NAME).entry_uuid
    assert (claims["iss"], claims["aud"]) == (world.origin, application.client_id)
    assert (claims["auth_time"], claims["nonce"]) == (int(at.timestamp()), "n-0S6_WzA2Mj & more")


@pytest.mark.row("S40")
def test_who_does_not_ask_for_it_gets_none(world: World, owner: Visitor, application: Application) -> None:
    """The vendor's clients of today are answered as ever, though they send a nonce, each time the same."""
    for _ in range(2):
        owner.open(application.address(nonce="always this", prompt="consent"))
        assert "id_token" not in redeemed(world, application, answer_of(decide(owner))["code"])


@pytest.mark.row("S40")
def test_what_a_login_is_lasts_through_the_login_in_between(world: World, visitor: Visitor, application: Application) -> None:
    """Who had to log in first would come back as nobody's."""
    wishes = {"nonce": "n", "max_age": "60", "claims": '{"id_token":{"administratie":null}}', "ui_locales": "en"}
    answer = visitor.http.post(PATH, data=application.query(scope="openid", **wishes), content_type=FORM)
    visitor.open(answer.location)
    log_in_there(visitor)
    claims = told(world, application, decide(visitor))
    user = world.user(NAME)
    assert (claims["nonce"], claims["administratie"], claims["sub"]) == ("n", user.administratie, user.entry_uuid)


# -- nonce -------------------------------------------------------------------------------------------------------------


@pytest.mark.row("S40")
def test_a_nonce_is_for_one_request(world: World, owner: Visitor, application: Application) -> None:
    """Whoever has an old request could have its answer signed anew."""
    address = application.address(scope="openid", nonce="n")
    owner.open(address)
    assert "code" in answer_of(decide(owner))
    owner.open(address)
    again = answer_of(decide(owner))
    assert (again["error"], again["error_description"]) == ("invalid_request", "The nonce was used before.")
    other = Application.register(world)
    owner.open(other.address(scope="openid", nonce="n"))
    assert "code" in answer_of(decide(owner))


@pytest.mark.row("S40")
def test_who_clicks_twice_is_let_in(owner: Visitor, application: Application) -> None:
    """A browser follows the second click's answer, which would be an error."""
    owner.open(application.address(scope="openid", nonce="n"))
    clicked = {**owner.page.form(DECISION).fields, "decision": "allow", "user": NAME}
    for _ in range(2):
        assert "code" in answer_of(owner.http.post(DECISION, data=clicked))


# -- max_age and prompt ------------------------------------------------------------------------------------------------


@pytest.mark.row("S40")
def test_a_login_that_is_too_old_is_made_anew(world: World, owner: Visitor, application: Application) -> None:
    """Whoever sits down at a browser that was left open would answer."""
    address = application.address(scope="openid", max_age="600")
    world.clock.go(10 * MINUTE)
    owner.open(address)
    assert is_asked(owner)
    world.clock.go(timedelta(seconds=1))
    assert decide(owner).status_code == 200
    assert not is_asked(owner)
    assert answer_of(owner.open(address + "&prompt=none"))["error"] == "login_required"
    owner.open(address)
    at = world.clock.now()
    log_in_there(owner)
    world.clock.go(11 * MINUTE)  # as long as they like to think it over
    assert told(world, application, decide(owner))["auth_time"] == int(at.timestamp())


@pytest.mark.row("S40")
@pytest.mark.parametrize("wish", [{"max_age": "0"}, {"prompt": "login"}], ids=["max_age", "prompt"])
def test_each_request_that_wants_a_new_login_gets_one_and_no_second(
    world: World, owner: Visitor, application: Application, wish: dict[str, str]
) -> None:
    """An owner would be sent in circles; or the login for one request would count for the next."""
    address = application.address(scope="openid", **wish)
    for decision in ("allow", "refuse"):
        owner.open(address)
        assert not is_asked(owner)
        log_in_there(owner)
        assert is_asked(owner)
        world.clock.go(timedelta(seconds=2))
        owner.open(address + "&lang=en")
        assert is_asked(owner)
        assert "Location" in decide(owner, decision).headers
    owner.open(application.address(scope="openid", state="another", **wish))
    assert not is_asked(owner)


@pytest.mark.row("S40")
def test_a_new_login_does_not_count_for_ever(world: World, owner: Visitor, application: Application) -> None:
    """A question that stood open over lunch would be answered by whoever comes by."""
    address = application.address(scope="openid", prompt="login")
    owner.open(address)
    log_in_there(owner)
    world.clock.go(30 * MINUTE)
    owner.open(address)
    assert not is_asked(owner)


@pytest.mark.row("S40")
def test_who_is_to_choose_or_to_say_yes_is_asked(owner: Visitor, application: Application) -> None:
    """The accounts that there are to choose from are the owner's koppelgebruikers."""
    for prompt in ("consent", "select_account", "select_account consent"):
        owner.open(application.address(prompt=prompt))
        assert owner.page.form(DECISION).choices == [NAME, SECOND_NAME]


# -- id_token_hint, and a subject that is asked for --------------------------------------------------------------------


@pytest.mark.row("S40")
def test_a_hint_leaves_the_one_that_it_is_about(world: World, owner: Visitor, application: Application) -> None:
    """An application would be let in for another administration than the one that it shows."""
    token = id_token(world, owner, application, SECOND_NAME)
    world.clock.go(30 * MINUTE)
    subject = world.user(SECOND_NAME).entry_uuid
    for wish in ({"id_token_hint": token}, {"claims": hint(subject)}, {"claims": hint(subject, "userinfo")}):
        owner.open(application.address(scope="openid", prompt="consent", **wish))
        assert f"Gebruiker: {SECOND_NAME}" in owner.page.words
        assert decide(owner, user=NAME).status_code == 404
        assert told(world, application, decide(owner, user=SECOND_NAME))["sub"] == subject
        quietly = answer_of(owner.open(application.address(scope="openid", prompt="none", **wish)))
        assert told_by(world, application, quietly["code"])["sub"] == subject


@pytest.mark.row("S40")
def test_a_hint_about_somebody_elses_has_them_log_in(world: World, owner: Visitor, application: Application) -> None:
    """Section 3.1.2.2: nothing about another one is ever given; who can't log in as that one is not sent in circles."""
    wish = {"claims": hint(world.user(OTHERS_NAME).entry_uuid)}
    assert answer_of(owner.open(application.address(prompt="none", **wish)))["error"] == "login_required"
    for _ in range(2):
        owner.open(application.address(**wish))
        assert not is_asked(owner)
        owner.submit("/login", {"mail": OWNER_MAIL, "password": "anna logt in met een zin"})
        assert answer_of(owner.follow())["error"] == "login_required"
    owner.open(application.address(**wish))
    owner.submit("/login", {"mail": "bob@example.nl", "password": "bob logt anders in"})
    owner.follow()
    assert f"Gebruiker: {OTHERS_NAME}" in owner.page.words
    assert "code" in answer_of(decide(owner, user=OTHERS_NAME))


@pytest.mark.row("S40")
def test_a_hint_lasts_through_the_login_and_is_kept_nowhere(world: World, visitor: Visitor, application: Application) -> None:
    """The login in between would forget whom it was about; and whoever reads the database would find a token."""
    world.log_in(visitor)
    token = id_token(world, visitor, application)
    world.clock.go(MINUTE)
    wish = {"claims": '{"id_token": {"preferred_username": null}, "more": 1}', "max_age": "0", "id_token_hint": token}
    visitor.open(application.address(scope="openid", prompt="consent", **wish))
    log_in_there(visitor)
    assert "id_token_hint" not in visitor.last_text
    assert f"Gebruiker: {NAME}" in visitor.page.words
    assert told(world, application, decide(visitor))["preferred_username"] == NAME


@pytest.mark.row("S40")
def test_a_hint_that_contradicts_is_about_nobody(world: World, owner: Visitor, application: Application) -> None:
    """One of the two would be let in for all the same."""
    wish = {"id_token_hint": id_token(world, owner, application), "claims": hint(world.user(SECOND_NAME).entry_uuid)}
    assert answer_of(owner.open(application.address(prompt="none", **wish)))["error"] == "login_required"


@pytest.mark.row("S40")
def test_another_applications_hint_is_refused(world: World, owner: Visitor, application: Application) -> None:
    """One application would learn whether another one's owner is logged in here."""
    foreign = id_token(world, owner, Application.register(world))
    answer = answer_of(owner.open(application.address(prompt="none", id_token_hint=foreign)))
    assert answer["error"] == "invalid_request"


# -- login_hint, ui_locales --------------------------------------------------------------------------------------------


@pytest.mark.row("S40")
def test_whom_the_application_knows_need_not_be_typed(visitor: Visitor, application: Application) -> None:
    """A mail address more to type, and one more to get wrong; and it is text, whatever it is."""
    visitor.open(application.address(login_hint=OWNER_MAIL))
    assert visitor.page.form("/login").fields["mail"] == OWNER_MAIL
    visitor.open(application.address(login_hint='"><script>'))
    assert visitor.page.form("/login").fields["mail"] == '"><script>'


@pytest.mark.row("S40")
def test_the_application_knows_the_language(world: World, visitor: Visitor, application: Application) -> None:
    """Discovery says which languages there are; who chose another one here keeps it."""
    offered = world.app.test_client().get("/.well-known/openid-configuration").get_json()["ui_locales_supported"]
    assert offered == ["nl", "en"]
    for language in offered:
        other = {"nl": "en", "en": "nl"}[language]
        answer = visitor.open(application.address(ui_locales=f"fr-CA {language.upper()}-BE xx"), Accept_Language=other)
        assert answer.headers["Content-Language"] == language
        wrong = {"mail": OWNER_MAIL, "password": "wrong"}
        assert visitor.submit("/login", wrong).headers["Content-Language"] == language
    visitor.open(application.address(ui_locales="en"), Accept_Language="nl")
    visitor.open(visitor.page.links["Nederlands"])
    log_in_there(visitor)
    assert visitor.page.form(DECISION).buttons == ["Toestaan", "Weigeren"]
    visitor.http.delete_cookie("language")
    for locales in ("", "fr", "x" * 999, "-en"):
        assert visitor.open(application.address(ui_locales=locales), Accept_Language="nl").headers["Content-Language"] == "nl"
