"""Who logs out here is logged out of the applications that want to be told (OpenID Connect Back-Channel Logout)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from idp.services.change_client import ChangeClient, Changed
from idp.services.logout_notices import SPARED
from tests.contract.back_channel.application import Application as Server
from tests.contract.back_channel.application import running_application
from tests.free_ports import free_port
from tests.oauth.id_tokens import read_id_token
from tests.oauth.test_own_keys import put_ec
from tests.web.authorizing import DECISION, Application, answer_of, redeemed
from tests.web.fapi_bank import Bank
from tests.web.world import NAME, OWNER_MAIL, SECOND_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.web.page import Visitor
    from tests.web.world import NewWorld, World

MINUTE = timedelta(minutes=1)


@pytest.fixture
def server() -> Iterator[Server]:
    """The application's."""
    with running_application() as running:
        yield running


@pytest.fixture
def application(world: World, server: Server) -> Application:
    """An application that wants to be told."""
    return told_at(world, Application.register(world), server.uri)


def told_at(world: World, application: Application, uri: str) -> Application:
    """Register where an application is told."""
    ChangeClient(world.store, world.clock).change(application.client_id, Changed(backchannel_logout_uri=uri), "operator:test")
    return application


def logged_in(world: World, owner: Visitor, application: Application, name: str = NAME, scope: str = "openid") -> dict[str, Any]:
    """Have the owner log in to the application by us; gives what its ID token says."""
    owner.open(application.address(scope=scope, prompt="consent"))
    told = answer_of(owner.submit(DECISION, {"decision": "allow", "user": name}))
    token = redeemed(world, application, told["code"]).get("id_token")
    return read_id_token(world.app.test_client(), token) if token else {}


def log_out(owner: Visitor) -> None:
    """Press the button in the portal."""
    owner.open("/")
    assert owner.submit("/logout").status_code == 303


def work_off(world: World) -> list[str]:
    """Have the worker do all that is due; gives a word on each."""
    return [done[1] for done in iter(world.logout_notices.run_once, None)]


def read_logout_token(owner: Visitor, token: str, alg: str = "RS256") -> tuple[dict[str, Any], dict[str, Any]]:
    """Verify a token as another library does; gives header and claims."""
    found = jwt.decode(token, KeySet.import_key_set(json.loads(owner.open("/oauth/jwks").text)), algorithms=[alg])
    return found.header, dict(found.claims)


def test_the_application_is_told_whose_session_has_ended(
    world: World, owner: Visitor, application: Application, server: Server
) -> None:
    """Who leaves the portal on somebody else's computer would leave the application open there."""
    metadata = json.loads(owner.open("/.well-known/openid-configuration").text)
    assert (metadata["backchannel_logout_supported"], metadata["backchannel_logout_session_supported"]) == (True, True)
    claims = logged_in(world, owner, application)
    world.clock.go(MINUTE)
    assert work_off(world) == []
    log_out(owner)
    assert work_off(world) == ["told"]
    ((path, form),) = server.sent
    assert (path, list(form)) == ("/out?of=here", ["logout_token"])
    header, told = read_logout_token(owner, form["logout_token"])
    now = int(world.clock.now().timestamp())
    assert (header["typ"], header["alg"]) == ("logout+jwt", "RS256")
    assert told.pop("jti")
    assert told == {
        "iss": metadata["issuer"],
        "aud": application.client_id,
        "iat": now,
        "exp": now + 120,
        "sub": claims["sub"],
        "sid": claims["sid"],
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }
    assert work_off(world) == []


def test_the_strict_issuer_tells_its_applications_too(world: World, owner: Visitor, server: Server) -> None:
    """A bank would stay open there; and it reads no signature but those of FAPI 2.0 (section 5.4.1)."""
    bank = Bank(world)
    for member in ("backchannel_logout_supported", "backchannel_logout_session_supported"):
        assert bank.metadata[member] is True
    told_at(world, Application(bank.client_id, "", ()), server.uri)
    owner.open(bank.push(scope="openid"))
    location = owner.submit("/fapi/authorize/decision", {"decision": "allow", "user": NAME}).location
    claims = read_id_token(world.app.test_client(), bank.tokens(location)["id_token"], "/fapi")
    log_out(owner)
    assert work_off(world) == ["told"]
    ((_, form),) = server.sent
    header, told = read_logout_token(owner, form["logout_token"], "ES256")
    assert (header["alg"], told["iss"], told["aud"]) == ("ES256", f"{world.origin}/fapi", bank.client_id)
    assert (told["sub"], told["sid"]) == (claims["sub"], claims["sid"])


def test_who_is_told_is_who_knows_of_this_session(world: World, owner: Visitor, application: Application, server: Server) -> None:
    """An application would learn of people, and of sessions, that it has never seen."""
    other = told_at(world, Application.register(world, name="Never used"), server.uri)
    no_login = told_at(world, Application.register(world, name="No login"), server.uri)
    quiet = Application.register(world, name="Wants nothing")
    logged_in(world, owner, no_login, scope="http://UNIT4.Multivers.API/Web/WebApi/*")
    logged_in(world, owner, quiet)
    for name in (NAME, SECOND_NAME, NAME):
        logged_in(world, owner, application, name)
    elsewhere = world.another_visitor()
    world.log_in(elsewhere)
    logged_in(world, elsewhere, other)
    token = redeemed_token(world, owner, application)
    owner.open(f"/oauth/end_session?id_token_hint={token}")
    assert work_off(world) == ["told", "told"]
    told = [read_logout_token(owner, form["logout_token"])[1] for _, form in server.sent]
    assert {claims["aud"] for claims in told} == {application.client_id}
    assert {claims["sub"] for claims in told} == {world.user(name).entry_uuid for name in (NAME, SECOND_NAME)}


