"""Clients with a key of their own, as others write them, at the running service (RFC 7523)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl, urlencode

import pytest
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc7523 import PrivateKeyJWT

from tests.cli.installation import run_here
from tests.client_signers import Signer, asserted
from tests.connectors.another_package import blocks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.system.service import Service
    from tests.system.visitor import Answer

CHAPTER = "With a key instead of a secret"
UID = "U4BBGA5301"
PASSWORD = "vijf losse woorden voor een bank"
FORM = {"grant_type": "password", "username": UID, "password": PASSWORD}


@pytest.fixture(scope="module")
def serving(service: Service, keys_of_the_day: Path) -> Iterator[Service]:
    """The service, serving, with a user; banks like ING sign."""
    with service.config.open("a", encoding="utf-8") as config:
        config.write("\n" + blocks_of(CHAPTER)["toml"])
    shutil.copy(keys_of_the_day, service.settings.service.state)  # making them takes a good part of a second
    service.add_user(UID, "anna@example.nl", PASSWORD)
    with service.web():
        yield service


def register(service: Service, client_id: str, file: Path) -> None:
    """Register a bank by its public keys, as an operator does."""
    words = ("client", "add", "ing", "--name", "ING", "--client-id", client_id, "--jwks", str(file))
    assert run_here("--config", str(service.config), *words).code == 0


def sent(service: Service, request: dict[str, str]) -> Answer:
    """Ask for a token."""
    return service.visitor().post("/oauth/token", request)


def prepared(service: Service, signer: Signer, method: PrivateKeyJWT) -> dict[str, str]:
    """Have Authlib's client write a request for a token."""
    client = ClientAuth("ing-1", signer.key, method)
    uri = f"{service.settings.service.origin}/oauth/token"
    _, _, body = client.prepare("POST", uri, {}, urlencode(FORM))  # type: ignore[no-untyped-call]  # untyped in the stubs
    return dict(parse_qsl(body))


@pytest.mark.row("S19", "S20", "S22")
def test_authlibs_client_gets_a_token_by_its_key_once(serving: Service, tmp_path: Path) -> None:
    """Whoever builds a connection with a library that is in use gets in; whoever overheard it does not."""
    bank, file = Signer(), tmp_path / "keys.json"
    file.write_bytes(bank.key_set)
    register(serving, "ing-1", file)
    ours = PrivateKeyJWT(serving.settings.service.origin, alg="ES256")
    request = prepared(serving, bank, ours)
    assert sent(serving, request).json["token_type"] == "Bearer"
    assert sent(serving, request).json["error"] == "invalid_client"
    # What it does by itself: the token endpoint as the audience.
    assert sent(serving, prepared(serving, bank, PrivateKeyJWT(alg="ES256"))).json["error"] == "invalid_client"
    assert sent(serving, prepared(serving, bank, ours)).status == 200


@pytest.mark.row("S19", "S20")
def test_what_the_document_shows_gets_a_token(serving: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever follows docs/connector.md, *With a key instead of a secret*, gets in."""
    monkeypatch.chdir(tmp_path)
    program = blocks_of(CHAPTER)["python"]
    names: dict[str, object] = {}
    exec(program.replace("https://login.example", serving.settings.service.origin), names)  # noqa: S102  # our own document's
    client_assertion = cast("Callable[[str], str]", names["client_assertion"])
    register(serving, "ing-2", Path("keys.json"))
    for _ in range(2):
        assert sent(serving, {**FORM, **asserted(client_assertion("ing-2"))}).status == 200
