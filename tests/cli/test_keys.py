"""`idp key`, `idp connector`, `idp config`: what the service signs with, knows and runs with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from idp.adapters.system_clock import SystemClock
from idp.cli.root import account
from idp.oauth.keys import KeyRing
from idp.oauth.own_keys import read_own_keys

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.installation import Installation


@pytest.mark.row("S22", "S23")
def test_a_new_key_is_published_before_it_signs_and_the_old_one_stays(at: Installation) -> None:
    """Nobody who verifies with keys of five minutes ago throws a token away."""
    before = at.idp("key", "list", "--json").json
    assert sorted(key["alg"] for key in before) == ["ES256", "RS256"]
    now = datetime.now(UTC)
    said = at.done("key", "rotate")
    after = {key["kid"]: key for key in at.idp("key", "list", "--json").json}
    assert {key["kid"] for key in before} < set(after)
    (fresh,) = set(after) - {key["kid"] for key in before}
    assert said == f"{fresh} (ES256) signs from {after[fresh]['signs from']}\n"
    assert datetime.fromisoformat(after[fresh]["signs from"]) > now + timedelta(minutes=14)
    replaced = next(key for key in after.values() if key["alg"] == "ES256" and key["kid"] != fresh)
    assert datetime.fromisoformat(replaced["published until"]) > now + timedelta(hours=24)
    assert at.done("key", "list").splitlines()[0].split() == [
        "KID", "ALG", "SIGNS", "FROM", "MADE", "BY", "PUBLISHED", "UNTIL",
    ]  # fmt: skip


def test_a_rotation_is_in_the_audit(at: Installation) -> None:
    """Who changed what all tokens are signed with, and when, nobody could say."""
    kid = at.done("key", "rotate").split()[0]
    (record,) = at.idp("audit", "list", "--action", "key.rotated", "--json").json
    assert (record["actor"], record["detail"]) == (account(), {"kid": kid, "alg": "ES256"})


def test_a_key_is_not_made_where_nothing_can_tell_of_it(at: Installation) -> None:
    """While the store is away, a new key would come from nowhere."""
    before = at.idp("key", "list", "--json").json
    (at.state / "idp.db").write_bytes(b"what is left of it")
    assert at.idp("key", "rotate").code != 0
    assert at.idp("key", "list", "--json").json == before


def test_the_other_algorithm_is_rotated_by_its_name(at: Installation) -> None:
    """OpenID Connect's RS256 has a key of its own."""
    assert "(RS256)" in at.done("key", "rotate", "--alg", "RS256")


def test_the_algorithm_of_access_tokens_is_rotated_when_none_is_named(at: Installation) -> None:
    """An operator who chose EdDSA need not say so again."""
    at.more["oauth"] = {"signing_algorithm": "EdDSA"}
    assert "(EdDSA)" in at.done("key", "rotate")


@pytest.mark.row("S22")
def test_ones_own_keys_are_listed_and_left_to_their_files(at: Installation, tmp_path: Path) -> None:
    """An operator sees which of the keys is theirs, and is told how to replace it rather than overruled."""
    (tmp_path / "own").mkdir()
    file = tmp_path / "own" / "ES256.pem"
    file.touch(mode=0o600)
    key = ec.generate_private_key(ec.SECP256R1())
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    at.more["oauth"] = {"key_folder": str(tmp_path / "own")}
    clock = SystemClock()
    KeyRing(at.state, clock, own=read_own_keys(tmp_path / "own", clock.now()))
    made_by = [(key["alg"], key["made by"]) for key in at.idp("key", "list", "--json").json]
    assert sorted(made_by) == [("ES256", "the service"), ("ES256", "you"), ("RS256", "the service")]
    assert "put the new one beside them" in at.idp("key", "rotate").sentence


@pytest.mark.row("S23")
def test_the_doctor_names_a_key_of_ones_own_that_is_no_good(at: Installation, tmp_path: Path) -> None:
    """Before the restart, not by it."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "ES256.pem").write_text("rubbish")
    at.more["oauth"] = {"key_folder": str(tmp_path / "own")}
    states = {row["part"]: row["state"] for row in at.idp("doctor", "--json").json}
    assert "ES256.pem may be read by others; make it chmod 600" in states["signing keys"]
    (tmp_path / "own" / "ES256.pem").chmod(0o600)
    states = {row["part"]: row["state"] for row in at.idp("doctor", "--json").json}
    assert "ES256.pem holds no private key for ES256" in states["signing keys"]


@pytest.mark.row("S22")
@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS1", ""])
def test_no_key_is_made_for_an_algorithm_that_nobody_may_use(at: Installation, algorithm: str) -> None:
    """One bad key in the published set is an invitation."""
    before = at.idp("key", "list", "--json").json
    ran = at.idp("key", "rotate", "--alg", algorithm)
    assert (ran.code, ran.out) == (2, "")
    assert at.idp("key", "list", "--json").json == before


def test_connectors_are_listed_as_configured(at: Installation) -> None:
    """What the configuration changed about an application is seen before a customer calls."""
    at.more["connectors.ing"] = {"password_grant_sunset": "2027-01-01", "source_networks": ["192.0.2.0/24"]}
    rows = {row["id"]: row for row in at.idp("connector", "list", "--json").json}
    assert sorted(rows) == ["basecone", "fapi", "ing", "rabobank", "triodos", "vendor_api", "vendor_app", "vendor_service"]
    facts = {name: {fact: said["value"] for fact, said in row["facts"].items()} for name, row in rows.items()}
    assert (facts["ing"]["password_grant_sunset"], facts["ing"]["source_networks"]) == ("2027-01-01", ["192.0.2.0/24"])
    assert facts["vendor_api"]["grants"] == ["authorization_code", "password", "refresh_token"]
    assert at.done("connector", "list").splitlines()[0].startswith("ID ")


def test_a_contradiction_among_connectors_is_one_sentence(at: Installation) -> None:
    """It is found when somebody looks, not at the first request after a restart."""
    at.more["connectors.ing"] = {"grants": ["implicit"]}
    assert "connector ing: its grants are not among" in at.idp("connector", "list").sentence


def test_the_configuration_in_force_is_shown_with_where_secrets_are_and_none_of_them(
    at: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File and environment together decide; whoever wonders sees what came out, and can paste it into a ticket."""
    monkeypatch.setenv("IDP_BRAND__PHONE", "088 123")
    shown = at.idp("config", "show", "--json").json
    assert shown["brand"]["phone"] == "088 123"
    assert shown["service"]["state"] == str(at.state)
    assert shown["directory"]["password_file"] == str(at.slapd.embedded.service_password_file)
    table = at.done("config", "show")
    assert any(line.split() == ["brand.phone", "088", "123"] for line in table.splitlines())
    secret = at.slapd.embedded.service_password_file.read_text()
    assert secret not in table
