"""Which requests an owner is ever asked about, and what an application is told of the others (S1-S9, S26)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.web.authorizing import BACK, CHALLENGE, PATH, Application, answer_of
from tests.web.world import NAME, SECOND_NAME

if TYPE_CHECKING:
    from tests.web.page import Visitor
    from tests.web.world import NewWorld, World

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def application(world: World) -> Application:
    """An application that asks."""
    return Application.register(world)


# -- nobody is sent anywhere -------------------------------------------------------------------------------------------


UNTRUSTED: tuple[dict[str, str | None], ...] = (
    {"client_id": "nobody"},
    {"client_id": None},
    {"client_id": "' OR 1=1 --"},
    {"redirect_uri": None},
    {"redirect_uri": "https://evil.example/"},
    {"redirect_uri": "http://app.example/back?from=here"},
    {"redirect_uri": BACK + "&"},
    {"redirect_uri": "https://app.example/back"},
    {"redirect_uri": "https://APP.example/back?from=here"},
    {"redirect_uri": "https://app.example:443/back?from=here"},
    {"redirect_uri": "//app.example/back?from=here"},
    {"redirect_uri": "javascript:alert(1)"},
)


@pytest.mark.row("S1", "S2", "S3")
def test_before_client_and_address_are_known_nobody_is_sent_anywhere(visitor: Visitor, application: Application) -> None:
    """S3: our address would lead people to a thief's page. They are told what is the matter, and by which number to ask."""
    for changes in UNTRUSTED:
        answer = visitor.open(application.address(prompt="none", **changes))
        assert answer.status_code == 400, changes
        assert "Location" not in answer.headers
        assert "Daarom stopt het hier. Meld het bij die toepassing." in visitor.page.alert
        assert f"Noem dan dit nummer: {answer.headers['X-Request-ID']}" in visitor.page.words
        assert "evil" not in answer.text
    english = visitor.open(application.address(**UNTRUSTED[0]), Accept_Language="en")
    assert english.headers["Content-Language"] == "en"
    assert "So it stops here." in visitor.page.alert


@pytest.mark.row("S3", "S26")
def test_an_address_or_a_client_that_comes_twice_is_not_known(visitor: Visitor, application: Application) -> None:
    """S26: one part of us would look at the first, another at the last."""
    for name, value in (("client_id", application.client_id), ("redirect_uri", BACK)):
        answer = visitor.open(f"{application.address()}&{urlencode({name: value})}")
        assert answer.status_code == 400
        assert "Location" not in answer.headers


@pytest.mark.row("S3")
def test_a_disabled_client_asks_nobody(world: World, visitor: Visitor, application: Application) -> None:
    """S3: an application that was switched off would still send people about."""
    world.clients.disable(application.client_id, "operator:test")
    assert visitor.open(application.address()).status_code == 400


@pytest.mark.row("S1")
def test_of_a_loopback_address_any_port_is_right(world: World, owner: Visitor) -> None:
    """S1: a program on an owner's machine takes whatever port is free; nothing else may differ."""
    local = Application.register(world, "http://127.0.0.1/back")
    back = "http://127.0.0.1:49152/back"
    assert answer_of(owner.open(local.address(redirect_uri=back, prompt="none")), back)["error"] == "consent_required"
    for other in ("http://127.0.0.1:49152/other", "http://localhost:49152/back", "http://127.0.0.2/back"):
        assert owner.open(local.address(redirect_uri=other)).status_code == 400


@pytest.mark.row("S47")
def test_whatever_is_asked_a_page_comes_back(visitor: Visitor) -> None:
    """S47: no 500, for nothing that a stranger can type."""
    for query in ("", "%ff", "client_id=%ff", "client_id=a%00b", "a=b&" * 100, "client_id=" + "x" * 10_000):
        answer = visitor.open(f"{PATH}?{query}")
        assert answer.status_code == 400, query
        assert "Location" not in answer.headers
        assert visitor.page.alert


# -- what the application is told --------------------------------------------------------------------------------------


