"""Every page that says what is wrong says what to do as well, in its reader's language, and by which number we find it again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

import idp.web
from tests.web.authorizing import DECISION, Application
from tests.web.page import Page
from tests.web.test_device import Device, type_code
from tests.web.world import PASSWORD

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.web.page import Visitor
    from tests.web.world import NewWorld, World

TEMPLATES = Path(idp.web.__file__).parent / "templates"
NUMBER = {"nl": "Noem dan dit nummer:", "en": "Then give this number:"}
MANY = "1000000 per minute"

OPENED = {
    "/no-such-page": (404, "error"),
    "/verify": (404, "error"),
    "/logout": (405, "error"),
    "/reset?ticket=%00": (400, "error"),
    "/oauth/authorize?client_id=nobody": (400, "error"),
    "/V221/OAuth/Authorize?client_id=nobody": (400, "error"),
    "/Vx/OAuth/Authorize": (404, "error"),
    "/v/OAuth/Authorize": (404, "error"),
    "/fapi/authorize": (400, "error"),
    "/oauth/authorize/decision": (405, "error"),
    "/oauth/end_session?state=%00": (400, "error"),
    "/oauth/end_session/confirm": (405, "error"),
    "/fapi/end_session?state=a&state=b": (400, "error"),
    "/reset/verify": (400, "identify"),
    "/reset/password/never-was": (410, "link_dead"),
    "/login/password/never-was": (410, "link_dead"),
    "/not-me/never-was": (410, "not_me_dead"),
}
"""By address, the status and the page of who opens it."""

TOO_OLD = {
    "/login": (400, "login"),
    "/login/forgot": (400, "forgot"),
    "/reset": (400, "identify"),
    "/reset/verify": (400, "verify"),
    "/device": (400, "device"),
    "/device/decision": (400, "device_question"),
    "/portal/ticket": (400, "portal"),
    "/portal/couplings/end": (400, "couplings"),
    "/portal/couplings/end-all": (400, "couplings"),
    "/oauth/end_session/confirm": (400, "end_session"),
    "/fapi/end_session/confirm": (400, "end_session"),
    "/fapi/authorize/decision": (400, "error"),
}
"""The same of an owner who sends a form that is too old."""


@pytest.fixture
def world(new_world: NewWorld) -> World:
    """A site at which nobody comes too often."""
    return new_world(limits=dict.fromkeys(("authorize_address", "link_address", "login_address"), MANY))


def assert_helpful(answer: TestResponse, status: int, language: str) -> None:
    """See what there has to be."""
    page, path = Page(answer.text), answer.request.path
    assert (answer.status_code, answer.mimetype, page.language) == (status, "text/html", language), path
    assert page.alert, path
    assert re.search("<(form|a) ", answer.text.partition("<main")[2].partition("</main>")[0]), f"{path}: no way on"
    assert f"{NUMBER[language]} {answer.headers['X-Request-ID']}" in page.words, path


def test_every_page_that_says_what_is_wrong_helps(world: World, owner: Visitor) -> None:
    """Who is stuck and phones: support would look for their request among thousands, or they not know what to do at all."""
    reset = world.reset_link(owner)
    portal = world.forgotten_password_link(owner)
    owner.open(Application.register(world).address())
    asked = {"request": owner.page.form(DECISION).fields["request"]}
    type_code(owner, Device(world, owner).told["user_code"])
    forms = {
        **{path: (*row, {"csrf_token": "old"}) for path, row in TOO_OLD.items()},
        DECISION: (400, "authorize", asked),
        reset: (400, "set_password", {"password": "kort"}),
        portal: (400, "portal_password", {"password": "kort"}),
    }
    for language, number in NUMBER.items():
        headers = {"Accept-Language": language}
        for path, (status, _, form) in forms.items():
            assert_helpful(owner.http.post(path, data=form, headers=headers), status, language)
        for path, (status, _) in OPENED.items():
            assert_helpful(world.another_visitor().http.get(path, headers=headers), status, language)
        assert number not in Page(owner.http.get("/login", headers=headers).text).words
    owner.http.post(reset, data={"password": PASSWORD, "password_again": PASSWORD})
    not_me = world.newest_link("/not-me/")
    world.directory.away = True
    assert_helpful(owner.http.post(not_me), 503, "nl")
    shown = {row[1] for row in (*OPENED.values(), *forms.values())} | {"not_me_unsure"}
    assert shown == {file.stem for file in TEMPLATES.iterdir() if says_what_is_wrong(file)}


def says_what_is_wrong(template: Path) -> bool:
    """Tell whether there is an alert on it."""
    text = template.read_text(encoding="utf-8")
    return text.startswith("{% extends") and re.search(r"alert\(problem\)|role=.alert", text) is not None


@pytest.mark.parametrize("debug", ["0", "1"])
@pytest.mark.parametrize("path", ["/fault", "/oauth/fault"], ids=["page", "program"])
def test_a_fault_of_ours_tells_nothing_of_us(new_world: NewWorld, monkeypatch: pytest.MonkeyPatch, path: str, debug: str) -> None:
    """What was typed, a query or a path of ours would stand on a stranger's screen, whatever is said of debugging."""
    monkeypatch.setenv("FLASK_DEBUG", debug)
    world = new_world()

    def fault() -> str:
        raise LookupError(PASSWORD)

    world.app.add_url_rule(path, view_func=fault)
    with capture_logs() as log:
        answer = world.app.test_client().get(path)
    assert answer.status_code == 500
    assert not any(word in answer.text for word in (PASSWORD, "Traceback", "LookupError", __file__))
    (told,) = [line for line in log if line["event"] == "unexpected_error"]
    assert (told["kind"], PASSWORD in str(log)) == ("LookupError", False)
