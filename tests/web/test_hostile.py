"""Whatever is sent to a page, a page comes back (S47)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.world import FULL_NAME

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.web.page import Visitor
    from tests.web.world import NewWorld, World

FORM = "application/x-www-form-urlencoded"
FOR_PROGRAMS = re.compile(r"token_|metadata_|captcha|health")
"""Names of the blueprints that answer programs; whatever else there is, or comes, answers people."""

BY_APPLICATIONS = ("/authorize", "/end_session")
"""What ends so takes a form of any application's (RFC 6749 section 3.1, OpenID Connect RP-Initiated Logout section 2)."""

MANY = "1000000 per minute"
NAMES = (
    "*)(uid=*",
    "\\2a",
    "U4BBGA0008\x1f@u4bsw.nl",
    "\uff354BBGA0008@u4bsw.nl",
    "\U0001f600@u4bsw.nl",
    "'\"<script>",
    "{x}%s@u4bsw.nl",
)


def _assert_a_page(answer: TestResponse) -> None:
    assert answer.status_code < 500, answer.text
    assert "Traceback" not in answer.text


def addresses(world: World, method: str, *, programs: bool = False) -> list[str]:
    """Give what takes a method, by the URL map: so that what is new is tried too."""
    rules = [rule for rule in world.app.url_map.iter_rules() if method in (rule.methods or ())]
    found = [rule.rule for rule in rules if bool(FOR_PROGRAMS.match(rule.endpoint)) is programs]
    return [path.replace("<release>", "221").replace("<secret>", "never-was") for path in found]


@pytest.fixture
def world(new_world: NewWorld) -> World:
    """A site at which nobody comes too often."""
    return new_world(limits=dict.fromkeys(("authorize_address", "link_address", "login_address", "token_address"), MANY))


@pytest.mark.row("S47", "S26")
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"username=a&username=b", 400),
        (b"username=a%00b&mail=%00&password=%00", 400),
        (b"username=%ff%fe&password=%c3", 400),
        (b"\x00\xff", 400),
        (b"username=" + b"a" * 2**20, 413),
        (b"x=1&" * 5000, 400),
    ],
)
def test_a_malformed_form_gets_a_clear_page(world: World, visitor: Visitor, body: bytes, status: int) -> None:
    """Without it a stranger's rubbish is a traceback, or an hour of somebody's night."""
    paths = addresses(world, "POST")
    assert {"/login", "/device", "/fapi/authorize/decision", "/oauth/end_session", "/V221/OAuth/Authorize"} <= set(paths)
    for path in paths:
        answer = visitor.http.post(path, data=body, content_type=FORM)
        if path == "/not-me/never-was":  # of a form without fields nothing is read
            assert answer.status_code == 410
        elif path.lower().endswith(BY_APPLICATIONS) and answer.status_code == 303:
            assert re.match(r"/(oauth|fapi)/authorize\?", answer.location), path
        else:
            assert answer.status_code == (400 if path.lower().endswith(BY_APPLICATIONS) else status), path
            assert 'role="alert"' in answer.text, path
            assert "Naar je portaal" in answer.text, path  # a way on


@pytest.mark.row("S47")
@pytest.mark.parametrize("name", NAMES)
def test_strange_names_are_names_that_do_not_exist(world: World, visitor: Visitor, name: str) -> None:
    """LDAP's and HTML's own characters must reach neither; the page shows them as they were typed."""
    typed = name if "@" in name else f"{name}@u4bsw.nl"
    world.identify(visitor, typed)
    answer = visitor.submit("/reset/verify", {"username": typed})
    assert (answer.status_code, answer.location) == (303, "/reset/sent")
    assert world.mails() == []


@pytest.mark.row("S47")
def test_what_was_typed_is_text_on_the_page(visitor: Visitor) -> None:
    """Without it a link to our own form runs a script in it."""
    visitor.open("/reset")
    visitor.submit("/reset", {"username": '"><script>alert(1)</script>', "altcha": "x"})
    assert "<script>alert" not in visitor.last_text
    assert visitor.page.form("/reset").fields["username"] == '"><script>alert(1)</script>'


@pytest.mark.row("S47")
@pytest.mark.parametrize("path", ["/reset?ticket=a&ticket=b", "/reset?ticket=%00", "/reset?ticket=%ff"])
def test_a_malformed_query_gets_a_clear_page(visitor: Visitor, path: str) -> None:
    """As with forms."""
    assert visitor.open(path).status_code == 400
    assert visitor.page.alert == "Dit verzoek klopt niet. Ga terug en probeer het opnieuw."


