"""Whatever is sent to a page, a page comes back (S47)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.world import FULL_NAME

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.web.page import Visitor
    from tests.web.world import World

FORM = "application/x-www-form-urlencoded"
POSTS = (
    "/login",
    "/login/forgot",
    "/logout",
    "/oauth/authorize/decision",
    "/portal/ticket",
    "/reset",
    "/reset/verify",
    "/reset/password/never-was",
    "/login/password/never-was",
)
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


@pytest.mark.row("S47", "S26")
@pytest.mark.parametrize("path", POSTS)
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
def test_a_malformed_form_gets_a_clear_page(visitor: Visitor, path: str, body: bytes, status: int) -> None:
    """Without it a stranger's rubbish is a traceback, or an hour of somebody's night."""
    answer = visitor.http.post(path, data=body, content_type=FORM)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert "Naar je portaal" in answer.text  # a way on


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


@pytest.mark.row("S47")
@pytest.mark.parametrize("path", [*POSTS, "/reset/sent", "/captcha/challenge", "/no-such-page"])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "BREW"])
def test_another_method_gets_an_answer(visitor: Visitor, path: str, method: str) -> None:
    """405 names what may be done."""
    answer = visitor.http.open(path, method=method)
    _assert_a_page(answer)
    assert answer.status_code != 405 or answer.headers["Allow"]


@pytest.mark.row("S47")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(path=st.sampled_from(POSTS), body=st.binary(max_size=300), cookie=st.text(max_size=60))
def test_no_body_and_no_cookie_gets_a_traceback(visitor: Visitor, path: str, body: bytes, cookie: str) -> None:
    """Whatever comes in, the answer is a page."""
    value = cookie.encode("utf-8", "replace").decode("latin-1")
    header = "; ".join(f"{name}={value}" for name in ("portal", "ticket", "step", "form", "language"))
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
