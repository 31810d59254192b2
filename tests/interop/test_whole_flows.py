"""An owner lets an application in, which uses its tokens to their end; each client in each way that it can authenticate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.interop.clients import BASIC, CLIENTS
from tests.interop.owner import USERNAME, changed
from tests.interop.program import converse

if TYPE_CHECKING:
    from tests.interop.clients import Client
    from tests.interop.conftest import NewApplication, WithPassword
    from tests.interop.owner import Owner

WAYS = [pytest.param(client, way, id=f"{client.name} {way}") for client in CLIENTS for way in client.ways]
CHECKS = [pytest.param(client, name, id=f"{client.name} {name}") for client in CLIENTS for name in client.checks]
each_client = pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)


@pytest.mark.parametrize(("client", "way"), WAYS)
def test_from_the_question_to_the_end_of_its_tokens(
    client: Client, way: str, new_application: NewApplication, owner: Owner
) -> None:
    """An application that is made with this library gets no tokens, can't read or refresh them, or can't end them."""
    application = new_application(way)
    told = converse(client.command(), application.task, owner.allow)
    assert "refused" not in told, told
    assert told["user"]["preferred_username"] == USERNAME
    # Of RFC 6749 section 3.3 each of several scopes may come as a list.
    assert _scope(told["tokens"]) == _scope(told["refreshed"]) == application.scope
    assert told["refreshed"]["access_token"] != told["tokens"]["access_token"]
    assert told["afterwards"] == "invalid_grant"
    if client.openid:
        assert told["id_claims"]["sub"] == told["user"]["sub"]
        assert told["id_claims"]["aud"] in (application.client_id, [application.client_id])
    if client.introspects:
        about = told["introspected"]
        assert (about["active"], about["sub"], about["client_id"]) == (True, told["user"]["sub"], application.client_id)
        assert told["inactive"] == {"active": False}


@each_client
def test_an_owners_no_is_understood(client: Client, new_application: NewApplication, owner: Owner) -> None:
    """The application waits for somebody who has said no, or says that something is broken."""
    told = converse(client.command(), new_application(BASIC).task, owner.refuse)
    assert told["refused"]["error"] == "access_denied", told


@pytest.mark.parametrize(("client", "parameter"), CHECKS)
def test_an_answer_of_somebody_elses_making_is_refused(
    client: Client, parameter: str, new_application: NewApplication, owner: Owner
) -> None:
    """A code goes to another server, or comes from an attacker: what we send, or advertise, is not what the library looks at."""
    arrives = changed(owner.allow, **{parameter: "https://attacker.example"})
    told = converse(client.command(), new_application(BASIC).task, arrives)
    assert parameter in told["refused"]["message"].lower(), told


@each_client
def test_a_code_is_good_for_once(client: Client, new_application: NewApplication, owner: Owner) -> None:
    """What is wrong with a code is not told so that the library understands it; or what a stolen one has got lives on."""
    told = converse(client.command(), {**new_application(BASIC).task, "twice": True}, owner.allow)
    assert told["again"] == "invalid_grant", told
    if client.introspects:
        assert told["inactive"] == {"active": False}


@each_client
def test_a_wrong_secret_is_told(client: Client, new_application: NewApplication, owner: Owner) -> None:
    """A developer who has mistyped the secret is left to guess what is wrong."""
    application = new_application(BASIC)
    mistyped = str(application.client_secret).swapcase()
    told = converse(client.command(), {**application.task, "client_secret": mistyped}, owner.allow)
    assert told["refused"]["error"] == "invalid_client", told


@pytest.mark.parametrize("client", [client for client in CLIENTS if client.passwords], ids=lambda client: client.name)
def test_name_and_password_get_a_token(client: Client, with_password: WithPassword, owner: Owner) -> None:
    """The applications of today, which know nothing else, get no tokens, or can't tell a wrong password from a broken service."""
    task = with_password.task
    told = converse(client.command(), task, owner.allow)
    assert told["user"]["preferred_username"] == task["username"], told
    told = converse(client.command(), {**task, "password": "mistyped"}, owner.allow)
    assert told["refused"]["error"] == "invalid_grant", told


def _scope(tokens: dict[str, Any]) -> str:
    scope = tokens["scope"]
    return scope if isinstance(scope, str) else " ".join(scope)
