"""Another project's client, with a key of its own, at the running service (RFC 7523)."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

import pytest
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc7523 import PrivateKeyJWT

from tests.cli.installation import run_here
from tests.client_signers import Signer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.system.service import Service
    from tests.system.visitor import Answer

UID = "U4BBGA5301"
PASSWORD = "vijf losse woorden voor een bank"


def register(service: Service, file: Path) -> Signer:
    """Register a bank by the public part of its key, as an operator does."""
    signer = Signer()
    file.write_bytes(signer.key_set)
    words = ("client", "add", "ing", "--name", "ING", "--client-id", "ing-1", "--jwks", str(file))
    assert run_here("--config", str(service.config), *words).code == 0
    return signer


def prepared(service: Service, signer: Signer, method: PrivateKeyJWT) -> dict[str, str]:
    """Have Authlib's client write a request for a token."""
    client = ClientAuth("ing-1", signer.key, method)
    form = urlencode({"grant_type": "password", "username": UID, "password": PASSWORD})
    token_endpoint = f"{service.settings.service.origin}/oauth/token"
    _, _, body = client.prepare("POST", token_endpoint, {}, form)  # type: ignore[no-untyped-call]  # untyped in the stubs
    return dict(parse_qsl(body))


def sent(service: Service, request: dict[str, str]) -> Answer:
    """Send it."""
    return service.visitor().post("/oauth/token", request)


@pytest.mark.row("S19", "S20", "S22")
def test_authlibs_client_gets_a_token_by_its_key_once(service: Service, keys_of_the_day: Path, tmp_path: Path) -> None:
    """Whoever builds a connection with a library that is in use gets in; whoever overheard it does not."""
    issuer = service.settings.service.origin
    with service.config.open("a", encoding="utf-8") as config:
        config.write('\n[connectors.ing]\nclient_auth_methods = ["private_key_jwt"]\n')
    shutil.copy(keys_of_the_day, service.settings.service.state)  # making them takes a good part of a second
    service.add_user(UID, "anna@example.nl", PASSWORD)
    with service.web():
        bank = register(service, tmp_path / "keys.json")
        request = prepared(service, bank, PrivateKeyJWT(issuer, alg="ES256"))
        answer = sent(service, request)
        assert (answer.status, answer.json["token_type"]) == (200, "Bearer")
        assert sent(service, request).json["error"] == "invalid_client"
        # What it does by itself: the token endpoint as the audience.
        assert sent(service, prepared(service, bank, PrivateKeyJWT(alg="ES256"))).json["error"] == "invalid_client"
        assert sent(service, prepared(service, bank, PrivateKeyJWT(issuer, alg="ES256"))).status == 200
