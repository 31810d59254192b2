"""Another people's client lets an owner decide, by clicking, and gets its tokens."""

from __future__ import annotations

import json
import urllib.request
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from authlib.common.security import generate_token
from authlib.oauth2.client import OAuth2Client
from selenium.webdriver.support.ui import WebDriverWait

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from authlib.oauth2.auth import ClientAuth

    from tests.browser.chromium import Browser
    from tests.system.demo import Demo

TIMEOUT_S = 10


class _Reply:
    """As much of a response as Authlib's client looks at."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status_code = status
        self._body = body

    def json(self) -> Any:  # noqa: ANN401  # JSON
        return json.loads(self._body)

    def raise_for_status(self) -> None:
        assert self.status_code < 500, self._body


class _Session:
    """As much of a session as Authlib's client uses; it brings none of its own but for libraries that are not here."""

    @staticmethod
    def post(url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: ClientAuth) -> _Reply:
        url, signed, body = auth.prepare("POST", url, dict(headers), urlencode(data))  # type: ignore[no-untyped-call]  # no types there
        request = urllib.request.Request(url, body.encode(), signed)  # noqa: S310  # the demo's address
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310  # likewise
            return _Reply(answer.status, answer.read())


class _Callback(BaseHTTPRequestHandler):
    """The application's page that its owner comes back to."""

    def do_GET(self) -> None:
        self._show("Gekoppeld")

    def do_POST(self) -> None:
        self._show(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def _show(self, words: str) -> None:
        page = f"<!doctype html><title>back</title><link rel=icon href='data:,'><main>{escape(words)}</main>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def application_page() -> Iterator[str]:
    """Serve the page; gives its address. Browsers open connections that they say nothing on, which must not stand in the way."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Callback) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/callback"
        finally:
            server.shutdown()
            thread.join()


def _metadata(demo: Demo) -> dict[str, Any]:
    with urllib.request.urlopen(f"{demo.url}/.well-known/oauth-authorization-server", timeout=TIMEOUT_S) as answer:  # noqa: S310  # our own
        return dict(json.load(answer))


@pytest.mark.row("S1", "S6", "S7", "S9", "S45")
def test_an_owner_lets_authlibs_client_in_by_clicking(browser: Browser, demo: Demo) -> None:
    """An application of other people's making could not be coupled: the strict policy of the page forbids its way back, say."""
    metadata, known, verifier = _metadata(demo), demo.clients["vendor_api"], generate_token(64)
    assert metadata["authorization_response_iss_parameter_supported"] is True
    with application_page() as back:
        client = OAuth2Client(
            _Session(),
            known["client_id"],
            known["client_secret"],
            redirect_uri=back,
            code_challenge_method=metadata["code_challenge_methods_supported"][0],
            token_endpoint=metadata["token_endpoint"],
        )
        address, state = client.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier)
        browser.open(f"{address}&lang=nl")
        browser.fill("mail", demo.owner["mail"])
        browser.fill("password", demo.owner["password"])
        browser.press("Inloggen")
        assert "Vendor API (demo) vraagt toegang tot een koppelgebruiker van jou." in browser.words
        browser.find("input[value=U4BBGA0012]").click()
        browser.press("Toestaan")
        assert browser.words == "Gekoppeld"
        arrived = browser.driver.current_url
    told = dict(parse_qsl(urlsplit(arrived).query))
    assert (told["iss"], told["state"]) == (metadata["issuer"], state)  # RFC 9207 section 2.4
    token = client.fetch_token(authorization_response=arrived, state=state, code_verifier=verifier)
    userinfo = urllib.request.Request(metadata["userinfo_endpoint"], headers={"Authorization": f"Bearer {token['access_token']}"})  # noqa: S310  # our own
    with urllib.request.urlopen(userinfo, timeout=TIMEOUT_S) as answer:  # noqa: S310  # likewise
        assert json.load(answer)["preferred_username"] == "U4BBGA0012"
    assert browser.complaints() == []


@pytest.mark.row("S43", "S45")
def test_an_answer_is_posted_with_scripts_and_without(browser: Browser, demo: Demo) -> None:
    """An application that wants its answers as forms would get none: the strict policy forbids the script, or the way out."""
    with application_page() as back:
        asked = {"response_type": "code", "client_id": demo.clients["vendor_api"]["client_id"], "redirect_uri": back}
        more = {"state": '"<&\u00e9', "prompt": "none", "response_mode": "form_post"}
        for scripts in (True, False):
            browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not scripts})
            browser.driver.get(f"{demo.url}/oauth/authorize?{urlencode(asked | more)}&lang=nl")
            if not scripts:
                assert "Druk dan op de knop." in browser.words
                browser.press("Ga verder")
            WebDriverWait(browser.driver, TIMEOUT_S).until(lambda driver: driver.current_url == back)
            told = dict(parse_qsl(browser.words))
            assert (told["error"], told["state"], told["iss"]) == ("login_required", more["state"], demo.url)
    assert browser.complaints() == []
