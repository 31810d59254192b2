"""The store or the directory fails at any moment of any flow: 503, when to come back, and nothing is half-done or used up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from connectors.base import DEVICE_CODE
from idp.oauth.dpop_nonce import DPoPNonces
from idp.services.registration import Registration
from tests.web.authorizing import BACK, VERIFIER, Application, answer_of
from tests.web.failing import filled_in, outlasted
from tests.web.fapi_bank import Session
from tests.web.pushing import CLASSIC, STRICT, Pusher
from tests.web.test_end_session import id_token, is_logged_in
from tests.web.world import NAME, OWNER_MAIL, OWNER_PASSWORD, PASSWORD

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.web.page import Visitor
    from tests.web.world import NewWorld, World

MANY = "1000000 per minute"
OFTEN = ("authorize_address", "token_address", "token_client", "login_address", "login_mail", "registration_address")
LOGIN = {"mail": OWNER_MAIL, "password": OWNER_PASSWORD}
"""What an owner types."""


@pytest.fixture
def world(new_world: NewWorld) -> World:
    """A site at which nobody comes too often, and applications may register themselves."""
    return new_world(limits=dict.fromkeys(OFTEN, MANY), oauth={"registration": True})


class Asking:
    """An application that asks as often as it must, each time with another proof of itself, and of its key where it has one."""

    def __init__(self, world: World, prefix: str) -> None:
        self.world = world
        self.pusher = Pusher.register(world, prefix)
        self.key = Session(world.app.test_client(), world.origin, world.clock)
        self.key.nonce = DPoPNonces(world.clients.digests, world.clock).current()

    def ask(self, path: str, /, status: int = 200, **form: Any) -> Any:  # noqa: ANN401  # JSON
        """Ask until it is answered; gives the answer."""
        return outlasted(self.world, lambda: self._send(path, form), status).get_json()

    def _send(self, path: str, form: dict[str, str]) -> TestResponse:
        url = f"{self.pusher.prefix}{path}"
        proof = {"DPoP": self.key.proof("POST", self.world.origin + url)} if self.pusher.prefix == STRICT else {}
        return self.key.http.post(url, data={**form, **self.pusher.proof()}, headers=proof)


def opened(world: World, visitor: Visitor, path: str) -> None:
    """Have a browser open an address until there is a page."""
    outlasted(world, lambda: visitor.open(path), 200)


def logs_in(world: World, visitor: Visitor) -> None:
    """Log in on the page that is open, and go on to where it leads."""
    location = outlasted(world, filled_in(visitor, "/login", **LOGIN), 303).location
    assert location is not None
    opened(world, visitor, location)


@pytest.mark.parametrize("prefix", [CLASSIC, STRICT])
def test_an_application_is_let_in_all_the_same(world: World, visitor: Visitor, prefix: str) -> None:
    """A moment's fault would burn a request or a code, so that its owner decides twice; or leave a token that nobody has."""
    bank = Asking(world, prefix)
    asked: dict[str, Any] = dict(parse_qsl(bank.pusher.application.query(scope="openid", nonce="once", max_age="0")))
    pushed = bank.ask("/par", 201, **asked)
    opened(world, visitor, bank.pusher.address(pushed["request_uri"]))
    logs_in(world, visitor)
    allow = filled_in(visitor, bank.pusher.decision, decision="allow", user=NAME)
    code = answer_of(outlasted(world, allow, 303))["code"]
    redeem: dict[str, Any] = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    tokens = bank.ask("/token", **redeem)
    again = bank.ask("/token", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    for token in (tokens["access_token"], again["access_token"]):
        assert bank.ask("/introspect", token=token)["active"]
    bank.ask("/revoke", token=again["access_token"])
    assert [bank.ask("/introspect", token=each["access_token"])["active"] for each in (tokens, again)] == [True, False]
    bank.ask("/revoke", token=tokens["refresh_token"])
    assert not bank.ask("/introspect", token=tokens["access_token"])["active"]


def test_who_was_let_in_before_and_who_is_refused(world: World, owner: Visitor) -> None:
    """An owner would be asked again for what they have allowed, or their no be lost."""
    bank = Asking(world, CLASSIC)
    application = bank.pusher.application
    opened(world, owner, application.address())
    code = answer_of(outlasted(world, filled_in(owner, bank.pusher.decision, decision="allow", user=NAME), 303))["code"]
    bank.ask("/token", grant_type="authorization_code", code=code, redirect_uri=BACK, code_verifier=VERIFIER)
    assert "code" in answer_of(outlasted(world, lambda: owner.open(application.address()), 303))
    opened(world, owner, application.address(prompt="consent"))
    refuse = filled_in(owner, bank.pusher.decision, decision="refuse")
    assert answer_of(outlasted(world, refuse, 303))["error"] == "access_denied"


def test_a_device_is_let_in_all_the_same(world: World, visitor: Visitor) -> None:
    """Whoever sits before it would type a code that nobody knows any more, or it would ask for ever."""
    client_id = world.clients.add_public("vendor_app", "Kassa", "operator:test").client_id
    http = world.app.test_client()

    def ask(path: str, status: int = 200, **form: str) -> Any:  # noqa: ANN401  # JSON
        return outlasted(world, lambda: http.post(path, data={**form, "client_id": client_id}), status).get_json()

    started = ask("/oauth/device")
    fetch = {"grant_type": DEVICE_CODE, "device_code": started["device_code"]}
    assert ask("/oauth/token", 400, **fetch)["error"] == "authorization_pending"
    opened(world, visitor, "/device")
    logs_in(world, visitor)
    outlasted(world, filled_in(visitor, "/device", user_code=started["user_code"]), 303)
    opened(world, visitor, "/device/decision")
    outlasted(world, filled_in(visitor, "/device/decision", decision="allow", user=NAME), 303)
    tokens = ask("/oauth/token", **fetch)
    # What rotates: a failure is no second use, which would end all.
    second = ask("/oauth/token", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert ask("/oauth/token", grant_type="refresh_token", refresh_token=second["refresh_token"])["access_token"]


def test_who_asks_with_a_password_or_for_itself(world: World) -> None:
    """Machines that work at night would stop until somebody looks; or be taken for who guesses."""
    world.directory.set_password(NAME, PASSWORD)
    http = world.app.test_client()
    for client, form in (
        (world.application("Basecone"), {"grant_type": "password", "username": NAME, "password": PASSWORD}),
        (world.application("Own", "vendor_service"), {"grant_type": "client_credentials"}),
    ):
        answer = outlasted(world, lambda: http.post("/oauth/token", data={**client, **form}), 200)  # noqa: B023  # called at once
        bearer = {"Authorization": f"Bearer {answer.get_json()['access_token']}"}
        outlasted(world, lambda: http.get("/oauth/userinfo", headers=bearer), 200 if "username" in form else 403)  # noqa: B023


def test_an_application_registers_itself_all_the_same(world: World) -> None:
    """An initial access token that is good once would be used up by a client that nobody got."""
    registration = Registration(world.store, world.clients.digests, world.clock)
    token = registration.make_token("vendor_api", 1, timedelta(days=1), "operator:test")[1]
    headers, http = {"Authorization": f"Bearer {token}"}, world.app.test_client()

    def send() -> TestResponse:
        return http.post("/oauth/register", json={"redirect_uris": [BACK]}, headers=headers)

    registered = outlasted(world, send, 201).get_json()
    assert world.clients.find(registered["client_id"]) is not None
    assert send().status_code == 401


def test_whoever_logs_out_is_out_in_the_end(world: World, owner: Visitor) -> None:
    """A page that says nothing was changed would be wrong, or the portal of somebody else's computer stay open."""
    token = id_token(world, owner, Application.register(world))
    outlasted(world, lambda: owner.open(f"/oauth/end_session?id_token_hint={token}"), 303)
    assert not is_logged_in(owner)
    for page, button in (("/fapi/end_session", "/fapi/end_session/confirm"), ("/", "/logout")):
        world.log_in(owner)
        opened(world, owner, page)
        outlasted(world, filled_in(owner, button), 303)
        assert not is_logged_in(owner)
