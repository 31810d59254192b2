"""The directory freezes or is gone: everybody is told to come back, nothing is half written, and it heals by itself."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.system import flows
from tests.system.processes import waiting
from tests.system.service import StandingClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.slapd import RunningSlapd
    from tests.system.service import Service
    from tests.system.visitor import Answer

    Outage = Callable[[], AbstractContextManager[None]]

UID = "U4BBGA5001"
OTHER_UID = "U4BBGA5002"
MAIL = "anna@example.nl"
PASSWORD = "vijf losse woorden achter elkaar"
NEW_PASSWORD = "en nog eens vijf andere woorden"
LATER = "Het lukt nu even niet. Er is niets gewijzigd. Probeer het over een paar minuten opnieuw."
HEALED_WITHIN_S = 10
MAYBE_LATER = "Het lukt nu even niet. Probeer het over een paar minuten opnieuw."


@dataclass(frozen=True)
class World:
    """A service with a web server, a koppelgebruiker with a password, and an application."""

    service: Service
    client: dict[str, str] = field(repr=False)

    def token(self, password: str, uid: str = UID) -> Answer:
        """Ask for one."""
        fields = {"grant_type": "password", "username": uid, "password": password, **self.client}
        return self.service.visitor().post("/oauth/token", fields)

    def refresh(self, refresh_token: str) -> Answer:
        """Ask for another one."""
        fields = {"grant_type": "refresh_token", "refresh_token": refresh_token, **self.client}
        return self.service.visitor().post("/oauth/token", fields)

    def introspect(self, token: str) -> Answer:
        """Ask what a token is worth."""
        return self.service.visitor().post("/oauth/introspect", {"token": token, **self.client})


@pytest.fixture(scope="module")
def world(service: Service) -> Iterator[World]:
    """The service, serving."""
    service.add_user(UID, MAIL, PASSWORD)
    service.add_user(OTHER_UID, MAIL)
    client, secret = service.add_client()
    with service.web():
        yield World(service, {"client_id": client.client_id, "client_secret": secret})


@contextmanager
def frozen(slapd: RunningSlapd) -> Iterator[None]:
    """Let it take connections, and answer nobody."""
    slapd.pause()
    try:
        yield
    finally:
        slapd.resume()


@contextmanager
def gone(slapd: RunningSlapd) -> Iterator[None]:
    """Let it not be there."""
    slapd.stop()
    try:
        yield
    finally:
        slapd.start()


@contextmanager
def until_ready(world: World, outage: AbstractContextManager[None]) -> Iterator[None]:
    """Be in it, and afterwards wait until the service has found out by itself that it is over."""
    with outage:
        yield
    assert any(world.service.parts()[0] == 200 for _ in waiting(HEALED_WITHIN_S))


@pytest.fixture(params=[frozen, gone])
def outage(world: World, request: pytest.FixtureRequest) -> Outage:
    """A way to be without a directory for a while."""
    # Connections are kept, as they are after any request before.
    assert world.token(PASSWORD).status == 200
    return lambda: until_ready(world, request.param(world.service.slapd))


def assert_told_to_come_back(answer: Answer) -> None:
    """A client reads a reason, and when to try again."""
    assert answer.status == 503
    assert answer.json["error"] == "temporarily_unavailable"
    assert int(answer.headers["Retry-After"]) > 0


def test_applications_are_told_to_come_back(world: World, outage: Outage) -> None:
    """A bank that hears `invalid_grant` would ask its customer for another password; it has to hear: later."""
    held = world.token(PASSWORD).json
    with outage():
        assert_told_to_come_back(world.token(PASSWORD))
        assert_told_to_come_back(world.token(PASSWORD, "U4BBGA9999"))
        assert_told_to_come_back(world.introspect(held["access_token"]))
        assert_told_to_come_back(world.refresh(held["refresh_token"]))
    assert world.token(PASSWORD).status == 200
    assert world.introspect(held["access_token"]).json["active"] is True
    assert world.refresh(held["refresh_token"]).status == 200


def test_operators_see_which_part_it_is(world: World, outage: Outage) -> None:
    """A load balancer takes the node out and leaves the process alone; whoever is called out of bed reads where to look."""
    with outage():
        status, parts = world.service.parts()
        assert status == 503
        assert parts["store"] == "ok"
        assert "directory" in parts["directory"].lower()
        assert world.service.is_alive()
    assert world.service.parts() == (200, {"directory": "ok", "store": "ok"})


@pytest.mark.row("R19")
def test_a_mailed_link_says_so_and_works_afterwards(world: World, outage: Outage) -> None:
    """The one hour of a link must not end in a page that makes no sense, nor may the link be used up by it."""
    world.service.write(OTHER_UID, "pwdReset", "TRUE")
    link = world.service.mailed_link(OTHER_UID)
    visitor = world.service.visitor()
    password = f"{NEW_PASSWORD} {len(world.service.links())}"
    with outage():
        assert_page_says(visitor.open(link), LATER)
        assert_page_says(visitor.post(link, {"password": password, "password_again": password}), MAYBE_LATER)
    assert flows.choose_password(visitor, link, password).status == 303
    assert world.token(password, OTHER_UID).status == 200


@pytest.mark.row("R22")
def test_strangers_read_the_same_as_always_and_get_their_mail_later(world: World, outage: Outage) -> None:
    """Asking needs no directory: the name is looked up by the worker, and that waits until it can."""
    world.service.write(OTHER_UID, "pwdReset", "TRUE")
    before = len(world.service.links())
    with outage():
        world.service.ask_for_reset(OTHER_UID)
        with world.service.hands() as worker:
            worker.step()
        assert len(world.service.links()) == before
    with world.service.hands(StandingClock(15)) as worker:
        worker.step()
    assert len(world.service.links()) == before + 1


def test_the_portal_says_so(world: World, outage: Outage) -> None:
    """Nobody is told that their password is wrong when nobody could look."""
    visitor = world.service.visitor()
    visitor.open("/login")
    with outage():
        assert_page_says(visitor.submit("/login", {"mail": MAIL, "password": PASSWORD}), LATER)
    assert visitor.submit("/login", {"mail": MAIL, "password": PASSWORD}).status == 400


def assert_page_says(answer: Answer, sentence: str) -> None:
    """A person reads a sentence, and a browser or a proxy when to try again."""
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert sentence in answer.page.words
