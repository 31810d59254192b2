"""An application brings its request itself before it sends its owner here (RFC 9126; S9-S13, S24, S26)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from idp.services.pushed_requests import REQUEST_URI
from tests.unasked import unasked
from tests.web.authorizing import BACK, CHALLENGE, VERIFIER, answer_of, log_in_there
from tests.web.pushing import CLASSIC, STRICT, Pusher
from tests.web.world import NAME, OWNER_MAIL, OWNER_NAME

if TYPE_CHECKING:
    from pathlib import Path

    from werkzeug.test import TestResponse

    from tests.web.page import Visitor
    from tests.web.world import NewWorld, World

STATE = "of the application & <more>"
ENDED = "Dit verzoek is verlopen, of er is al over beslist. Ga terug naar de toepassing die je hierheen stuurde."
UNKNOWN = "We kennen de toepassing niet die je hierheen stuurde"


@pytest.fixture
def world(new_world: NewWorld) -> World:
    """A site at which nobody comes too often."""
    return new_world(limits={"authorize_address": "1000000 per minute"})


@pytest.fixture
def banks(world: World) -> tuple[Pusher, ...]:
    """An application of each issuer that pushes its requests."""
    return Pusher.register(world, CLASSIC), Pusher.register(world, STRICT)


def decide(visitor: Visitor, bank: Pusher, decision: str = "allow") -> TestResponse:
    """Press one of the buttons."""
    return visitor.submit(bank.decision, {"decision": decision, "user": NAME})


def decide_again(visitor: Visitor, bank: Pusher, fields: dict[str, str], decision: str = "allow") -> None:
    """Send a form that was sent before."""
    visitor.last = visitor.http.post(bank.decision, data={**fields, "decision": decision, "user": NAME})


def assert_stopped(visitor: Visitor, words: str = ENDED) -> None:
    """The browser stays here, and its owner is told why."""
    assert visitor.last is not None
    assert visitor.last.status_code == 400
    assert "Location" not in visitor.last.headers
    assert words in visitor.page.alert


@pytest.mark.row("S9", "S12", "S13", "S39")
def test_from_the_push_to_the_code(world: World, banks: tuple[Pusher, ...]) -> None:
    """An application that hides its request from the browser would get nothing; the login and a typing error lose nothing."""
    for bank in banks:
        pushed, visitor = bank.push(), world.another_visitor()
        told: Any = pushed.get_json()
        assert (pushed.status_code, pushed.headers["Cache-Control"]) == (201, "no-store")
        assert set(told) == {"request_uri", "expires_in"}
        assert len(told["request_uri"].removeprefix(REQUEST_URI)) >= 43  # 256 bits in base64url
        assert 300 <= told["expires_in"] < 600
        visitor.open(bank.address(told["request_uri"]), Accept_Language="nl")
        assert "Bank <App> vraagt toegang tot een koppelgebruiker van jou. Log eerst in." in visitor.page.words
        assert visitor.submit("/login", {"mail": OWNER_MAIL, "password": "verkeerd"}).status_code == 400
        visitor.open(visitor.page.links["English"])
        assert "Bank <App> asks for access" in visitor.page.words
        log_in_there(visitor)
        visitor.open(visitor.page.links["Nederlands"])
        fields = visitor.page.form(bank.decision).fields
        answer = answer_of(decide(visitor, bank))
        assert (set(answer), answer["state"], answer["iss"]) == ({"code", "state", "iss"}, STATE, bank.issuer)
        decide_again(visitor, bank, fields)
        assert_stopped(visitor)
        visitor.open(bank.address(told["request_uri"]))
        assert_stopped(visitor)


def test_the_code_is_worth_what_was_pushed(world: World, owner: Visitor) -> None:
    """The application would get a token for something else than it asked for, or none."""
    bank = Pusher.register(world, CLASSIC)
    bank.open(owner, scope="http://UNIT4.Multivers.API/Web/WebApi/*")
    code = answer_of(decide(owner, bank))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, **bank.proof()}
    assert bank.post(form, "/token").status_code == 400
    bank.open(owner)
    code = answer_of(decide(owner, bank))["code"]
    answer = bank.post({**form, "code": code, "code_verifier": VERIFIER}, "/token")
    assert answer.status_code == 200, answer.text


@pytest.mark.row("S13")
def test_looking_at_the_page_spends_nothing(owner: Visitor, banks: tuple[Pusher, ...]) -> None:
    """S13: a reload, a preview or a second window would cost the owner their connection, as would an answer in silence."""
    for bank in banks:
        request_uri = bank.pushed(prompt="none")
        for _ in range(2):
            assert answer_of(owner.open(bank.address(request_uri)))["error"] == "consent_required"
        request_uri = bank.pushed()
        address = bank.address(request_uri)
        assert owner.http.head(address).status_code == 200
        assert [owner.open(address).status_code for _ in range(2)] == [200, 200]
        path, _, query = address.partition("?")
        posted = owner.http.post(path, data=query, content_type="application/x-www-form-urlencoded")
        assert (posted.status_code, posted.location) == (303, address)
        assert "code" in answer_of(decide(owner, bank))


@pytest.mark.row("S40")
def test_what_it_wants_of_the_login_is_met_once(owner: Visitor, banks: tuple[Pusher, ...]) -> None:
    """An application that wants a new login would send its owner in circles, or get an old one."""
    for bank in banks:
        bank.open(owner, prompt="login", login_hint=OWNER_MAIL, ui_locales="en")
        assert owner.page.form("/login").fields["mail"] == OWNER_MAIL
        assert "Bank <App> asks for access" in owner.page.words
        log_in_there(owner)
        answer = answer_of(decide(owner, bank))
        assert "code" in answer, answer


@pytest.mark.row("S9", "S13")
def test_a_refusal_is_a_decision(owner: Visitor, banks: tuple[Pusher, ...]) -> None:
    """S13: whoever comes next to that browser could say yes to what its owner has refused."""
    for bank in banks:
        address = bank.address(bank.pushed())
        owner.open(address)
        fields = owner.page.form(bank.decision).fields
        told = answer_of(decide(owner, bank, "refuse"))
        assert (told["error"], told["state"], told["iss"]) == ("access_denied", STATE, bank.issuer)
        for decision in ("refuse", "allow"):
            decide_again(owner, bank, fields, decision)
            assert_stopped(owner)
        owner.open(address)
        assert_stopped(owner)


@pytest.mark.row("S3", "S13")
def test_what_is_not_there_for_this_client_sends_nobody_anywhere(world: World, owner: Visitor, banks: tuple[Pusher, ...]) -> None:
    """S13: a request that was pushed by another application, or long ago, would be answered as this one's."""
    for bank in banks:
        request_uri = bank.pushed()
        others = [Pusher.register(world, bank.prefix), Pusher.register(world, STRICT if bank.prefix == CLASSIC else CLASSIC)]
        for wrong in (
            REQUEST_URI,
            request_uri + "x",
            request_uri[:-1],
            REQUEST_URI + "%00",
            *(other.pushed() for other in others),
        ):
            owner.open(bank.address(wrong, redirect_uri=BACK, state="x", prompt="none"))
            assert_stopped(owner)
        owner.open(others[0].address(request_uri))
        assert_stopped(owner)
        owner.open(f"{bank.prefix}/authorize?{urlencode({'client_id': others[1].client_id, 'request_uri': request_uri})}")
        assert_stopped(owner, UNKNOWN)
        owner.open(f"{bank.prefix}/authorize?{urlencode({'request_uri': request_uri})}")
        assert_stopped(owner, UNKNOWN)
        assert owner.open(bank.address(request_uri)).status_code == 200


