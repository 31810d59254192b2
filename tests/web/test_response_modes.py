"""How an answer reaches the application: in the address or, for those who want it kept out of there, as a form (S43)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.web.authorizing import BACK, DECISION, Application, answer_of
from tests.web.world import NAME

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.web.page import Visitor
    from tests.web.world import NewWorld, World

ASKING = ("vendor_api", "vendor_app")
"""The connectors of this issuer whose clients ask owners."""

HOSTILE = "\"'><script>alert(1)</script><input name=code value=forged>&amp;{{ 7 * 7 }}</form>"


@pytest.fixture
def application(world: World) -> Application:
    """An application that asks."""
    return Application.register(world)


def posted(visitor: Visitor, response: TestResponse) -> dict[str, str]:
    """Read what a browser would post, of the page that it is on: one form, to the application's address."""
    assert response.status_code == 200
    assert "Location" not in response.headers
    (form,) = visitor.page.forms
    assert (form.action, form.method, form.buttons) == (BACK, "post", ["Ga verder"])
    return form.fields


@pytest.mark.row("S9", "S43", "S45")
def test_the_answer_comes_as_a_form_of_which_every_value_is_text(world: World, owner: Visitor, application: Application) -> None:
    """S43: a state that somebody made up would run as a script on our page, or forge what the application is told."""
    owner.open(application.address(response_mode="form_post", state=HOSTILE))
    answer = owner.submit(DECISION, {"decision": "allow", "user": NAME})
    told = posted(owner, answer)
    assert told.pop("code")
    assert told == {"state": HOSTILE, "iss": world.origin}
    assert [facts["src"].partition("?")[0] for tag, facts in owner.page.tags if tag == "script"] == [
        "/static/forms.js",
        "/static/form_post.js",
    ]
    directives = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert directives["form-action"] == "'self' https://app.example"
    assert (directives["script-src"], directives["default-src"]) == ("'self'", "'none'")
    assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")


@pytest.mark.row("S9", "S43")
def test_what_is_wrong_comes_in_the_same_way(world: World, visitor: Visitor, application: Application) -> None:
    """S43: an application that reads forms only would wait for ever."""
    for changes, error in (({"prompt": "none"}, "login_required"), ({"scope": "openid address"}, "invalid_scope")):
        told = posted(visitor, visitor.open(application.address(response_mode="form_post", **changes)))
        assert (told["error"], told["state"], told["iss"]) == (error, "of the application & <more>", world.origin)
        assert set(told) == {"error", "error_description", "state", "iss"}


@pytest.mark.row("S43")
def test_only_a_mode_of_the_clients_list_is_used(new_world: NewWorld) -> None:
    """S43: whoever writes the link would choose how an answer travels, and so where it can be read on its way."""
    only_query = new_world(connectors={kind: {"response_modes": ["query"]} for kind in ASKING})
    visitor = only_query.another_visitor()
    application = Application.register(only_query)
    for mode in ("form_post", "fragment", "query.jwt"):
        assert answer_of(visitor.open(application.address(response_mode=mode)))["error"] == "invalid_request"
    only_form = new_world(connectors={kind: {"response_modes": ["form_post"]} for kind in ASKING})
    visitor = only_form.another_visitor()
    for unsaid_or_other in (None, "query", "fragment"):
        answer = visitor.open(Application.register(only_form).address(response_mode=unsaid_or_other))
        assert posted(visitor, answer)["error"] == "invalid_request"
    for world, modes in ((only_query, ["query"]), (only_form, ["form_post"])):
        metadata = json.loads(world.another_visitor().open("/.well-known/openid-configuration").text)
        assert metadata["response_modes_supported"] == modes


@pytest.mark.row("S3", "S43")
def test_nothing_is_posted_to_an_address_that_is_not_the_clients(visitor: Visitor, application: Application) -> None:
    """S3: our page would hand its answer to anybody."""
    answer = visitor.open(application.address(response_mode="form_post", redirect_uri="https://evil.example/"))
    assert answer.status_code == 400
    assert visitor.page.forms == []
    assert "evil" not in answer.text
