"""What a page in a browser may read of answers to it: an app's own page, and nobody else's (WHATWG Fetch, "CORS protocol")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oauth.proving import public
from tests.oauth.test_public_clients import APP, let_in
from tests.oauth.world import BACK, CHALLENGE, VERIFIER

if TYPE_CHECKING:
    from tests.oauth.world import Answered, World

HERE = "https://app.example"
"""Where `BACK` is."""

ALLOWED = "Access-Control-Allow-Origin"


def readable(answer: Answered) -> bool:
    """Tell whether a browser hands the answer to a page there."""
    assert answer.headers.get(ALLOWED) in (HERE, None)
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]
    return ALLOWED in answer.headers


def test_the_apps_own_page_reads_all_that_it_asks_for(world: World) -> None:
    """An app that is a page could not be connected, or would not be told why."""
    code, here = world.code(APP, challenge=CHALLENGE), {"Origin": HERE}
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    answer = world.post("/oauth/token", APP, form, here)
    assert (answer.status_code, readable(answer)) == (200, True)
    shown = world.http.get("/oauth/userinfo", headers={**here, "Authorization": f"Bearer {answer.json['access_token']}"})
    assert (shown.status_code, readable(shown)) == (200, True)
    again = world.post("/oauth/token", APP, form, here)
    assert (again.status_code, readable(again)) == (400, True)
    assert "Retry-After" in again.headers["Access-Control-Expose-Headers"]
    ended = world.post("/oauth/revoke", APP, {"token": answer.json["refresh_token"]}, here)
    assert (ended.status_code, readable(ended)) == (200, True)


def test_a_page_that_shows_a_key_learns_the_nonce(world: World) -> None:
    """RFC 9449 section 8.2: a browser keeps from a page whatever header it was not allowed to read, and to send."""
    app = public(world)
    answer = app.world.post("/oauth/token", None, app.form(), {"Origin": HERE, "DPoP": app.proof()})
    assert readable(answer)
    assert "DPoP-Nonce" in answer.headers
    assert "DPoP-Nonce" in answer.headers["Access-Control-Expose-Headers"]
    about = app.userinfo(answer.json["access_token"], Origin=HERE)
    assert (about.status_code, readable(about)) == (200, True)
    wanted = {"Origin": HERE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "dpop"}
    assert "DPoP" in world.http.open("/oauth/token", method="OPTIONS", headers=wanted).headers["Access-Control-Allow-Headers"]


OTHERS = ("https://evil.example", "http://app.example", f"{HERE}:8443", f"{HERE}.evil.example", "https://[", "null", "")


def test_no_other_page_does(world: World) -> None:
    """A page that found a code, or a token, in its visitor's browser would use it there."""
    token = let_in(world)["access_token"]
    for there in ({"Origin": origin} for origin in OTHERS):
        for answer in (
            world.post("/oauth/token", APP, {"grant_type": "refresh_token", "refresh_token": "x"}, there),
            world.http.get("/oauth/userinfo", headers={**there, "Authorization": f"Bearer {token}"}),
            world.http.get("/oauth/userinfo", headers={**there, "Authorization": "Bearer x"}),
            world.post("/oauth/token", None, {"client_id": "nobody"}, there),
        ):
            assert not readable(answer)


def test_a_client_with_a_secret_is_no_page(world: World) -> None:
    """A secret in a page is none; it is found before it is published."""
    headers = {"Origin": HERE, **world.basic("vendor_api")}
    answer = world.post(
        "/oauth/token", None, {"grant_type": "refresh_token", "client_id": world.clients["vendor_api"][0]}, headers
    )
    assert not readable(answer)
    token = world.token("vendor_api").json["access_token"]
    assert not readable(world.http.get("/oauth/userinfo", headers={"Origin": HERE, "Authorization": f"Bearer {token}"}))


def test_a_browser_is_told_that_it_may_ask(world: World) -> None:
    """A page that shows its token would never get as far as asking. Nothing is done, and of no client anything told."""
    wanted = {"Origin": HERE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    for path in ("/oauth/token", "/oauth/revoke", "/oauth/userinfo"):
        answer = world.http.open(path, method="OPTIONS", headers=wanted)
        assert (answer.status_code, answer.data, answer.headers[ALLOWED]) == (204, b"", "*")
        assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
        assert world.http.open(path, method="OPTIONS").status_code == 405
    # What is for servers stays for servers.
    for path in ("/oauth/introspect", "/V221/OAuth/Token"):
        assert world.http.open(path, method="OPTIONS", headers=wanted).status_code == 405
        assert ALLOWED not in world.post(path, APP, {"token": "x"}, {"Origin": HERE}).headers