@pytest.mark.row("S12", "S13")
def test_a_request_is_fetched_from_nowhere(owner: Visitor, banks: tuple[Pusher, ...]) -> None:
    """RFC 9101 section 5.2 lets an application name an address of its request; anybody could look around in our network."""
    with unasked() as uri:
        for bank in banks:
            assert owner.open(bank.address(uri, redirect_uri=BACK, state="x")).status_code in {303, 400}


@pytest.mark.row("S13")
def test_after_nine_minutes_it_is_over(world: World, banks: tuple[Pusher, ...]) -> None:
    """S13: whoever finds it in a history has nothing. Who was still typing, or thinking, is told what to do."""
    for bank in banks:
        visitor, early, late = world.another_visitor(), bank.address(bank.pushed()), bank.address(bank.pushed())
        world.clock.go(timedelta(minutes=8, seconds=59))
        assert visitor.open(early, Accept_Language="nl").status_code == 200
        world.clock.go(timedelta(seconds=1))
        log_in_there(visitor)
        assert_stopped(visitor)
        visitor.open("/")
        assert OWNER_NAME in visitor.page.words
        visitor.open(late)
        assert_stopped(visitor)
        visitor.open(late, Accept_Language="en")
        assert "Go back to the application that sent you here. Start again there." in visitor.page.alert
        thinking = bank.address(bank.pushed())
        visitor.open(thinking)
        world.clock.go(timedelta(minutes=9))
        decide(visitor, bank)
        assert_stopped(visitor)


