"""`idp client add --jwks`: an application that signs is registered by its public keys, and has no secret."""

from __future__ import annotations

import json
import shlex
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from idp.adapters.system_clock import SystemClock
from idp.domain.client import Client
from tests.client_signers import Signer, key_set
from tests.connectors.another_package import DOCUMENT, blocks_of
from tests.docs import document

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.installation import Installation

CHAPTER = "With a key instead of a secret"
ONE, TWO = Signer(kid="1"), Signer(kid="2", which="second")


@pytest.fixture
def signing(at: Installation) -> Installation:
    """An installation at which one bank signs, another may, and all others have a secret."""
    at.more["connectors.ing"] = {"client_auth_methods": ["private_key_jwt"]}
    at.more["connectors.rabobank"] = {"client_auth_methods": ["client_secret_basic", "private_key_jwt"]}
    return at


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file that the bank has sent."""
    path = tmp_path / "keys.json"
    path.write_bytes(ONE.key_set)
    return path


def add(at: Installation, file: object, kind: str = "ing") -> Any:  # noqa: ANN401  # whatever it says
    """Register a bank with its keys."""
    return at.idp("client", "add", kind, "--name", "ING", "--client-id", "ing-1", "--jwks", str(file), "--json").json


def kept(at: Installation) -> tuple[list[str], int]:
    """Look which keys a client has, and how many secrets."""
    store = at.store()
    try:
        with store.reading() as work:
            client = work.clients.get("ing-1")
    finally:
        store.close()
    assert client is not None
    return [key.kid for key in client.keys], len(client.secrets)


def test_keys_take_the_place_of_a_secret(signing: Installation, file: Path) -> None:
    """The bank sends a file, and there is nothing that we would have to send back and keep secret."""
    assert add(signing, file) == {"client_id": "ing-1", "keys": ["1"]}
    assert kept(signing) == (["1"], 0)
    (row,) = signing.idp("client", "list", "--json").json
    assert row["keys"] == ["1"]


def test_the_command_of_the_document_works_with_its_configuration(
    at: Installation, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator who follows docs/connector.md is refused, while the bank waits."""
    at.more["connectors.ing"] = tomllib.loads(blocks_of(CHAPTER)["toml"])["connectors"]["ing"]
    monkeypatch.chdir(file.parent)
    idp, *words = shlex.split(document.blocks_of(DOCUMENT)[CHAPTER][0])
    assert idp == "idp"
    at.done(*words)


def test_keys_may_come_on_standard_input(signing: Installation) -> None:
    """What was fetched by another program needs no file in between."""
    ran = signing.idp("client", "add", "ing", "--name", "ING", "--jwks", "-", "--json", stdin=ONE.key_set.decode())
    assert ran.json["keys"] == ["1"]


def test_a_private_key_is_refused_in_a_sentence_and_not_kept(signing: Installation, file: Path) -> None:
    """A bank that sends its private key has to make another one, and learns so."""
    private = ONE.key.as_dict(private=True)
    file.write_text(json.dumps({"keys": [private]}))
    sentence = signing.idp("client", "add", "ing", "--name", "ING", "--jwks", str(file)).sentence
    assert sentence.startswith("key 1 of the set is a private or a secret one; nothing of it was kept.")
    assert str(private["d"]) not in sentence
    assert signing.idp("client", "list", "--json").json == []
    assert str(private["d"]).encode() not in b"".join(path.read_bytes() for path in signing.state.iterdir())


def test_a_file_that_holds_no_keys_is_one_sentence(signing: Installation, file: Path) -> None:
    """A certificate instead of a key set is told so."""
    file.write_text("-----BEGIN CERTIFICATE-----")
    said = signing.idp("client", "add", "ing", "--name", "ING", "--jwks", str(file)).sentence
    assert said == "this is no JWK set: an object with a list of keys, named keys"


def test_who_replaces_keys_gives_both_and_then_the_new_one(signing: Installation, file: Path) -> None:
    """The bank changes its key without a moment in which it is shut out."""
    add(signing, file)
    told = signing.idp("client", "rotate-secret", "ing-1").sentence
    assert told.startswith("This client has keys and no secret: give its new keys with --jwks FILE")
    for keys, names in ((key_set(ONE.public, TWO.public), ["1", "2"]), (TWO.key_set, ["2"])):
        file.write_bytes(keys)
        ran = signing.idp("client", "rotate-secret", "ing-1", "--jwks", str(file), "--json")
        assert ran.json == {"client_id": "ing-1", "keys": names}
        assert kept(signing) == (names, 0)
    actions = [record["action"] for record in signing.idp("audit", "list", "--subject", "ing-1", "--json").json]
    assert actions == ["client.added", "client.keys-replaced", "client.keys-replaced"]


def test_who_has_a_secret_can_move_to_keys(signing: Installation, file: Path) -> None:
    """The bank keeps its client_id and its customers; the secret works until the new way does."""
    signing.done("client", "add", "rabobank", "--name", "R", "--client-id", "ing-1")
    signing.done("client", "rotate-secret", "ing-1", "--jwks", str(file))
    assert kept(signing) == (["1"], 1)


def test_who_may_not_sign_is_told_where_that_is_said(signing: Installation, file: Path) -> None:
    """Keys that let nobody in would be found out by the bank, weeks later."""
    for words in (("add", "basecone", "--name", "B"), ("rotate-secret", "basecone-1")):
        signing.idp("client", "add", "basecone", "--name", "B", "--client-id", "basecone-1")
        ran = signing.idp("client", *words, "--jwks", str(file))
        assert (ran.code, ran.out) == (2, "")
        assert "connectors.basecone.client_auth_methods" in " ".join(ran.err.split())
    ran = signing.idp("client", "add", "ing", "--name", "ING")
    assert (ran.code, ran.out) == (2, "")
    assert "private_key_jwt only" in " ".join(ran.err.split())
    assert [row["client_id"] for row in signing.idp("client", "list", "--json").json] == ["basecone-1"]


def test_a_client_whose_kind_is_gone_gets_no_keys(signing: Installation, file: Path) -> None:
    """Nobody can say any more how it may prove itself."""
    store = signing.store()
    with store.transaction() as work:
        work.clients.add(Client("old-1", "gone", "Old", enabled=True, created_at=SystemClock().now()))
    store.close()
    ran = signing.idp("client", "rotate-secret", "old-1", "--jwks", str(file))
    assert (ran.code, ran.out) == (2, "")
    assert "there is no connector 'gone'" in " ".join(ran.err.split())
