"""An owner who has let an application in is not asked for the same again; who is asked all the same, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.web.authorizing import BACK, DECISION, VERIFIER, Application, answer_of, log_in_there, redeemed
from tests.web.world import NAME, PASSWORD, SECOND_NAME

if TYPE_CHECKING:
    from tests.web.page import Visitor
    from tests.web.world import NewWorld, World

READ, WRITE = "administratie:read", "administratie:write"
OTHER_API = "https://other.example/"
SCOPES = {"scopes": [READ, WRITE, "openid"], "default_scopes": [READ]}


@pytest.fixture
def world(new_world: NewWorld) -> World:
    """A site with an application that may ask for more or less, for one API or another."""
    more = {"oauth": {"audiences": [OTHER_API]}, "limits": {"authorize_address": "1000 per minute"}}
    return new_world(connectors={"vendor_api": SCOPES}, **more)


@pytest.fixture
def application(world: World) -> Application:
    """An application that asks."""
    return Application.register(world)


def allow(world: World, visitor: Visitor, application: Application, name: str = NAME, **asked: str | None) -> dict[str, Any]:
    """Be asked, say yes, and have the application redeem its code; gives the answer."""
    visitor.open(application.address(prompt="consent", **asked))
    told = answer_of(visitor.submit(DECISION, {"decision": "allow", "user": name}))
    return redeemed(world, application, told["code"])


def is_asked(visitor: Visitor, application: Application, **asked: str | None) -> bool:
    """Tell whether the owner is asked; otherwise a code came at once, and a program that may ask nobody gets one too."""
    asked_first = visitor.open(application.address(**asked)).status_code == 200
    if asked_first:
        assert visitor.page.form(DECISION).buttons
    if "prompt" not in asked:
        silently = answer_of(visitor.open(application.address(prompt="none", **asked)))
        assert ("code" not in silently) is asked_first
    return asked_first


def test_the_same_is_not_asked_again(world: World, owner: Visitor, application: Application) -> None:
    """Who must say yes each time they open their bookkeeping soon reads nothing any more. The trail has it all the same."""
    allow(world, owner, application, SECOND_NAME, scope=f"{READ} {WRITE}")
    told = answer_of(owner.open(application.address(scope=f"{WRITE} {READ}")))
    assert (told["state"], told["iss"]) == ("of the application & <more>", world.origin)
    token = redeemed(world, application, told["code"])["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert world.app.test_client().get("/oauth/userinfo", headers=bearer).get_json()["preferred_username"] == SECOND_NAME
    with world.store.reading() as work:
        events = [record.event for record in work.audit.newest(5)]
    (event,) = [event for event in events if event.action == "authorization.remembered"]
    assert (event.actor, event.subject) == ("service", world.user(SECOND_NAME).entry_uuid)
    assert event.detail == {"client": application.client_id, "scope": f"{WRITE} {READ}"}
    assert is_asked(owner, application) is False  # fewer scopes


def test_more_than_was_allowed_is_asked(world: World, owner: Visitor, application: Application) -> None:
    """An application that was let in to look could write, or go to another API, without its owner ever knowing."""
    allow(world, owner, application, scope=READ)
    assert is_asked(owner, application, scope=READ) is False
    assert is_asked(owner, application, scope=f"{READ} {WRITE}") is True
    assert is_asked(owner, application, scope=READ, resource=OTHER_API) is True
    assert is_asked(owner, Application.register(world, name="Another"), scope=READ) is True
    allow(world, owner, application, scope=WRITE)
    assert is_asked(owner, application, scope=f"{READ} {WRITE}") is False
    assert is_asked(owner, application, scope=WRITE, resource=OTHER_API) is True


@pytest.mark.row("S40")
def test_an_application_can_have_it_asked_all_the_same(world: World, owner: Visitor, application: Application) -> None:
    """S40: it could not let its owner choose another koppelgebruiker, nor see that it is still them who want it."""
    allow(world, owner, application)
    for prompt in ("consent", "select_account"):
        assert is_asked(owner, application, prompt=prompt) is True
    owner.open(application.address(prompt="login"))
    assert "code" in answer_of(log_in_there(owner))
    assert owner.open(application.address(prompt="login")).status_code == 200
    assert owner.page.form("/login").buttons


def test_only_what_came_to_something_is_remembered(world: World, owner: Visitor, application: Application) -> None:
    """Who let an application in by a password was never asked; and a yes that nobody fetched is forgotten with its code."""
    world.directory.set_password(NAME, PASSWORD)
    world.couple({"client_id": application.client_id, "client_secret": application.secret})
    assert is_asked(owner, application) is True
    owner.open(application.address())
    assert "code" in answer_of(owner.submit(DECISION, {"decision": "allow", "user": NAME}))
    assert is_asked(owner, application) is True


@pytest.mark.row("S42", "S46")
def test_what_has_ended_is_asked_anew(world: World, owner: Visitor, application: Application) -> None:
    """S46: an owner who ends a coupling would find it back the next moment, without having said yes."""
    proof = {"client_id": application.client_id, "client_secret": application.secret}
    refresh_token = allow(world, owner, application)["refresh_token"]
    owner.open("/portal/couplings")
    assert "Door jou toegestaan ja, zonder dat we het opnieuw vragen" in owner.page.words
    assert owner.submit("/portal/couplings/end").status_code == 303
    assert is_asked(owner, application) is True
    refresh_token = allow(world, owner, application)["refresh_token"]
    assert is_asked(owner, application) is False
    assert world.ask("revoke", proof, token=refresh_token).status_code == 200
    assert is_asked(owner, application) is True
    allow(world, owner, application)
    world.clock.go(timedelta(seconds=2))
    world.directory.set_password(NAME, PASSWORD)
    assert is_asked(owner, application) is True


@pytest.mark.row("S4")
def test_after_a_theft_its_owner_is_asked(world: World, owner: Visitor, application: Application) -> None:
    """S4: whoever has stolen a code could go on at once with the next one, without anybody noticing."""
    allow(world, owner, application)
    code = answer_of(owner.open(application.address()))["code"]
    redeemed(world, application, code)
    form = {"grant_type": "authorization_code", "redirect_uri": BACK, "code_verifier": VERIFIER, "code": code}
    proof = {"client_id": application.client_id, "client_secret": application.secret}
    assert world.ask("token", proof, **form).status_code == 400
    assert is_asked(owner, application) is True


def test_a_blocked_user_is_let_in_for_by_nobody(world: World, owner: Visitor, application: Application) -> None:
    """S46: a block would leave the way open that needs no yes."""
    allow(world, owner, application)
    world.directory.block(NAME)
    assert is_asked(owner, application) is True


def test_between_two_that_were_let_in_for_its_owner_chooses(world: World, owner: Visitor, application: Application) -> None:
    """The wrong books would be opened."""
    subject = world.user(SECOND_NAME).entry_uuid
    for name in (NAME, SECOND_NAME):
        allow(world, owner, application, name)
    assert is_asked(owner, application) is True
    assert answer_of(owner.open(application.address(prompt="none")))["error"] == "interaction_required"
    one = f'{{"id_token": {{"sub": {{"value": "{subject}"}}}}}}'
    assert "code" in answer_of(owner.open(application.address(scope=READ, claims=one)))


def test_what_another_owner_has_allowed_counts_for_nothing(world: World, owner: Visitor, application: Application) -> None:
    """Who gets a koppelgebruiker from somebody else would get all that the other one had allowed with it."""
    allow(world, owner, application)
    with world.store.transaction() as work:
        (grant,) = work.grants.of_user(world.user(NAME).entry_uuid)
        assert grant.consent is not None
        work.grants.allowed(replace(grant, consent=replace(grant.consent, owner="somebody else")))
    assert is_asked(owner, application) is True
    owner.open("/portal/couplings")
    assert "Door jou toegestaan" not in owner.page.words


def test_a_program_that_can_not_prove_itself_is_asked_for_each_time(world: World, owner: Visitor) -> None:
    """RFC 8252 section 8.6: any program on an owner's machine could take itself for the one that they have let in."""
    for back, asked in (("http://127.0.0.1/back", True), (BACK, False)):
        client = world.clients.add_public("vendor_app", "App", "operator:test", redirect_uris=(back,))
        application = Application(client.client_id, "", (back,))
        owner.open(application.address(prompt="consent"))
        told = owner.submit(DECISION, {"decision": "allow", "user": NAME})
        redeemed(world, application, answer_of(told, back)["code"])
        assert (owner.open(application.address()).status_code == 200) is asked, back
        assert "Zolang de koppeling bestaat" not in owner.page.words


@pytest.mark.row("S45")
def test_what_is_not_asked_shows_nothing_and_leads_to_nobody_else(world: World, owner: Visitor, application: Application) -> None:
    """S45: another site could put the answer in a frame, or have it sent to itself."""
    allow(world, owner, application)
    answer = owner.open(application.address())
    assert (answer.status_code, answer.headers["X-Frame-Options"], answer.text) == (303, "DENY", "")
    assert owner.open(application.address(redirect_uri="https://evil.example/")).status_code == 400
    owner.http.delete_cookie("portal")
    assert answer_of(owner.open(application.address(prompt="none")))["error"] == "login_required"