def decided_at_once(world: World, owner: Visitor, bank: Pusher) -> list[int]:
    """Send one answer from 32 threads, over HTTP, and give the statuses in order."""
    fields = {**owner.page.form(bank.decision).fields, "decision": "allow", "user": NAME}
    cookies = {name: world.cookie(name, owner) for name in ("portal", "form")}
    together = Barrier(32)

    def answer(_: int) -> int:
        http = world.app.test_client()
        for name, value in cookies.items():
            http.set_cookie(name, value)
        together.wait()
        return http.post(bank.decision, data=fields).status_code

    with ThreadPoolExecutor(32) as pool:
        return sorted(pool.map(answer, range(32)))


@pytest.mark.row("S13")
def test_of_thirty_two_decisions_at_once_one_counts(world: World, owner: Visitor, banks: tuple[Pusher, ...]) -> None:
    """S13: one code comes of one request, against the database that production has."""
    for bank in banks:
        bank.open(owner)
        assert decided_at_once(world, owner, bank) == [303, *[400] * 31]


@pytest.mark.row("S26")
def test_beside_it_nothing_counts(owner: Visitor, banks: tuple[Pusher, ...]) -> None:
    """RFC 9126 section 4: who holds the browser would change what the application has asked for; S26: or say it twice."""
    for bank in banks:
        request_uri = bank.pushed(prompt="none")
        wrong = {
            "redirect_uri": "https://evil.example/",
            "state": "evil",
            "response_type": "token",
            "scope": "all",
            "request": "x",
        }
        told = answer_of(owner.open(bank.address(request_uri, **wrong)))
        assert (told["error"], told["state"], told["iss"]) == ("consent_required", STATE, bank.issuer)
        assert answer_of(owner.open(bank.address(request_uri, prompt="login", lang="nl")))["error"] == "consent_required"
        told = answer_of(owner.open(bank.address(request_uri) + "&state=a&state=b"))
        assert (told["error"], told["state"]) == ("invalid_request", STATE)
        owner.open(bank.address(request_uri) + f"&{urlencode({'request_uri': request_uri})}")
        assert_stopped(owner, UNKNOWN)


# -- what is refused at once -------------------------------------------------------------------------------------------


