"""Whatever stands in place of an assertion gets the RFC's error, and no way in (S47)."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.oauth.unproved_jwt import MAX_CHARACTERS
from tests.oauth.keyed import refused

if TYPE_CHECKING:
    from tests.oauth.keyed import Keyed


def joined(*parts: bytes) -> str:
    """Write the parts of a JWT."""
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


NO_JWT = [
    "", "x", ".", "..", "...", "a.b", "a.b.c.d", "a.b.c", "!.!.!", "é.é.é", "a..c", " ", "a" * 60000, "eyJ" * 3000,
    "%00", "\U0001f600" * 100, "null", "{}", "[]", '{"payload":"e30","protected":"e30","signature":"x"}', "e30.e30.e30",
]  # fmt: skip


@pytest.mark.row("S47")
def test_what_is_no_jwt_is_refused(bank: Keyed) -> None:
    """S47: nobody makes the service fall over by what is no assertion at all."""
    for text in NO_JWT:
        assert refused(bank.ask(text))
    right = bank.assertion()
    for spoilt in (right + "=", right + ".", f" {right}", right.replace(".", ".\t", 1), right[:-20], right + "A" * 9000):
        assert refused(bank.ask(spoilt))
    assert bank.ask(right).status_code == 200


@pytest.mark.row("S47")
def test_one_that_is_too_long_is_refused_though_it_is_signed(bank: Keyed) -> None:
    """S47: nobody has us read what no application has to say."""
    longest, longer = (bank.assertion(note="x" * size) for size in (5800, 6000))
    assert len(longest) <= MAX_CHARACTERS < len(longer)
    assert bank.ask(longest).status_code == 200
    assert refused(bank.ask(longer))


HEADERS = [
    b"", b"\xff\xfe", b"null", b"[]", b"1", b'"x"', b"{", b"{}", b'{"alg":null}', b'{"alg":1}', b'{"alg":["ES256"]}',
    b'{"alg":{"a":1}}', b'{"alg":"ES256","kid":1}', b'{"alg":"ES256","kid":["a key"]}', b'{"alg":"ES256","typ":1}',
    b'{"alg":"none","alg":"ES256"}', b'{"alg":"ES256","alg":"none"}', b'{"alg":"ES256","x":NaN}',
    b'{"alg":"ES256","x":' + b"[" * 5000,
    b'{"alg":"ES256","crit":[]}', b'{"alg":"ES256","crit":["b64"],"b64":false}', b'{"alg":"ES256","b64":false}',
    b'{"alg":"ES256","b64":true}', b'{"alg":"ES256","crit":["exp"],"exp":1}', b'{"alg":"ES256","crit":"x"}',
    b'{"alg":"ES256","x5t":1}', b'{"alg":"ES256","cty":1}', '{"alg":"ES256"}'.encode("utf-16"), b'\xef\xbb\xbf{"alg":"ES256"}',
]  # fmt: skip


@pytest.mark.row("S22", "S47")
def test_a_header_of_wrong_form_is_refused(bank: Keyed) -> None:
    """S47: wrong types, names that come twice, extensions that nobody here knows (RFC 7515 section 4.1.11, RFC 7797)."""
    payload = json.dumps(bank.claims()).encode()
    for header in HEADERS:
        assert refused(bank.ask(joined(header, payload, b"x" * 64)))


@pytest.mark.row("S22")
def test_an_extension_is_refused_though_it_is_signed(bank: Keyed) -> None:
    """RFC 7515 section 4.1.11: what must be understood to know what was signed, and is not, can't be passed over."""
    for extension in ({"crit": ["b64"], "b64": True}, {"b64": True}):
        assert refused(bank.ask(bank.signer.sign(bank.claims(), **extension)))


@pytest.mark.row("S47")
def test_claims_of_wrong_form_are_refused_though_they_are_signed(bank: Keyed) -> None:
    """S47: two readers of an object with a name that comes twice see two clients."""
    text = json.dumps(bank.claims())
    twice = [text[:-1] + f', "{name}": {json.dumps(value)}}}' for name, value in bank.claims().items()]
    nested = ["[" * 6000, '{"a":' * 900]
    no_numbers = [f'{text[:-1]}, "note": {name}}}' for name in ("NaN", "Infinity", "-Infinity")]
    for payload in (
        "",
        "null",
        "[]",
        "1",
        '"x"',
        "{",
        "{}",
        "\0",
        text + text,
        text + "x",
        "NaN",
        f"[{text}]",
        *nested,
        *no_numbers,
        *twice,
    ):
        assert refused(bank.ask(bank.signer.sign(payload.encode())))
    for written in (text.encode("utf-16"), b"\xff" + text.encode(), text.encode().replace(b'"ing-1"', b'"\xff"')):
        assert refused(bank.ask(bank.signer.sign(written)))
    assert bank.ask(bank.signer.sign(text.encode())).status_code == 200


ANYTHING = (
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9) | st.lists(st.text(max_size=3), max_size=3)
)


def objects(*names: str) -> st.SearchStrategy[dict[str, object]]:
    """Objects with some of these members."""
    return st.dictionaries(st.sampled_from(names), ANYTHING)


@pytest.mark.row("S47")
@settings(max_examples=50, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    header=objects("alg", "kid", "typ", "x"),
    claims=objects("iss", "sub", "aud", "exp", "iat", "nbf", "jti"),
    signature=st.binary(max_size=80),
)
def test_no_assertion_gets_a_500(bank: Keyed, header: dict[str, object], claims: dict[str, object], signature: bytes) -> None:
    """S47: whatever comes in, the answer is the RFC's; also where the signature is right and the claims are not."""
    said: dict[str, object] = {**bank.claims(), **claims}
    for text in (
        joined(json.dumps({"alg": "ES256", **header}).encode(), json.dumps(said).encode(), signature),
        bank.signer.sign(said),
    ):
        assert bank.ask(text).status_code in (200, 401)
