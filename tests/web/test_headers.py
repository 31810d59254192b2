"""What every answer carries (S45), and cookies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.web.world import FULL_NAME

if TYPE_CHECKING:
    from tests.web.page import Visitor
    from tests.web.world import NewWorld, World

PATHS = (
    "/login",
    "/login/forgot",
    "/reset",
    "/reset/verify",
    "/reset/sent",
    "/reset/password/never-was",
    "/not-me/never-was",
    "/login/password/never-was",
    "/no-such-page",
    "/logout",
    "/captcha/challenge",
    "/",
    "/portal/couplings",
    "/portal/history/never-was",
    "/portal/check/never-was",
    "/portal/check/never-was/logins",
    "/reset/done",
    "/reset/done/never-was/logins",
    "/device",
    "/device/decision",
    "/fapi/authorize",
    "/fapi/end_session",
    "/healthz",
    "/static/site.css",
)
BESIDE = (
    "/.git/config",
    "/.git/",
    "/.env",
    "/static",
    "/static/",
    "/static/altcha/",
    "/static/../app.py",
    "/static/%2e%2e/app.py",
)


@pytest.mark.row("S45")
@pytest.mark.parametrize("path", PATHS)
def test_every_answer_forbids_what_no_page_needs(visitor: Visitor, path: str) -> None:
    """Without it a script that slipped into a page runs, a frame shows our form as somebody else's, a secret leaks in Referer."""
    headers = visitor.open(path).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert set(policy.values()) == {"'none'", "'self'"}
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.row("S45")
def test_every_answer_says_what_it_is_and_in_which_encoding(visitor: Visitor) -> None:
    """A browser that has to guess takes text for a page, and reads it in an encoding in which our escaping escapes nothing."""
    kinds = {path: visitor.open(path).headers["Content-Type"] for path in (*PATHS, "/oauth/jwks", "/metrics")}
    assert {kinds.pop(path) for path in ("/captcha/challenge", "/healthz", "/oauth/jwks")} == {"application/json"}
    assert kinds.pop("/static/site.css") == "text/css; charset=utf-8"
    assert kinds.pop("/metrics").startswith("text/plain;")
    for path in ("/portal/check/never-was/logins", "/reset/done/never-was/logins"):
        kinds.pop(path)
    assert set(kinds.values()) == {"text/html; charset=utf-8"}


def test_nothing_that_is_sent_is_given_back_by_trace(visitor: Visitor) -> None:
    """A script elsewhere would read what only the browser knows (RFC 9110 section 9.3.8)."""
    for path in PATHS:
        answer = visitor.http.open(path, method="TRACE", headers={"X-Secret": "Sw0rdf1sh"})
        assert answer.status_code in (404, 405), path
        assert "Sw0rdf1sh" not in answer.text


@pytest.mark.parametrize("path", BESIDE)
def test_no_folder_is_shown_and_nothing_beside_our_files(visitor: Visitor, path: str) -> None:
    """The history of the code, or a list of what there is, tells a thief where to begin."""
    assert visitor.open(path).status_code == 404


@pytest.mark.row("S45")
def test_no_page_is_kept_and_our_files_are(visitor: Visitor) -> None:
    """A page with a user's name must not be in the cache of a shared computer; a style sheet may."""
    for path in PATHS[:-1]:
        assert visitor.open(path).headers["Cache-Control"] == "no-store"
    address = re.search(r'href="(/static/site\.css\?v=[^"]+)"', visitor.open("/login").text)
    assert address is not None
    assert "immutable" in visitor.open(address[1]).headers["Cache-Control"]


@pytest.mark.row("S45")
def test_a_file_is_kept_for_good_below_its_own_digest_alone(visitor: Visitor) -> None:
    """Whoever asks an older service for a newer file, or in words of their own, would leave a false one in a cache for a year."""
    for path in ("/static/site.css", "/brand/colours.css", "/brand/logo"):
        for query in ("", "?v=", "?v=0123456789abcdef", "?v=x&v=y", "?x=y"):
            assert visitor.open(path + query).headers["Cache-Control"] in ("no-store", "no-cache"), path + query
    address = re.search(r'"(/brand/colours\.css\?v=[^"]+)"', visitor.open("/login").text)
    assert address is not None
    assert "immutable" in visitor.open(address[1]).headers["Cache-Control"]
    assert "immutable" not in visitor.open(address[1] + "&x=y").headers["Cache-Control"]