@pytest.mark.row("S47")
@pytest.mark.parametrize("path", ["/reset/password/", "/not-me/", "/login/password/"])
@pytest.mark.parametrize("secret", ["%00", "%ff", "a" * 4000, "%F0%9F%98%80", "..%2f..", "*)(uid=*"])
def test_a_strange_secret_is_a_dead_link(visitor: Visitor, path: str, secret: str) -> None:
    """A link that a mail program has mangled must end in a page that says so."""
    assert visitor.open(path + secret).status_code in (404, 410)


@pytest.mark.row("S3", "S47")
@pytest.mark.parametrize("name", ["client_id", "request_uri", "id_token_hint", "ticket", "request", "lang"])
def test_no_address_of_ours_leads_elsewhere(world: World, visitor: Visitor, name: str) -> None:
    """S3: whatever stands behind our address, and the trust in it, nobody lands on a thief's page."""
    evil = "https://evil.example/"
    query = urlencode({"redirect_uri": evil, "post_logout_redirect_uri": evil, "next": evil, "state": evil, name: f"//{evil}"})
    for path in [*addresses(world, "GET"), *addresses(world, "GET", programs=True)]:
        answer = visitor.open(f"{path}?{query}")
        _assert_a_page(answer)
        assert re.match("/(?!/)", answer.headers.get("Location", "/")), path
        assert 'href="https://evil' not in answer.text, path


@pytest.mark.row("S47")
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "BREW"])
def test_another_method_gets_an_answer(world: World, visitor: Visitor, method: str) -> None:
    """405 names what may be done."""
    for path in [*addresses(world, "POST"), *addresses(world, "GET"), *addresses(world, "GET", programs=True), "/no-such-page"]:
        answer = visitor.http.open(path, method=method)
        _assert_a_page(answer)
        assert answer.status_code != 405 or answer.headers["Allow"], path


@pytest.mark.row("S47")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data(), body=st.binary(max_size=300), cookie=st.text(max_size=60))
def test_no_body_and_no_cookie_gets_a_traceback(
    world: World, visitor: Visitor, data: st.DataObject, body: bytes, cookie: str
) -> None:
    """Whatever comes in, the answer is a page."""
    path = data.draw(st.sampled_from(addresses(world, "POST") + addresses(world, "POST", programs=True)))
    value = cookie.encode("utf-8", "replace").decode("latin-1")
    header = "; ".join(f"{name}={value}" for name in ("portal", "ticket", "step", "device", "form", "language"))
    answer = visitor.http.post(path, data=body, content_type=FORM, environ_overrides={"HTTP_COOKIE": header})
    _assert_a_page(answer)
    _assert_a_page(visitor.http.get("/reset/verify", environ_overrides={"HTTP_COOKIE": header}))


@pytest.mark.row("S47")
@pytest.mark.parametrize("path", ["/oauth/no-such-endpoint", "/captcha/no-such", "/healthz"])
def test_programs_get_their_errors_as_json(visitor: Visitor, path: str) -> None:
    """A program that gets a page of HTML logs a riddle."""
    answer = visitor.http.delete(path)
    assert answer.status_code in (404, 405)
    assert answer.get_json()["error"] == "invalid_request"


@pytest.mark.row("S47", "R29")
def test_while_the_directory_is_away_a_page_says_so(world: World, owner: Visitor) -> None:
    """Nothing was changed, when to come back, whom to call; and it comes back by itself."""
    world.directory.away = True
    answer = owner.open("/")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert owner.page.alert == "Het lukt nu even niet. Er is niets gewijzigd. Probeer het over een paar minuten opnieuw."
    assert "Customer Support: 088" in owner.page.words
    world.directory.away = False
    assert owner.open("/").status_code == 200


@pytest.mark.row("R15")
def test_a_reset_is_asked_while_the_directory_is_away(world: World, visitor: Visitor) -> None:
    """Without a ticket nothing is looked up: the request is taken, and the mail waits."""
    world.directory.away = True
    world.identify(visitor, FULL_NAME)
    assert visitor.submit("/reset/verify", {"username": FULL_NAME}).status_code == 303
    assert world.mails() == []
    world.directory.away = False
    world.clock.go(world.first_pause)
    assert len(world.mails()) == 1
