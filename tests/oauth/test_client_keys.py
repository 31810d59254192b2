"""Which keys a client may be registered with: public, strong, for signatures, each with a name of its own (S22, S23)."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from joserfc import jwk

from idp.errors import KeysRefused
from idp.oauth.client_keys import MAX_FILE_BYTES, MAX_KEYS, read_key_set
from tests.client_signers import KINDS, Signer, key_set

EC = Signer().public
RSA = Signer("PS256").public


def without(members: dict[str, Any], *names: str, **other: object) -> dict[str, Any]:
    """Leave members of a JWK out, and put others in."""
    return {**{name: value for name, value in members.items() if name not in names}, **other}


@pytest.mark.row("S22")
@pytest.mark.parametrize("alg", KINDS)
def test_a_key_of_each_kind_is_read_without_what_we_have_no_use_for(alg: str) -> None:
    """Only what verifies is kept: a certificate or an address in the file would be read by the next version."""
    public = {**Signer(alg).public, "x5c": ["MIIB"], "x5u": "https://bank.example/", "other": {"a": 1}}
    public = {"n": "x" * 9000, "e": "x", "y": "x", "crv": None, **public}
    (key,) = read_key_set(key_set(public))
    assert (key.kid, key.algorithms) == ("a key", (alg,))
    assert key.members == without(Signer(alg).public, "kid", "alg", "use")


@pytest.mark.row("S22")
def test_a_key_without_an_algorithm_takes_those_of_its_kind() -> None:
    """S22: `none` and HMAC are never among them."""
    signers = [Signer(alg) for alg in ("ES256", "EdDSA", "PS256")]
    found = [read_key_set(key_set(without(signer.public, "alg", "use")))[0].algorithms for signer in signers]
    assert found == [("ES256",), ("EdDSA",), ("PS256", "RS256")]


@pytest.mark.row("S23")
def test_a_key_without_a_name_is_called_by_its_thumbprint() -> None:
    """RFC 7638: another key is never called the same."""
    (key,) = read_key_set(key_set(without(EC, "kid")))
    assert key.kid == jwk.thumbprint(dict(key.members))


@pytest.mark.row("S23")
def test_two_keys_are_never_called_the_same() -> None:
    """S23: which of them would a signature be verified with?"""
    other = Signer(which="another").public
    with pytest.raises(KeysRefused, match="same kid"):
        read_key_set(key_set(EC, other))
    with pytest.raises(KeysRefused, match="same kid"):
        read_key_set(key_set(without(EC, "kid"), without(EC, "kid", alg="ES256")))
    assert len(read_key_set(key_set(EC, without(other, kid="2")))) == 2


@pytest.mark.row("S23")
@pytest.mark.parametrize("alg", KINDS)
def test_a_private_key_is_refused_and_nothing_of_it_is_told(alg: str) -> None:
    """Whoever sends us the private part has to make a new one: theirs is in mails and on our disks from then on."""
    private = Signer(alg).key.as_dict(private=True)
    with pytest.raises(KeysRefused, match="key 2 of the set is a private") as refused:
        read_key_set(key_set(EC, {**private, "kid": "2"}))
    assert not [value for name, value in private.items() if name not in ("kty", "crv") and str(value) in str(refused.value)]
    with pytest.raises(KeysRefused, match="private or a secret one"):
        read_key_set(key_set({"kty": "oct", "k": "c2VjcmV0"}))


@pytest.mark.row("S23")
def test_a_weak_rsa_key_is_refused() -> None:
    """S23: one of 1024 bits can be factored by those who would want to be a bank."""
    for bits in (1024, 2047):
        n = base64.urlsafe_b64encode((2**bits - 1).to_bytes(256)).decode().rstrip("=")
        with pytest.raises(KeysRefused, match="2048"):
            read_key_set(key_set(without(RSA, n=n)))
    with pytest.raises(KeysRefused, match="8192"):
        read_key_set(key_set(without(RSA, n="_" * 1400)))


BROKEN = {
    "a point off the curve": without(EC, x=EC["y"], y=EC["x"]),
    "half a point": without(EC, "y"),
    "no modulus": without(RSA, "n"),
    "an exponent of 1": without(RSA, e="AQ"),
    "an even exponent": without(RSA, e="Ag"),
    "numbers": without(EC, x=1, y=2),
    "no base64": without(EC, x="é", y="!"),
    "another curve": without(EC, "alg", crv="P-384"),
    "a curve that is none": without(EC, "alg", crv=["P-256"]),
    "a kind that is none": without(EC, kty="XY"),
    "no kind": without(EC, "kty"),
    "an algorithm of another kind": without(EC, alg="RS256"),
    "no algorithm": without(EC, alg=None),
    "none": without(EC, alg="none"),
    "for encryption": without(EC, use="enc"),
    "for encryption by its operations": without(EC, key_ops=["deriveKey"]),
    "operations that are none": without(EC, key_ops="verify"),
    "a name that is none": without(EC, kid=1),
    "an empty name": without(EC, kid=""),
    "a name of two lines": without(EC, kid="a\nb"),
    "a name that turns round": without(EC, kid="a\u202eb"),
}


@pytest.mark.row("S23")
@pytest.mark.parametrize("members", BROKEN.values(), ids=BROKEN)
def test_a_key_that_could_never_verify_is_refused_when_it_is_given(members: dict[str, Any]) -> None:
    """The operator learns it, and not the bank, weeks later."""
    with pytest.raises(KeysRefused, match="key 1 of the set"):
        read_key_set(key_set(members))


NO_SETS = [
    b"", b"\xff", b"null", b"[]", b"{}", b'{"keys":{}}', b'{"keys":[1]}', b'{"keys":null}', json.dumps(EC).encode(),
    b"-----BEGIN PUBLIC KEY-----", b'{"keys":[],"keys":[{}]}', b'{"keys":' + b"[" * 9000, b" " * MAX_FILE_BYTES + key_set(EC),
]  # fmt: skip


@pytest.mark.parametrize("text", NO_SETS, ids=lambda text: text[:20].decode(errors="ignore"))
def test_a_file_that_is_no_set_of_keys_is_told_so(text: bytes) -> None:
    """A certificate, or one key alone, is what people have at hand; the sentence shows the form."""
    with pytest.raises(KeysRefused, match="is no JWK set"):
        read_key_set(text)


def test_a_set_has_a_key_and_not_any_number() -> None:
    """A client without any could never be let in."""
    for count in (0, MAX_KEYS + 1):
        with pytest.raises(KeysRefused, match=f"has {count} keys"):
            read_key_set(key_set(*(without(EC, kid=str(number)) for number in range(count))))
    assert len(read_key_set(key_set(*(without(EC, kid=str(number)) for number in range(MAX_KEYS))))) == MAX_KEYS


def test_what_is_refused_above_is_refused_for_its_fault() -> None:
    """Otherwise a key that nobody would take might stand for all of them."""
    assert len(read_key_set(key_set(EC, without(RSA, kid="2", use="sig", key_ops=["verify"])))) == 2