def redeemed_token(world: World, owner: Visitor, application: Application) -> str:
    """Give an ID token as it is."""
    owner.open(application.address(scope="openid", prompt="consent"))
    told = answer_of(owner.submit(DECISION, {"decision": "allow", "user": NAME}))
    return str(redeemed(world, application, told["code"])["id_token"])


def test_who_does_not_answer_is_told_later_and_not_for_ever(
    world: World, owner: Visitor, application: Application, server: Server
) -> None:
    """An application that is restarted just then would keep somebody logged in."""
    server.answers = [503, 429, 200]
    logged_in(world, owner, application)
    log_out(owner)
    outcomes = []
    for pause in (timedelta(), world.first_pause, 2 * world.first_pause):
        world.clock.go(pause)
        outcomes += work_off(world)
        assert work_off(world) == []
    assert outcomes == ["answered-503", "answered-429", "told"]
    assert len({read_logout_token(owner, form["logout_token"])[1]["jti"] for _, form in server.sent}) == 1
    server.answers = [500]
    world.log_in(owner)
    logged_in(world, owner, application)
    log_out(owner)
    assert work_off(world) == ["answered-500"]
    world.clock.go(61 * MINUTE)
    assert work_off(world) == ["gave-up-answered-500"]
    world.clock.go(61 * MINUTE)
    assert work_off(world) == []


def test_one_that_does_not_answer_holds_up_nobody(world: World, owner: Visitor, application: Application, server: Server) -> None:
    """Each try of one that hangs takes seconds: whoever does answer would be told minutes later, and mail go out as late."""
    away = told_at(world, Application.register(world, name="Away"), f"http://127.0.0.1:{free_port()}/out")
    for name in (NAME, SECOND_NAME):
        logged_in(world, owner, away, name)
    logged_in(world, owner, application)
    log_out(owner)
    assert sorted(work_off(world)) == ["no-answer", "told"]
    told_at(world, away, server.uri)
    world.clock.go(world.first_pause)
    assert work_off(world) == ["told"]  # the one that was tried; of the others it is spared for longer
    world.clock.go(SPARED)
    assert work_off(world) == ["told"]


def test_mail_goes_out_between_one_notice_and_the_next(
    world: World, owner: Visitor, application: Application, server: Server
) -> None:
    """Who waits for a link would wait for all applications to answer."""
    for name in (NAME, SECOND_NAME):
        logged_in(world, owner, application, name)
    log_out(owner)
    world.forget_mails()
    assert world.worker.step() == 0.0
    assert len(server.sent) == 1
    owner.open("/login/forgot")
    owner.submit("/login/forgot", {"mail": OWNER_MAIL})
    world.worker.step()
    assert (len(world.mailbox.received), len(server.sent)) == (1, 2)
    assert world.worker.step() > 0.0


@pytest.mark.parametrize("status", [302, 307, 400, 404])
def test_who_refuses_is_not_asked_again(
    world: World, owner: Visitor, application: Application, server: Server, status: int
) -> None:
    """Section 2.8: a wrong address would be called for ever, or a redirect lead us anywhere."""
    server.answers = [status]
    logged_in(world, owner, application)
    log_out(owner)
    assert work_off(world) == [f"answered-{status}"]
    world.clock.go(10 * MINUTE)
    assert work_off(world) == []
    assert len(server.sent) == 1
    with world.store.reading() as work:
        (event,) = [record.event for record in work.audit.newest(50) if record.event.action == "logout.not-told"]
    assert event.detail == {"client": application.client_id, "outcome": f"answered-{status}", "attempts": "1"}


def test_who_was_disabled_meanwhile_is_told_nothing(
    world: World, owner: Visitor, application: Application, server: Server
) -> None:
    """An application that an operator has shut out would still learn who leaves when."""
    logged_in(world, owner, application)
    log_out(owner)
    world.clients.disable(application.client_id, "operator:test")
    assert work_off(world) == ["no-address"]
    assert server.sent == []


@pytest.mark.row("S22")
def test_keys_that_the_worker_is_first_to_take_up_are_audited_too(new_world: NewWorld, server: Server, tmp_path: Path) -> None:
    """S22: whoever breaks in lays a key of theirs there, which then signs as the service; the trail would not know of it."""
    folder = tmp_path / "own"
    folder.mkdir(mode=0o700)
    world = new_world(oauth={"key_folder": folder})
    owner = world.another_visitor()
    world.log_in(owner)
    logged_in(world, owner, told_at(world, Application.register(world), server.uri))
    kid = put_ec(folder)
    log_out(owner)
    assert work_off(world) == ["told"]
    with world.store.reading() as work:
        changes = [record.event.changes for record in work.audit.read() if record.event.action == "key.own-changed"]
    assert [change["own_keys"].after for change in changes] == [f"ES256:{kid}"]
