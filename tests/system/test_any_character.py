"""Strangers send characters of every kind to the endpoints, and a real directory is asked for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.adapters.system_clock import SystemClock
from idp.app import create_app
from idp.settings import LimitSettings
from tests.contract.directory.alphabet import MAJOR, feed
from tests.opened_ports import opened_ports
from tests.web.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from tests.system.service import Service

UID = "U4BBGA5004"
MAIL = "anna@example.nl"
PASSWORD = "vijf losse woorden achter elkaar"

LIMITS = ("token_address", "token_client", "token_client_user", "token_failures", "login_address", "login_mail")

pytestmark = [pytest.mark.row("S29", "S47"), pytest.mark.parametrize("major", MAJOR)]


@pytest.fixture(scope="module")
def visitor(service: Service) -> Iterator[FlaskClient]:
    """Somebody at the service's door; limits have tests of their own."""
    service.add_user(UID, MAIL, PASSWORD)
    limits = LimitSettings(**dict.fromkeys(LIMITS, "1000000 per hour"))
    directory = service.settings.directory.model_copy(update={"timeout_s": 5.0})
    chosen = service.settings.model_copy(update={"limits": limits, "directory": directory})
    with opened_ports(chosen, SystemClock()) as ports:
        yield create_app(chosen, ports).test_client()


@pytest.fixture(scope="module")
def client(service: Service) -> dict[str, str]:
    """An application's own part of a request."""
    registered, secret = service.add_client()
    return {"grant_type": "password", "client_id": registered.client_id, "client_secret": secret}


def sent(text: str) -> bytes:
    """Give what a client sends that knows of no rules: lone surrogates too."""
    return text.encode(errors="surrogatepass")


def test_a_token_is_for_the_one_who_is_named(visitor: FlaskClient, client: dict[str, str], major: str) -> None:
    """An application that sends `U4*` must not be let in as the first user whose password fits; and nothing breaks."""

    def ask(text: str) -> None:
        for fields in ({"username": sent(text), "password": PASSWORD}, {"username": UID, "password": sent(text)}):
            answer = visitor.post("/oauth/token", data={**client, **fields})
            is_named = fields["password"] == PASSWORD and text.strip().upper() == UID
            error = (answer.json or {}).get("error")
            assert error in ((None,) if is_named else ("invalid_grant", "invalid_request")), text

    feed(ask, major, UID)
    right = {**client, "username": UID, "password": PASSWORD}
    assert visitor.post("/oauth/token", data=right).status_code == 200


def test_nobody_logs_in_to_the_portal(visitor: FlaskClient, major: str) -> None:
    """Nor is there an address that makes the portal fail."""

    def ask(text: str) -> None:
        fields = Page(visitor.get("/login").text).forms[0].fields
        answer = visitor.post("/login", data={**fields, "mail": sent(text), "password": PASSWORD})
        assert answer.status_code == 400, text

    feed(ask, major, MAIL)
