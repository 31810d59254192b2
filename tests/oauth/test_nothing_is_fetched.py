"""Addresses that an application sends are never fetched: no keys, no requests, no logos, no lists."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

from tests.oauth.registering import new_token, open_world, register
from tests.oauth.test_registration import registered
from tests.unasked import unasked

if TYPE_CHECKING:
    from tests.oauth.world import NewWorld

IDP = Path(__file__).parents[2] / "idp"
SPEAKS = {
    "adapters/back_channel.py",  # to applications, of logouts, and judges where they are
    "adapters/ldap/checks/reaching.py",  # the operator's directory, for `idp directory check`
    "adapters/mailbox_server.py",  # itself, on loopback, while it starts
    "adapters/smtp_session.py",  # the operator's mail server
    "demo/run.py",  # the demo, whether it is up
    "oauth_client/http.py",  # an operator's `idp connector try`
}
CONNECTS = {"http.client", "urllib.request", "requests", "httpx", "aiohttp", "urllib3", "ftplib", "asyncio", "xmlrpc.client"}
FETCHED_BY_OTHERS = ("logo_uri", "client_uri", "policy_uri", "tos_uri", "sector_identifier_uri", "initiate_login_uri")


def _speaks(path: Path) -> bool:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import) and {alias.name for alias in node.names} & CONNECTS:
            return True
        if isinstance(node, ast.ImportFrom) and node.module in CONNECTS:
            return True
        if isinstance(node, ast.Attribute) and node.attr in {"create_connection", "connect_ex", "urlopen"}:
            return True
    return False


def test_few_places_speak_to_other_machines() -> None:
    """One more would be one more way into our network, that nobody has looked at."""
    assert {str(path.relative_to(IDP)) for path in IDP.rglob("*.py") if _speaks(path)} == SPEAKS


def test_no_address_of_a_registration_is_asked(new_world: NewWorld) -> None:
    """With a token for one registration, an application could look around in our network, through us."""
    world = open_world(new_world)
    with unasked() as uri:
        for name in FETCHED_BY_OTHERS:
            assert name not in registered(register(world, new_token(world), **{name: uri}))
        refused = register(world, new_token(world), jwks_uri=uri)
        assert (refused.status_code, refused.json["error"]) == (400, "invalid_client_metadata")
