"""Every parameter of an authorization request, sent wrong in every way: a page, or the application's own address.

The parameters are those that the code names; `test_malformed_parameters.py` has the endpoints that programs call.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

import pytest

from idp.oauth.authorization_rules import PARAMETERS
from tests.web.authorizing import BACK, PATH, Application, answer_of

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.web.page import Visitor
    from tests.web.world import NewWorld, World

FORM = "application/x-www-form-urlencoded"
MARK = "zq7Marked"
"""Stands in whatever is wrong."""

VENDOR_PATH = "/V221/OAuth/Authorize"
NOT_OURS = ("request", "request_uri", "id_token_hint", "acr_values", "display", "client_secret")
ALL = (*PARAMETERS, *NOT_OURS)
WHO = ("client_id", "redirect_uri")
"""Before these two are known to belong together, nobody is sent anywhere."""

UNREADABLE = {
    "NUL": f"{MARK}%00",
    "line end": f"{MARK}%0D%0AX-{MARK}:+1",
    "escape": f"{MARK}%1B[31m",
    "bad UTF-8": f"{MARK}%FF%FE",
    "a surrogate": f"{MARK}%ED%A0%80",
}
ODD = {
    "nothing": "",
    "markup": f"\"'><script>{MARK}</script>",
    "LDAP": f"*)(uid=*){MARK}",
    "an address": f"https://{MARK}.example/",
    "a script": f"javascript:alert('{MARK}')",
    "an object": f'{{"a": ["{MARK}"]}}',
    "white space": f" {MARK}\t",
    "other scripts": f"\u202e\uff35\U0001f600{MARK}",
    "more parameters": f"{MARK}&iss=https://evil.example&code={MARK}",
    "far too much": MARK * 10_000,
}
TOLD = {
    "response_type": {"unsupported_response_type", "invalid_request"},
    "scope": {"invalid_scope"},
    "resource": {"invalid_target"},
    "code_challenge": {"invalid_request"},
    "code_challenge_method": {"invalid_request"},
    "response_mode": {"invalid_request"},
    "prompt": {"invalid_request"},
    "max_age": {"invalid_request"},
    "id_token_hint": {"invalid_request"},
    "dpop_jkt": {"invalid_request"},
    "claims": {"invalid_request", "consent_required"},
    "request": {"request_not_supported"},
    "request_uri": {"request_uri_not_supported"},
}
"""What an application is told of a value that is none; others are as if they weren't there."""

QUIET = {"consent_required"}


@pytest.fixture
def world(new_world: NewWorld) -> World:
    """A site at which nobody comes too often."""
    return new_world(limits={"authorize_address": "1000000 per minute"})


@pytest.fixture
def application(world: World) -> Application:
    """An application that asks."""
    return Application.register(world)


def without(application: Application, name: str) -> str:
    """A right request that lacks one parameter."""
    return application.query(**{name: None})


def assert_a_page(answer: TestResponse, status: int) -> None:
    """The browser stays here, and what was sent is text."""
    assert answer.status_code == status
    assert "Location" not in answer.headers
    assert f"<script>{MARK}" not in answer.text
    assert MARK not in str(answer.headers)


@pytest.mark.row("S3", "S47")
def test_what_can_not_be_read_sends_nobody_anywhere(owner: Visitor, application: Application) -> None:
    """S3: half of such a request may be somebody else's; S47: it gets a page that says so."""
    for name, value in product(ALL, UNREADABLE.values()):
        assert_a_page(owner.open(f"{PATH}?{without(application, name)}&{name}={value}"), 400)
        assert_a_page(owner.open(f"{VENDOR_PATH}?{application.query()}&{name}{value}=x"), 400)
        assert_a_page(owner.open(f"/fapi/authorize?{name}={value}"), 400)


@pytest.mark.row("S3", "S9", "S26", "S47")
def test_what_comes_twice_is_told_to_the_application_alone(owner: Visitor, application: Application) -> None:
    """S26: nobody knows which of the two was meant; S3: and whose the answer is only where client and address came once."""
    for name, value in product(ALL, (MARK, "")):
        answer = owner.open(f"{PATH}?{without(application, name)}&{name}={value}&{name}=x")
        if name in WHO:
            assert_a_page(answer, 400)
        else:
            told = answer_of(answer)
            assert told["error"] == ("invalid_target" if name == "resource" else "invalid_request"), name
            assert ("state" in told) is (name != "state")
            assert MARK not in answer.location


@pytest.mark.row("S3", "S9", "S47")
def test_a_value_that_is_none_goes_nowhere_else(world: World, owner: Visitor, application: Application) -> None:
    """S3, S47: no value leads a browser elsewhere, or comes back but as the application's own state."""
    for name, (what, value), path in product(ALL, ODD.items(), (PATH, VENDOR_PATH)):
        # A page costs more than an answer; which of the two it is, is shown without a wish that nobody be asked.
        quietly = "&prompt=none" if "consent_required" in TOLD.get(name, QUIET) else ""
        answer = owner.open(f"{path}?{without(application, name)}&{name}={quote_plus(value)}{quietly}")
        if name in WHO:
            assert_a_page(answer, 400)
        elif answer.status_code == 200:
            assert_a_page(answer, 200)
            assert not value, (name, what)
        else:
            told = answer_of(answer)
            assert told["iss"] == world.origin
            assert told["error"] in TOLD.get(name, QUIET), (name, what)
            assert MARK not in answer.location.replace(f"&state={quote_plus(value)}", "")


@pytest.mark.row("S3", "S47")
def test_a_form_stays_here_too(owner: Visitor, application: Application) -> None:
    """S3: what is posted comes again by GET, at our own address, and is judged there."""
    for name in ALL:
        left, right = without(application, name).encode(), application.query().encode()
        for body in (right, right + f"&{name}={MARK}".encode(), f'{{"{name}": "{MARK}"}}'.encode()):
            answer = owner.http.post(PATH, data=body, content_type=FORM)
            assert answer.status_code == 303
            assert answer.location.startswith(f"{PATH}?")
        for body in (left + f"&{name}={MARK}".encode() + b"\xff", left + f"&{name}=".encode() + b"x" * 2**17):
            assert_a_page(owner.http.post(VENDOR_PATH, data=body, content_type=FORM), 400)
    assert_a_page(owner.http.post(PATH, json={"client_id": application.client_id, "redirect_uri": BACK}), 400)