WRONG: tuple[tuple[dict[str, str | None], str], ...] = (
    ({"response_type": None}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"response_mode": "query fragment"}, "invalid_request"),
    ({"scope": "openid profile"}, "invalid_scope"),
    ({"scope": "administratie:read"}, "invalid_scope"),
    ({"resource": "https://evil.example/"}, "invalid_target"),
    ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
    ({"request_uri": "https://evil.example/"}, "request_uri_not_supported"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"code_challenge": None}, "invalid_request"),
    ({"code_challenge": CHALLENGE + "="}, "invalid_request"),
    ({"prompt": "never"}, "invalid_request"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"max_age": "-1"}, "invalid_request"),
    ({"max_age": "1.5"}, "invalid_request"),
    ({"max_age": "\u0663"}, "invalid_request"),
    ({"max_age": "9" * 11}, "invalid_request"),
    ({"id_token_hint": "eyJhbGciOiJub25lIn0.e30."}, "invalid_request"),
    ({"claims": "[]"}, "invalid_request"),
    ({"claims": '{"id_token": {"sub": {}}, "id_token": {}}'}, "invalid_request"),
    ({"claims": '{"id_token": []}'}, "invalid_request"),
    ({"claims": '{"id_token": {"acr": "1"}}'}, "invalid_request"),
    ({"claims": '{"userinfo": {"sub": {"essential": "yes"}}}'}, "invalid_request"),
    ({"claims": '{"userinfo": {"sub": {"values": "a"}}}'}, "invalid_request"),
    ({"claims": '{"id_token": {"acr": {"essential": true, "value": "1"}}}'}, "unmet_authentication_requirements"),
    ({"claims": '{"id_token": {"acr": {"essential": true, "values": ["1", 2]}}}'}, "unmet_authentication_requirements"),
)


@pytest.mark.row("S7", "S9")
def test_what_is_wrong_with_a_request_goes_back_with_state_and_issuer(
    world: World, owner: Visitor, application: Application
) -> None:
    """S9: an application that works with several issuers could be fed one's answer as another's. S7: S256 and nothing else."""
    for changes, error in WRONG:
        told = answer_of(owner.open(application.address(**changes)))
        assert (told["error"], told["state"], told["iss"]) == (error, "of the application & <more>", world.origin), changes
        assert told["error_description"].isascii()
        assert "evil" not in str(told)
        assert set(told) == {"error", "error_description", "state", "iss"}


@pytest.mark.row("S9")
def test_without_a_state_none_is_made_up(owner: Visitor, application: Application) -> None:
    """S9: an application takes an answer with a state that it never gave for a forged one."""
    assert set(answer_of(owner.open(application.address(state=None, prompt="none")))) == {"error", "error_description", "iss"}


@pytest.mark.row("S26")
def test_a_parameter_that_comes_twice_is_refused(owner: Visitor, application: Application) -> None:
    """S26: of two states neither is told, since nobody knows which is the application's own."""
    for more in ("scope=a&scope=b", f"code_challenge={CHALLENGE}", "unknown=1&unknown=2", "state=other", "state="):
        told = answer_of(owner.open(f"{application.address()}&{more}"))
        assert told["error"] == "invalid_request"
        assert ("state" in told) is not more.startswith("state"), more


def test_a_resource_that_comes_twice_is_one(owner: Visitor, application: Application) -> None:
    """RFC 8707 lets it be repeated."""
    api = "&resource=https%3A%2F%2Fapi.boekhoudgemak.nl%2F"
    assert owner.open(application.address() + api * 2).status_code == 200


def test_what_means_nothing_here_is_not_looked_at(owner: Visitor, application: Application) -> None:
    """RFC 6749 section 3.1: a client that sends more than we know works all the same."""
    assert owner.open(application.address(nonce="n", ui_locales="nl", display="page", login_hint="")).status_code == 200


@pytest.mark.row("S7")
def test_without_a_challenge_only_who_may_leave_it_out(new_world: NewWorld) -> None:
    """S7: the vendor's clients send none; of anybody else a code that was caught could be redeemed."""
    for pkce, asked in (("optional", True), ("required", False)):
        world = new_world(connectors={"vendor_api": {"pkce": pkce}})
        visitor = world.another_visitor()
        answer = visitor.open(Application.register(world).address(code_challenge=None, code_challenge_method=None))
        if asked:
            assert answer.status_code == 200
        else:
            assert answer_of(answer)["error"] == "invalid_request"


