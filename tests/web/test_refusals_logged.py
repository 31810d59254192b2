"""Whoever tries what they may not leaves a word of it in the log: which rule it was, and nothing that they sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from tests.web.world import FULL_NAME, OTHERS_NAME, OWNER_MAIL

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web.page import Visitor
    from tests.web.world import World

WRONG = "geraden is het niet"


def _identify(visitor: Visitor, solution: str) -> None:
    visitor.open("/reset")
    visitor.submit("/reset", {"username": FULL_NAME, "altcha": solution})


def _log_in(visitor: Visitor) -> None:
    visitor.open("/login")
    visitor.submit("/login", {"mail": OWNER_MAIL, "password": WRONG})


def _end_anothers(owner: Visitor) -> None:
    owner.open("/portal/couplings")
    form = next(form for form in owner.page.forms if "csrf_token" in form.fields)
    owner.submit(form.action, {**form.fields, "grant": "anothers"}, at="/portal/couplings/end")


TRIED: dict[str, tuple[str, Callable[[Visitor], object]]] = {
    "a form from another site": ("StaleForm", lambda owner: owner.submit("/portal/ticket", {"csrf_token": "x"})),
    "another's user": ("UnknownUser", lambda owner: owner.submit("/portal/ticket", {"uid": OTHERS_NAME})),
    "another's coupling": ("UnknownCoupling", _end_anothers),
    "a made-up captcha": ("CaptchaRefused", lambda owner: _identify(owner, "x")),
    "no captcha": ("CaptchaMissing", lambda owner: _identify(owner, "")),
    "a wrong log-in": ("InvalidCredentials", _log_in),
    "a link that was never made": ("LinkUnknown", lambda owner: owner.open("/reset/password/x")),
}


@pytest.mark.parametrize(("refused", "attempt"), TRIED.values(), ids=TRIED)
def test_the_line_tells_which_rule_it_was(
    world: World, owner: Visitor, refused: str, attempt: Callable[[Visitor], object]
) -> None:
    """An operator sees hundreds of 400, and not that somebody tries other people's users one after the other."""
    del world
    with capture_logs() as log:
        attempt(owner)
    told = [(line["refused"], line["status"] >= 400) for line in log if line["event"] == "request" and "refused" in line]
    assert told == [(refused, True)]
    assert not [sent for sent in (FULL_NAME, OTHERS_NAME, OWNER_MAIL, WRONG) if sent in str(log)]


@pytest.mark.parametrize(
    ("fields", "refused"),
    [({}, "invalid_request"), ({"grant_type": "password"}, "invalid_client"), ({"grant_type": "sms"}, "unsupported_grant_type")],
)
def test_so_does_an_applications(world: World, fields: dict[str, str], refused: str) -> None:
    """A bank calls and says that it gets a 400: which of all?"""
    with capture_logs() as log:
        world.app.test_client().post("/oauth/token", data=fields)
    assert [line["refused"] for line in log if line["event"] == "request"] == [refused]


def test_they_are_counted_by_rule(world: World, owner: Visitor) -> None:
    """An alarm looks at numbers: who guesses at night would be seen in the morning, by whoever reads logs."""
    for _ in range(2):
        owner.open("/")
        owner.submit("/portal/ticket", {"uid": OTHERS_NAME})
    world.app.test_client().post("/oauth/token", data={"grant_type": "sms"})
    told = owner.open("/metrics").text
    assert 'idp_http_refused_total{endpoint="portal.ticket",refused="UnknownUser"} 2.0' in told
    assert 'idp_http_refused_total{endpoint="token_classic.token",refused="unsupported_grant_type"} 1.0' in told


def test_what_was_not_refused_has_no_such_word(owner: Visitor) -> None:
    """Whoever counts refusals would count what was none: the login, which says that somebody had been logged out, is a page."""
    owner.http.delete_cookie("portal")
    owner.submit("/portal/ticket")
    with capture_logs() as log:
        owner.follow()
    assert owner.page.alert
    assert [(line["status"], "refused" in line) for line in log if line["event"] == "request"] == [(200, False)]
