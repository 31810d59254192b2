"""An application signs what it asks, and may send it so by its owner's browser (RFC 9101, RFC 9126 section 3; S24)."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.client_signers import Signer, asserted
from tests.web.authorizing import BACK, VERIFIER, answer_of, log_in_there
from tests.web.pushing import CLASSIC, STRICT, Pusher
from tests.web.test_pushed_requests import STATE, UNKNOWN, assert_stopped, decide, decide_again
from tests.web.world import OWNER_MAIL

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.web.page import Visitor
    from tests.web.world import NewWorld, World

HOUR = 3600
SIGNING = {"vendor_api": {"client_auth_methods": ("private_key_jwt", "client_secret_post")}}
"""What the configuration says of applications at the classic issuer, some of which have keys."""

EVIL = {"redirect_uri": "https://evil.example/", "state": "evil", "response_type": "token", "scope": "all", "prompt": "never"}


@pytest.fixture
def world(new_world: NewWorld) -> World:
    """A site at which nobody comes too often, and applications have keys."""
    many = dict.fromkeys(("authorize_address", "token_address", "token_client"), "1000000 per minute")
    return new_world(limits=many, connectors=SIGNING)


@pytest.fixture
def banks(world: World) -> tuple[Pusher, ...]:
    """An application of each issuer that signs its requests."""
    return Pusher.register(world, CLASSIC, Signer()), Pusher.register(world, STRICT)


def address(bank: Pusher, signed: str, **more: str) -> str:
    """Give the address by which a signed request goes through the browser."""
    return f"{bank.prefix}/authorize?" + urlencode({"client_id": bank.client_id, "request": signed, **more})


def push(bank: Pusher, signed: str, **more: str) -> TestResponse:
    """Have an application push what it has signed."""
    return bank.post({"request": signed, **bank.proof(), **more})


def told(answer: TestResponse) -> tuple[int, str]:
    """Read a refusal."""
    said: Any = answer.get_json()
    return answer.status_code, said.get("error", "")


# -- what is signed counts, and nothing else ---------------------------------------------------------------------------


@pytest.mark.row("S24")
def test_a_signed_request_goes_through_the_browser_unchanged(world: World, visitor: Visitor, banks: tuple[Pusher, ...]) -> None:
    """S24: who holds the browser would change what is asked; and an owner who types slowly would be too late for its end."""
    bank = banks[0]
    assert visitor.open(address(bank, bank.signed(), **EVIL)).status_code == 200
    assert "Bank <App> vraagt toegang" in visitor.page.words
    world.clock.go(timedelta(minutes=5))
    assert visitor.submit("/login", {"mail": OWNER_MAIL, "password": "anna logt in met een zin"}).status_code == 303
    assert visitor.last is not None
    assert {name for name, _ in parse_qsl(urlsplit(visitor.last.location).query)} == {"client_id", "request_uri"}
    visitor.follow()
    fields = visitor.page.form(bank.decision).fields
    answer = answer_of(decide(visitor, bank))
    assert (answer["state"], answer["iss"]) == (STATE, bank.issuer)
    form = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": BACK, "code_verifier": VERIFIER}
    assert bank.post({**form, **bank.proof()}, "/token").status_code == 200
    decide_again(visitor, bank, fields)
    assert_stopped(visitor)


@pytest.mark.row("S12", "S24")
def test_a_signed_request_is_pushed_at_either_issuer(owner: Visitor, banks: tuple[Pusher, ...]) -> None:
    """S24: what is signed could be replaced by what stands beside it."""
    for bank in banks:
        answer = push(bank, bank.signed({"prompt": "none"}), **EVIL)
        said: Any = answer.get_json()
        assert answer.status_code == 201, answer.text
        back = answer_of(owner.open(bank.address(said["request_uri"])))
        assert (back["error"], back["state"]) == ("consent_required", STATE)
        for missing in ("redirect_uri", "response_type", "code_challenge_method"):
            assert told(push(bank, bank.signed({missing: None}), **{missing: "code"})) == (400, "invalid_request"), missing
        assert told(push(bank, bank.signed({"redirect_uri": "https://evil.example/"}))) == (400, "invalid_request")
        assert told(push(bank, bank.signed(), request_uri="x")) == (400, "invalid_request")


@pytest.mark.row("S12", "S24")
def test_what_is_too_long_is_not_kept(owner: Visitor, banks: tuple[Pusher, ...]) -> None:
    """S12: whoever may ask could fill the database, a body at a time."""
    long = "nl " * 1400
    for bank in banks:
        assert told(bank.push(ui_locales=long)) == (400, "invalid_request")
        assert told(push(bank, bank.signed({"ui_locales": long}))) == (400, "invalid_request")
    back = answer_of(owner.open(address(banks[0], banks[0].signed({"ui_locales": long}))))
    assert (back["error"], back["state"]) == ("invalid_request", STATE)


def test_what_forms_can_not_say_is_said_in_json(owner: Visitor, banks: tuple[Pusher, ...]) -> None:
    """RFC 9101 section 4: numbers, and objects; what a library writes of itself would be refused."""
    more = {"max_age": 3600, "claims": {"id_token": {"administratie": None}}, "resource": ["https://api.boekhoudgemak.nl/"] * 2}
    for bank in banks:
        assert push(bank, bank.signed({**more, "unknown": [None, True], "audience": ["a", "b"]})).status_code == 201
        assert told(push(bank, bank.signed({"max_age": "soon"}))) == (400, "invalid_request")
        assert told(push(bank, bank.signed({"prompt": ["none"]}))) == (400, "invalid_request")
        assert told(push(bank, bank.signed({"resource": ["https://evil.example/"]}))) == (400, "invalid_target")
    signed = banks[0].signed({"max_age": 0})
    owner.open(address(banks[0], signed))
    log_in_there(owner)
    assert "code" in answer_of(decide(owner, banks[0]))


@pytest.mark.row("S11", "S24")
def test_the_strict_issuer_takes_it_pushed_only(owner: Visitor, banks: tuple[Pusher, ...]) -> None:
    """S11: a signature hides nothing from the browser."""
    bank = banks[1]
    owner.open(address(bank, bank.signed()))
    assert_stopped(owner, UNKNOWN)
    assert answer_of(owner.open(f"/fapi/authorize?{bank.application.query(request=bank.signed())}"))["error"] == "invalid_request"


# -- what is refused ---------------------------------------------------------------------------------------------------


WRONG: tuple[dict[str, object], ...] = (
    {"iss": None},
    {"iss": "somebody else"},
    {"client_id": None},
    {"client_id": "somebody else"},
    {"client_id": ["x"]},
    {"aud": None},
    {"aud": "https://evil.example"},
    {"aud": []},
    {"aud": {}},
    {"exp": None},
    {"exp": "soon"},
    {"exp": True},
    {"nbf": None},
    {"nbf": "now"},
    {"sub": "x"},
    {"request": "x"},
    {"request_uri": "https://evil.example/"},
    {"state": "a\x00b"},
    {"state\n": "x"},
    {"state": "\ud800"},
    {"resource": ["https://api.boekhoudgemak.nl/"] * 65},
)
HEADERS: tuple[dict[str, object], ...] = (
    {"typ": "dpop+jwt"},
    {"typ": "client-authentication+jwt"},
    {"kid": "another"},
    {"jku": "https://evil.example/"},
    {"x5c": []},
    {"crit": ["alg"]},
    {"jwk": Signer().public},
)


def by_the_clock(bank: Pusher) -> list[dict[str, object]]:
    """What is wrong with its times or its audience: just so much that it is."""
    now = int(bank.world.clock.now().timestamp())
    return [
        {"exp": now},
        {"exp": now + HOUR + 1},
        {"exp": 10**400},
        {"nbf": now + 60, "exp": now + 90},
        {"nbf": now + 60, "exp": now + 90, "iat": now},
        {"nbf": now - HOUR - 1, "exp": now + 1},
        {"nbf": now - HOUR, "exp": now + 1},
        {"nbf": -(10**400)},
        {"iat": now + 60},
        {"iat": "now"},
        {"aud": [bank.issuer, "https://another.example"]},
        {"aud": f"{bank.issuer}{bank.prefix}/par"},
        {"aud": f"{bank.issuer}/"},
    ]


def forged(bank: Pusher) -> list[str]:
    """Objects that this application has not signed, or not with what is allowed."""
    payload = bank.signed().split(".")[1]

    def unsigned(**header: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=") + "." + payload

    signed = bank.signed()
    return [
        unsigned(alg="none") + ".",
        unsigned(alg="none") + ".x",
        unsigned(alg="HS256", kid="a key") + ".x",
        bank.signed(signer=Signer(which="a thief's")),
        bank.signed(signer=Signer("EdDSA")),
        signed[:-4] + "AAAA",
        signed + "=",
        signed + ".x",
        "x" * 9000,
        "\u00e9.\u00e9.\u00e9",
        "...",
        "e30.e30.x",
        "eyJhbGciOiJFUzI1NiJ9.W10.x",
        asserted_by(bank),
    ]


def asserted_by(bank: Pusher) -> str:
    """What the same application signs to say who it is, with all that a request has."""
    assert bank.signer is not None
    now = int(bank.world.clock.now().timestamp())
    claims = {"iss": bank.client_id, "sub": bank.client_id, "aud": bank.issuer, "jti": "j", "nbf": now, "exp": now + 60}
    return bank.signer.sign({**dict(parse_qsl(bank.application.query())), **claims})


@pytest.mark.row("S21", "S22", "S23", "S24", "S47")
def test_what_is_not_signed_for_this_here_and_now_is_nothing(visitor: Visitor, banks: tuple[Pusher, ...]) -> None:
    """S24: an old request, another's, or one for another issuer would be put before an owner as this application's."""
    for bank in banks:
        objects = [bank.signed(changes) for changes in (*WRONG, *by_the_clock(bank))]
        objects += [bank.signed(header=header) for header in HEADERS] + forged(bank)
        for signed in objects:
            answer = push(bank, signed)
            assert told(answer) == (400, "invalid_request_object"), signed
            assert "evil" not in answer.text
        if bank.prefix == STRICT:
            continue
        for signed in objects[::8]:
            visitor.open(address(bank, signed, redirect_uri=BACK, state="x"))
            assert_stopped(visitor, UNKNOWN)


@pytest.mark.row("S21", "S24")
def test_what_is_just_right_is_taken(world: World, banks: tuple[Pusher, ...]) -> None:
    """S24: what libraries in use write would be refused."""
    for bank in banks:
        now = int(world.clock.now().timestamp())
        right: tuple[dict[str, object], ...] = (
            {"aud": [bank.issuer]},
            {"exp": now + HOUR},
            {"nbf": now - HOUR + 60},
            {"nbf": now + 10, "iat": now + 10},
            {"nbf": now - 0.5, "jti": "x", "iat": now},
        )
        for changes in right:
            assert push(bank, bank.signed(changes)).status_code == 201, changes
        headers: tuple[dict[str, object], ...] = ({"typ": None}, {"typ": "JWT"}, {"kid": None}, {"other": 1})
        for header in headers:
            assert push(bank, bank.signed(header=header)).status_code == 201, header


@pytest.mark.row("S24")
def test_a_request_proves_nobody(banks: tuple[Pusher, ...]) -> None:
    """RFC 9101 section 10.8: a request lies open in the browser; whoever copied it there would be let in as the application."""
    for bank in banks:
        headers: tuple[dict[str, object], ...] = ({}, {"typ": None}, {"typ": "JWT"})
        for header in headers:
            signed = bank.signed({"jti": "j"}, header=header)
            assert told(bank.post({"request": signed, **asserted(signed)})) == (401, "invalid_client")
        in_disguise = bank.signed({"sub": bank.client_id, "jti": "j"})
        assert told(bank.post({"request": bank.signed(), **asserted(in_disguise)})) == (401, "invalid_client")


@pytest.mark.row("S24")
def test_another_applications_signature_is_none(world: World, banks: tuple[Pusher, ...]) -> None:
    """S24: one bank would ask in the name of another, with a key that is known here."""
    for bank in banks:
        other = Pusher.register(world, bank.prefix, Signer(which="another bank's"))
        assert told(push(bank, other.signed())) == (400, "invalid_request_object")
        assert told(push(bank, bank.signed(signer=other.signer))) == (400, "invalid_request_object")
        assert push(other, other.signed()).status_code == 201


# -- what is advertised ------------------------------------------------------------------------------------------------


@pytest.mark.row("S22", "S44")
def test_each_advertised_algorithm_works(world: World, owner: Visitor) -> None:
    """S44: a program that believes the metadata would be refused; S22: RS256 is none of the strict issuer's."""
    for prefix, path in ((CLASSIC, ""), (STRICT, STRICT)):
        metadata: Any = owner.http.get(f"{path}/.well-known/openid-configuration").get_json()
        assert metadata["request_parameter_supported"] is True
        assert metadata["request_uri_parameter_supported"] is False
        advertised = metadata["request_object_signing_alg_values_supported"]
        assert ("RS256" in advertised) is (prefix == CLASSIC)
        for alg in advertised:
            bank = Pusher.register(world, prefix, Signer(alg))
            assert push(bank, bank.signed()).status_code == 201, alg
    weak = Pusher.register(world, STRICT, Signer("PS256"))
    assert told(push(weak, weak.signed(signer=Signer("RS256"), header={"alg": "RS256"}))) == (400, "invalid_request_object")


@pytest.mark.row("S44")
def test_where_nobody_has_keys_it_is_not_advertised(new_world: NewWorld) -> None:
    """S44: an application would sign for nothing. One that has no keys is told so by the RFC's name."""
    world = new_world()
    metadata: Any = world.app.test_client().get("/.well-known/openid-configuration").get_json()
    assert metadata["request_parameter_supported"] is False
    assert "request_object_signing_alg_values_supported" not in metadata
    bank = Pusher.register(world, CLASSIC)
    assert told(bank.push(request=bank.signed(signer=Signer()))) == (400, "request_not_supported")
    visitor = world.another_visitor()
    world.log_in(visitor)
    plain = f"/oauth/authorize?{bank.application.query(request=bank.signed(signer=Signer()))}"
    assert answer_of(visitor.open(plain))["error"] == "request_not_supported"
