"""What a client proves itself by signing with: its own registered keys, nothing else (S22, S23)."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.oauth.client_keys import read_key_set
from tests.client_signers import KINDS, Signer
from tests.oauth.keyed import Keyed, refused

if TYPE_CHECKING:
    from idp.domain.client import ClientKey
    from tests.oauth.world import World


@pytest.mark.row("S22")
def test_each_algorithm_lets_in_at_each_endpoint(keyed_world: World) -> None:
    """S22: banks sign with what their own rules prescribe."""
    for alg in KINDS:
        bank = Keyed(keyed_world, Signer(alg), client_id=alg).register()
        answer = bank.ask()
        assert answer.status_code == 200
        token = answer.json["access_token"]
        assert bank.ask(path="/oauth/introspect", token=token).json["active"]
        assert bank.ask(path="/oauth/revoke", token=token).status_code == 200
        assert not bank.ask(path="/oauth/introspect", token=token).json["active"]


@pytest.mark.row("S22")
def test_another_algorithm_lets_nobody_in(bank: Keyed) -> None:
    """S22: `none` needs no key at all, and for HMAC everybody has it: it is the public one."""
    for alg in ("none", "HS256", "RS384", "ES256K", "Ed25519", "es256", ""):
        parts = [json.dumps({"alg": alg}).encode(), json.dumps(bank.claims()).encode()]
        text = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
        public = json.dumps(bank.signer.public).encode()
        signature = base64.urlsafe_b64encode(hmac.digest(public, text.encode(), "sha256")).decode().rstrip("=")
        assert refused(bank.ask(f"{text}.{signature}"))
        assert refused(bank.ask(f"{text}."))


@pytest.mark.row("S22", "S23")
def test_a_key_signs_with_its_own_algorithm_only(keyed_world: World) -> None:
    """S22: a weaker way to use the same key would be the attacker's choice (RFC 8725 section 3.1)."""
    bank = Keyed(keyed_world, Signer("PS256")).register()
    assert refused(bank.ask(Signer("RS256").sign(bank.claims())))
    assert bank.status() == 200


@pytest.mark.row("S23")
def test_a_key_that_is_not_registered_lets_nobody_in(keyed_world: World, bank: Keyed) -> None:
    """S23: whoever wrote it, and whatever it is called."""
    assert refused(bank.ask(Signer(which="a thief's").sign(bank.claims())))
    other = Keyed(keyed_world, Signer(which="another bank's"), client_id="ing-2").register()
    assert refused(bank.ask(other.signer.sign(bank.claims())))
    assert refused(bank.ask(bank.signer.sign(other.claims())))


@pytest.mark.row("S23")
def test_a_key_that_comes_along_is_never_trusted(bank: Keyed) -> None:
    """S23: a thief's own key would verify what the thief signed; not even the right key may be brought along."""
    thief = Signer(which="a thief's")
    brought: dict[str, object] = {
        "jwk": thief.public,
        "jku": "https://evil.example/keys",
        "x5u": "https://evil.example/certificate",
        "x5c": ["MIIB"],
    }
    for member, value in brought.items():
        assert refused(bank.ask(thief.sign(bank.claims(), **{member: value})))
        assert refused(bank.ask(bank.signer.sign(bank.claims(), **{member: value})))


@pytest.mark.row("S23")
def test_the_kid_chooses_among_the_registered_keys_and_may_be_left_out(keyed_world: World) -> None:
    """A bank that replaces its key uses both for a while; many libraries name none when they have one."""
    first, second = Signer(kid="1"), Signer(kid="2", which="second")
    bank = Keyed(keyed_world, first).register()
    assert bank.ask(first.sign(bank.claims(), kid=None)).status_code == 200
    assert refused(bank.ask(first.sign(bank.claims(), kid="2")))
    both = tuple(key for each in (first, second) for key in read(each))
    keyed_world.parts.clients.replace_keys(bank.client_id, both, timedelta(), "operator:test")
    assert [bank.ask(each.sign(bank.claims())).status_code for each in (first, second)] == [200, 200]
    assert refused(bank.ask(first.sign(bank.claims(), kid="2")))
    assert refused(bank.ask(first.sign(bank.claims(), kid=None)))
    keyed_world.parts.clients.replace_keys(bank.client_id, read(second), timedelta(), "operator:test")
    assert [bank.ask(each.sign(bank.claims())).status_code for each in (first, second)] == [401, 200]


def read(signer: Signer) -> tuple[ClientKey, ...]:
    """Read a signer's file."""
    return read_key_set(signer.key_set)


def test_what_it_is_may_be_said(bank: Keyed) -> None:
    """Libraries write one of these, or nothing; what else stands in a header means nothing (RFC 7515 section 4)."""
    for typ in ("JWT", "jwt", "client-authentication+jwt"):
        assert bank.ask(bank.signer.sign(bank.claims(), typ=typ, x5t="a", mine={"a": 1})).status_code == 200


def test_what_a_client_signs_for_something_else_is_no_assertion(bank: Keyed) -> None:
    """Whoever gets hold of a proof or a request object that a bank has signed would be the bank (RFC 8725 section 3.11)."""
    for typ in ("dpop+jwt", "at+jwt", "oauth-authz-req+jwt", "", "JWT "):
        assert refused(bank.ask(bank.signer.sign(bank.claims(), typ=typ)))