@pytest.mark.row("S45")
def test_no_page_has_a_style_or_a_script_of_its_own(visitor: Visitor) -> None:
    """The policy would stop them in the browser, and the page would break."""
    for path in PATHS[:-1]:
        visitor.open(path)
        if not visitor.last_text.startswith("<!doctype html>"):
            continue
        for tag, facts in visitor.page.tags:
            assert tag != "style"
            assert not [name for name in facts if name == "style" or name.startswith("on")]
            assert tag != "script" or facts["src"].startswith("/static/")
            assert not facts.get("src", "/").startswith(("http", "//"))


@pytest.mark.row("S45", "S49")
def test_behind_tls_browsers_are_told_to_stay_there(new_world: NewWorld, visitor: Visitor) -> None:
    """Without HSTS the first request of a visit can be turned to plain http; on plain http the header has no place."""
    secure = new_world(service={"origin": "https://koppel.example.nl"}).another_visitor()
    assert secure.open("/login").headers["Strict-Transport-Security"] == "max-age=63072000"
    assert "Strict-Transport-Security" not in visitor.open("/login").headers


@pytest.mark.row("S45")
def test_cookies_are_bound_to_this_host_and_to_tls(new_world: NewWorld) -> None:
    """Without `__Host-` another host of the same domain plants its own cookie; without HttpOnly a script reads ours."""
    world = new_world(service={"origin": "https://koppel.example.nl"})
    visitor = world.another_visitor()
    visitor.open("/reset?lang=nl")
    cookies = visitor.last_cookies
    visitor.submit("/reset", {"username": FULL_NAME, "altcha": visitor.solve_captcha()})
    cookies += visitor.last_cookies
    world.log_in(visitor)
    visitor.submit("/portal/ticket")
    visitor.follow()
    cookies += visitor.last_cookies
    names = {cookie.partition("=")[0] for cookie in cookies}
    assert {"__Host-form", "__Host-language", "__Host-step", "__Host-ticket"} <= names
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
        assert "SameSite=" in cookie
        assert "Domain=" not in cookie
    strict = {cookie.partition("=")[0] for cookie in cookies if "SameSite=Strict" in cookie}
    assert strict == {"__Host-step", "__Host-ticket"}


@pytest.mark.row("S49")
@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1:4711"])
def test_no_address_comes_from_host(world: World, visitor: Visitor, host: str) -> None:
    """Without it a stranger has our mail link to their own host, and gets the secret in it."""
    visitor.base_url = f"http://{host}"
    for path in ("/", "/login", "/reset", "/.well-known/change-password", "/no-such-page", "/logout"):
        answer = visitor.open(path, X_Forwarded_Host=host)
        assert host not in answer.text + str(answer.headers)
        assert (answer.location or "/").startswith("/")
    world.identify(visitor, FULL_NAME)
    visitor.submit("/reset/verify", {"username": FULL_NAME})
    assert world.mails()[-1].links[0].startswith(world.origin + "/reset/password/")


@pytest.mark.row("S49")
@pytest.mark.parametrize("path", ["//evil.example", "//evil.example/login", "///login"])
def test_the_router_leads_nobody_to_another_host(visitor: Visitor, path: str) -> None:
    """A path with two slashes reads as an address of another host when it is sent back."""
    answer = visitor.http.get("/", environ_overrides={"PATH_INFO": path})
    assert answer.status_code in (200, 404)
    assert answer.location is None


@pytest.mark.row("S45")
def test_every_form_that_a_cookie_authorises_wants_its_token(world: World) -> None:
    """A new form without the check shows up here. Forms whose address holds a mailed secret need none."""
    free = {"/reset/password/<secret>", "/not-me/<secret>", "/login/password/<secret>"}
    free.add("/logout")  # it leads to a fresh form; that it logs nobody out is shown with the login
    visitor = world.another_visitor()
    world.log_in(visitor)
    checked = 0
    for rule in world.page_rules():
        if "POST" not in (rule.methods or ()) or rule.rule in free:
            continue
        answer = visitor.http.post(rule.rule, data={"username": FULL_NAME, "mail": "x@example.nl", "uid": "U4BBGA0008"})
        assert answer.status_code == 400, rule.rule
        assert "Deze pagina was verouderd." in answer.text, rule.rule
        checked += 1
    assert checked == 9
