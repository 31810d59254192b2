"""One line for each answer, and nothing in it that is nobody's business (S35)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import structlog
from flask import Flask, abort
from structlog.testing import capture_logs

from idp.web import access_log

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping
    from typing import Any

    from flask.testing import FlaskClient

    Lines = list[MutableMapping[str, Any]]

SECRET = "Sw0rdf1sh"


@pytest.fixture
def log() -> Iterator[Lines]:
    """What was logged, with what was bound to the request."""
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        yield lines


@pytest.fixture
def visitor() -> FlaskClient:
    """Of a small site."""
    app = Flask("idp.web")
    app.url_map.merge_slashes = False
    access_log.install(app)

    @app.route("/reset/password/<secret>", methods=["GET", "POST", "PUT", "DELETE"])
    def page(secret: str) -> str:
        structlog.get_logger("idp.web").info("within")
        return secret

    @app.get("/broken")
    def broken() -> str:
        abort(503)

    return app.test_client()


def _requests(log: Lines) -> Lines:
    return [line for line in log if line["event"] == "request"]


@pytest.mark.row("S35")
def test_a_line_tells_what_was_asked_and_answered(visitor: FlaskClient, log: Lines) -> None:
    """S35: the address of a reset link is the link; whoever reads the log could set the password."""
    visitor.post(f"/reset/password/{SECRET}?ticket={SECRET}", data={"password": SECRET})
    (line,) = _requests(log)
    assert line.items() >= {"method": "POST", "route": "/reset/password/<secret>", "status": 200, "log_level": "info"}.items()
    assert 0 <= line["ms"] < 10_000
    assert SECRET not in str(log)


@pytest.mark.row("S35")
@pytest.mark.parametrize(
    "path",
    [
        f"/reset/password//{SECRET}",
        f"/reset/password/x/{SECRET}",
        f"/Reset/Password/{SECRET}",
        f"/{SECRET}",
        f"//not-me/{SECRET}",
    ],
)
def test_an_address_that_is_slightly_off_is_not_logged_either(visitor: FlaskClient, log: Lines, path: str) -> None:
    """S35: the link in it lives; whoever reads the log mends the address, and sets the password."""
    visitor.get("/", environ_overrides={"PATH_INFO": path})
    (line,) = _requests(log)
    assert (line["route"], line["status"]) == ("none", 404)
    assert SECRET not in str(log)


@pytest.mark.parametrize(
    ("path", "route", "status"), [("/nowhere", "none", 404), ("/broken", "/broken", 503), ("/nowhere" + "/x" * 5000, "none", 404)]
)
def test_what_went_wrong_has_a_line_too(visitor: FlaskClient, log: Lines, path: str, route: str, status: int) -> None:
    """An operator finds a fault by it; a visitor can't fill the disk with it."""
    visitor.get(path)
    (line,) = _requests(log)
    assert (line["route"], line["status"]) == (route, status)


@pytest.mark.parametrize(("method", "logged"), [("PUT", "other"), ("DELETE", "other"), ("GET", "GET")])
def test_a_method_is_one_of_ours(visitor: FlaskClient, log: Lines, method: str, logged: str) -> None:
    """What a stranger invents is not repeated."""
    visitor.open("/reset/password/x", method=method)
    assert _requests(log)[0]["method"] == logged


@pytest.mark.parametrize(
    ("address", "network"), [("192.0.2.7", "192.0.2.7"), ("2001:db8::1:2:3:4", "2001:db8::/64"), ("", "unknown")]
)
def test_a_visitor_is_told_as_limits_count_them(visitor: FlaskClient, log: Lines, address: str, network: str) -> None:
    """So that a line can be held against a limit that was reached."""
    visitor.get("/broken", environ_base={"REMOTE_ADDR": address})
    assert _requests(log)[0]["network"] == network


def test_all_lines_of_a_request_bear_what_its_answer_bears(visitor: FlaskClient, log: Lines) -> None:
    """Who calls support can read it from the answer, and support finds the lines."""
    first, second = (visitor.get("/reset/password/x").headers["X-Request-ID"] for _ in range(2))
    assert first != second
    assert re.fullmatch("[0-9a-f]{16}", first)
    assert [line["request_id"] for line in log] == [first, first, second, second]


def test_an_identifier_that_a_visitor_sends_is_not_taken(visitor: FlaskClient, log: Lines) -> None:
    """It would mix their lines with somebody else's."""
    answer = visitor.get("/broken", headers={"X-Request-ID": "0123456789abcdef"})
    assert answer.headers["X-Request-ID"] != "0123456789abcdef"
    assert "0123456789abcdef" not in str(log)


def test_nothing_of_a_request_stays_behind(visitor: FlaskClient, log: Lines) -> None:
    """A thread serves one visitor after the other, and does other things between."""
    visitor.get("/broken")
    structlog.get_logger("idp.web").info("afterwards")
    assert "request_id" not in log[-1]