def test_a_client_without_the_grant_is_told_so(world: World, owner: Visitor) -> None:
    """A client that was set up for passwords leads nobody anywhere."""
    client, _ = world.clients.add("basecone", "Basecone", "operator:test", redirect_uris=(BACK,))
    told = answer_of(owner.open(Application(client.client_id, "", (BACK,)).address()))
    assert told["error"] == "unauthorized_client"


@pytest.mark.row("S44")
def test_every_advertised_value_works(world: World, owner: Visitor, application: Application) -> None:
    """S44: a program that believes the metadata would be refused for it."""
    metadata = json.loads(owner.http.get("/.well-known/openid-configuration").text)
    path = metadata["authorization_endpoint"].removeprefix(world.origin)
    for name, parameter in (("response_types", "response_type"), ("response_modes", "response_mode")):
        for value in metadata[f"{name}_supported"]:
            assert owner.open(f"{path}?{application.query(**{parameter: value})}").status_code == 200
    for method in metadata["code_challenge_methods_supported"]:
        assert owner.open(application.address(code_challenge_method=method)).status_code == 200
    assert metadata["authorization_response_iss_parameter_supported"] is True
    assert answer_of(owner.open(application.address(prompt="none")))["iss"] == metadata["issuer"]
    assert metadata["request_uri_parameter_supported"] is False


# -- prompt ------------------------------------------------------------------------------------------------------------


@pytest.mark.row("S40")
def test_who_may_not_be_asked_is_not(world: World, visitor: Visitor, application: Application) -> None:
    """S40: prompt=none gets an answer at once, and never a code: nothing is remembered."""
    assert answer_of(visitor.open(application.address(prompt="none")))["error"] == "login_required"
    world.log_in(visitor)
    assert answer_of(visitor.open(application.address(prompt="none")))["error"] == "consent_required"
    for name in (NAME, SECOND_NAME):
        world.directory.block(name)
    assert answer_of(visitor.open(application.address(prompt="none")))["error"] == "interaction_required"


@pytest.mark.row("S40")
def test_an_application_can_have_its_owner_log_in_anew(owner: Visitor, application: Application) -> None:
    """S40: whoever sits at an open browser would answer; and the login leads on, once."""
    owner.open(application.address(prompt="login consent"))
    assert owner.page.form("/login").buttons
    owner.submit("/login", {"mail": "anna@example.nl", "password": "anna logt in met een zin"})
    assert owner.follow().status_code == 200
    assert owner.page.form("/oauth/authorize/decision").buttons


# -- other ways in -----------------------------------------------------------------------------------------------------


def test_the_vendors_address_is_the_same(owner: Visitor, application: Application) -> None:
    """Clients of the present API know no other."""
    vendor = application.address().replace(PATH, "/V221/OAuth/Authorize")
    assert owner.open(vendor.replace("V221", "v21")).status_code == 200
    assert owner.open(vendor).status_code == 200
    assert owner.page.form("/oauth/authorize/decision").buttons
    assert owner.open(vendor.replace("V221", "Vx")).status_code == 404
    assert answer_of(owner.open(vendor + "&prompt=none"))["error"] == "consent_required"
    assert owner.http.post("/V221/OAuth/Authorize", data=application.query(), content_type=FORM).location == application.address()


def test_a_request_by_post_comes_again_by_get(owner: Visitor, application: Application) -> None:
    """OpenID Connect Core section 3.1.2.1; a browser brings our cookie with the second only."""
    answer = owner.http.post(PATH, data=application.query(), content_type=FORM)
    assert (answer.status_code, answer.location) == (303, application.address())
    for body, kind in (
        ("x=" + "y" * 5000, FORM),
        (application.query(), "text/plain"),
        (b"\xff", FORM),
        (b"a=%0d%0aSet-Cookie", ""),
    ):
        assert owner.http.post(PATH, data=body, content_type=kind).status_code == 400
    smuggled = owner.http.post(PATH, data="state=a%0d%0aSet-Cookie: b", content_type=FORM)
    assert smuggled.location == f"{PATH}?state=a%0D%0ASet-Cookie%3A+b"
    assert owner.open(smuggled.location).status_code == 400
