"""The FAPI 2.0 Security Profile, by clients that know it: the question is pushed, and each request signed and bound to a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.interop.application import Application, register_strict
from tests.interop.clients import CLIENTS
from tests.interop.owner import USERNAME, changed
from tests.interop.program import converse

if TYPE_CHECKING:
    from pathlib import Path

    from tests.interop.clients import Client
    from tests.interop.owner import Owner
    from tests.system.demo import Demo

each_client = pytest.mark.parametrize("client", [client for client in CLIENTS if client.strict], ids=lambda client: client.name)


@pytest.fixture
def application(demo: Demo, tmp_path: Path) -> Application:
    """A bank's."""
    return register_strict(demo, tmp_path)


@each_client
def test_from_the_question_to_the_end_of_its_tokens(client: Client, application: Application, owner: Owner) -> None:
    """A bank that moves from passwords gets no tokens, or none that are bound to its key, with what it uses already."""
    told = converse(client.command(), application.task, owner.allow)
    assert "refused" not in told, told
    assert told["user"]["preferred_username"] == USERNAME
    assert told["tokens"]["token_type"].lower() == told["refreshed"]["token_type"].lower() == "dpop"
    assert told["introspected"]["iss"] == application.issuer
    assert told["introspected"]["cnf"]["jkt"]
    assert told["refreshed"].get("refresh_token", told["tokens"]["refresh_token"]) == told["tokens"]["refresh_token"]  # S31
    assert told["afterwards"] == "invalid_grant"
    assert told["inactive"] == {"active": False}


@each_client
def test_an_owners_no_is_understood(client: Client, application: Application, owner: Owner) -> None:
    """The bank waits for somebody who has said no."""
    told = converse(client.command(), application.task, owner.refuse)
    assert told["refused"]["error"] == "access_denied", told


@each_client
def test_the_other_issuers_answer_is_refused(client: Client, application: Application, owner: Owner, demo: Demo) -> None:
    """Two issuers under one origin: a code of the one is taken to the other."""
    told = converse(client.command(), application.task, changed(owner.allow, iss=demo.url))
    assert "iss" in told["refused"]["message"], told


@each_client
def test_a_code_is_good_for_once(client: Client, application: Application, owner: Owner) -> None:
    """What a stolen code has got lives on."""
    told = converse(client.command(), {**application.task, "twice": True}, owner.allow)
    assert told == {"again": "invalid_grant", "inactive": {"active": False}}