WRONG: tuple[tuple[dict[str, str | None], str], ...] = (
    ({"redirect_uri": None}, "invalid_request"),
    ({"redirect_uri": ""}, "invalid_request"),
    ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
    ({"redirect_uri": BACK + "&"}, "invalid_request"),
    ({"redirect_uri": "http://app.example/back?from=here"}, "invalid_request"),
    ({"request_uri": f"{REQUEST_URI}x"}, "invalid_request"),
    ({"request_uri": "https://evil.example/"}, "invalid_request"),
    ({"response_type": None}, "invalid_request"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"scope": "nothing:here"}, "invalid_scope"),
    ({"resource": "https://evil.example/"}, "invalid_target"),
    ({"code_challenge": CHALLENGE + "="}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "id_token"}, "unsupported_response_type"),
    ({"response_type": "code token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
)


@pytest.mark.row("S1", "S3", "S7", "S10", "S12", "S33", "S38")
def test_what_is_wrong_is_told_at_once(banks: tuple[Pusher, ...]) -> None:
    """S12: a developer learns it here, and no owner on a page; S10: a response type that puts tokens into an address is none."""
    for bank in banks:
        for changes, error in WRONG:
            answer = bank.push(**changes)
            told: Any = answer.get_json()
            assert (answer.status_code, told["error"]) == (400, error), changes
            assert answer.headers["Cache-Control"] == "no-store"
            assert "evil" not in answer.text


@pytest.mark.row("S1")
def test_of_a_loopback_address_any_port_may_be_pushed(world: World) -> None:
    """S1: a program on an owner's machine takes whatever port is free; nothing else may differ, at either issuer."""
    for prefix in (CLASSIC, STRICT):
        local = Pusher.register(world, prefix, back="http://127.0.0.1/back")
        assert local.push(redirect_uri="http://127.0.0.1:49152/back").status_code == 201
        for other in ("http://127.0.0.1:49152/other", "http://localhost:49152/back", "http://127.0.0.2/back"):
            assert local.push(redirect_uri=other).status_code == 400


@pytest.mark.row("S12", "S25")
def test_who_can_not_prove_who_they_are_pushes_nothing(world: World, banks: tuple[Pusher, ...]) -> None:
    """S12: anybody could have an owner asked in the name of a bank, with a request that looks as if it came from there."""
    for bank in banks:
        other = Pusher.register(world, STRICT if bank.prefix == CLASSIC else CLASSIC)
        for proof in ({}, {"client_id": bank.client_id}, {"client_id": bank.client_id, "client_secret": "x"}, other.proof()):
            answer = bank.post({"response_type": "code", "redirect_uri": BACK, "request_uri": "x", **proof})
            told: Any = answer.get_json()
            assert (answer.status_code, told["error"]) == (401, "invalid_client"), proof
        assert bank.push(client_id=other.client_id).status_code in (400, 401)
        assert bank.push(client_secret="x", client_assertion="y").status_code == 400
        assert [bank.world.app.test_client().get(f"{bank.prefix}/par").status_code] == [405]


@pytest.mark.row("S7", "S10", "S11")
def test_the_strict_issuer_takes_nothing_from_a_browser(world: World, owner: Visitor) -> None:
    """S11: who holds the browser could ask in the name of a bank. The application alone is told what it has left out."""
    bank = Pusher.register(world, STRICT)
    told = answer_of(owner.open(f"/fapi/authorize?{bank.application.query()}"))
    assert (told["error"], told["state"], told["iss"]) == ("invalid_request", STATE, bank.issuer)
    assert "pushed" in told["error_description"]
    assert answer_of(owner.open(f"/fapi/authorize?{bank.application.query(request='x.y.z')}"))["error"] == "invalid_request"
    unpushed: tuple[dict[str, str | None], ...] = ({"redirect_uri": None}, {"redirect_uri": "https://evil.example/"})
    for changes in unpushed:
        owner.open(f"/fapi/authorize?{bank.application.query(**changes)}")
        assert_stopped(owner, UNKNOWN)
    # Each of the others has the same rules behind the push; without a challenge nobody gets so far.
    told_at_once: Any = bank.push(code_challenge=None, code_challenge_method=None).get_json()
    assert told_at_once["error"] == "invalid_request"


@pytest.mark.row("S11")
def test_a_kind_of_application_can_be_held_to_it_too(new_world: NewWorld) -> None:
    """S11: who holds the browser leaves a signature out, or the push, and asks for whatever they like."""
    world = new_world(connectors={"vendor_api": {"pushed_requests": "required"}})
    bank, visitor = Pusher.register(world, CLASSIC), world.another_visitor()
    told = answer_of(visitor.open(f"/oauth/authorize?{bank.application.query()}"))
    assert (told["error"], told["state"]) == ("invalid_request", STATE)
    assert bank.open(visitor).status_code == 200


@pytest.mark.row("S44")
def test_what_is_advertised_of_it_works(world: World, owner: Visitor, banks: tuple[Pusher, ...]) -> None:
    """S44: a program that believes the metadata would be refused for it."""
    for bank in banks:
        path = "" if bank.prefix == CLASSIC else bank.prefix
        metadata: Any = owner.http.get(f"{path}/.well-known/openid-configuration").get_json()
        assert metadata["pushed_authorization_request_endpoint"] == f"{world.origin}{bank.prefix}/par"
        for name, parameter in (
            ("response_types_supported", "response_type"),
            ("response_modes_supported", "response_mode"),
            ("code_challenge_methods_supported", "code_challenge_method"),
        ):
            for value in metadata[name]:
                assert bank.push(**{parameter: value}).status_code == 201, value
        address = metadata["authorization_endpoint"].removeprefix(world.origin)
        query = urlencode({"client_id": bank.client_id, "request_uri": bank.pushed(prompt="none")})
        told = answer_of(owner.open(f"{address}?{query}"))
        assert told["error"] == "consent_required"
        assert (told["iss"] == metadata["issuer"]) is metadata["authorization_response_iss_parameter_supported"]
        alone = owner.open(f"{address}?{bank.application.query()}").status_code
        assert (alone != 200) is metadata["require_pushed_authorization_requests"] is (bank.prefix == STRICT)
        assert metadata["request_uri_parameter_supported"] is False
        for language in metadata["ui_locales_supported"]:
            assert bank.open(owner, ui_locales=language).headers["Content-Language"] == language


def test_who_was_switched_off_since_gets_nothing(world: World, owner: Visitor, banks: tuple[Pusher, ...]) -> None:
    """An application that an operator has shut out would be let in by who it had sent on the way."""
    for bank in banks:
        request_uri = bank.pushed()
        world.clients.disable(bank.client_id, "operator:test")
        owner.open(bank.address(request_uri))
        assert_stopped(owner, UNKNOWN)


@pytest.mark.row("S34")
def test_the_database_holds_its_digest_only(new_world: NewWorld, tmp_path: Path) -> None:
    """S34: whoever reads a backup can't have an owner asked in another's name; nor while the request waits for a login."""
    world = new_world(service={"state": str(tmp_path)})
    secrets = []
    for prefix in (CLASSIC, STRICT):
        bank, visitor = Pusher.register(world, prefix), world.another_visitor()
        request_uri = bank.pushed()
        visitor.open(bank.address(request_uri))
        log_in_there(visitor)
        secrets.append(request_uri.removeprefix(REQUEST_URI).encode())
    with closing(world.store):
        pass
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.name.startswith("idp.db"))
    assert CHALLENGE.encode() in content
    assert [secret for secret in secrets if secret in content] == []
