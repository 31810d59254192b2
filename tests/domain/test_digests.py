"""Secrets are kept as keyed digests, apart for each purpose (S34)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.capability import Capability, Purpose
from idp.domain.client import Client, ClientSecret
from idp.domain.digests import KeyedDigests, base64url, new_secret
from idp.domain.grant import Token
from idp.domain.mail import Content, Mail
from idp.domain.reset_request import ResetRequest
from tests.domain.test_lifetimes import NOW

KEY = b"thirty-two bytes of a key, truly"
DIGESTS = KeyedDigests(KEY)
PARTS = st.lists(st.text(st.characters(), max_size=6), max_size=4).map(tuple)

pytestmark = pytest.mark.row("S34")


def _mac(*texts: str) -> bytes:
    message = b"".join(len(text.encode()).to_bytes(4, "big") + text.encode() for text in texts)
    return hmac.new(KEY, message, hashlib.sha256).digest()


def test_a_secret_has_256_random_bits() -> None:
    """Links and tokens could be guessed."""
    made = {new_secret() for _ in range(20)}
    assert len(made) == 20
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", secret) for secret in made)


def test_a_digest_is_hmac_sha_256_with_lengths_before_the_parts() -> None:
    """Another form, after an upgrade, would make every stored secret unknown: all links, sessions and tokens dead."""
    assert DIGESTS.digest(Purpose.LIMIT, "ä", "bc") == _mac("digest", "limit", "ä", "bc").hex()


def test_a_derived_secret_is_url_safe_and_the_same_each_time() -> None:
    """A mail's second try would hold another link than its first."""
    derived = DIGESTS.derive(Purpose.RESET_LINK, "request-1")
    assert derived == base64.urlsafe_b64encode(_mac("derive", "reset-link", "request-1")).decode()[:43]
    assert DIGESTS.derive(Purpose.RESET_LINK, "request-2") != derived
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", derived)


def test_each_purpose_and_each_use_is_apart() -> None:
    """A ticket could be played as a session, or what is stored as what is mailed."""
    digests = {DIGESTS.digest(purpose, "x") for purpose in Purpose}
    derived = {DIGESTS.derive(purpose, "x") for purpose in Purpose}
    as_bytes = {base64.urlsafe_b64decode(secret + "=").hex() for secret in derived}
    assert len(digests | as_bytes) == 2 * len(Purpose)


def test_another_key_gives_another_digest() -> None:
    """Whoever has the code would have the digests."""
    other = KeyedDigests(b"x" * 32)
    assert other.digest(Purpose.LIMIT, "a") != DIGESTS.digest(Purpose.LIMIT, "a")


def test_text_that_can_not_be_encoded_has_a_digest_too() -> None:
    """A lone surrogate in a password field would be a page that broke."""
    assert DIGESTS.digest(Purpose.LIMIT, "\ud800") != DIGESTS.digest(Purpose.LIMIT, "?")


@given(PARTS, PARTS)
def test_different_parts_have_different_digests(some: tuple[str, ...], others: tuple[str, ...]) -> None:
    """Without length prefixes ("ab", "c") and ("a", "bc") are one: one user's limit would be another's."""
    equal = DIGESTS.digest(Purpose.LIMIT, *some) == DIGESTS.digest(Purpose.LIMIT, *others)
    assert equal == (some == others)


def test_parts_are_not_run_together() -> None:
    """The same, without luck."""
    assert DIGESTS.digest(Purpose.LIMIT, "ab", "c") != DIGESTS.digest(Purpose.LIMIT, "a", "bc")
    assert DIGESTS.digest(Purpose.LIMIT, "a", "") != DIGESTS.digest(Purpose.LIMIT, "a")


@pytest.mark.row("S35")
@pytest.mark.parametrize(
    "value",
    [
        DIGESTS,
        Capability("SECRET", Purpose.TICKET, {}, NOW, NOW),
        ClientSecret("SECRET"),
        Client("id", "basecone", "Basecone", True, NOW, (ClientSecret("SECRET"),)),  # noqa: FBT003  # enabled
        Token("SECRET", "access", "g", "c", "s", "a", NOW, NOW),
        ResetRequest("r", "SECRET", None, with_ticket=False, created_at=NOW),
        Mail("SECRET", Content("subject", "SECRET", "SECRET"), "<id@host>", NOW, "nl"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_secret_is_not_printed(value: object) -> None:
    """A log line or a traceback that shows a value would show keys, digests, addresses and links."""
    assert "SECRET" not in repr(value)
    assert "thirty-two" not in repr(value)


@pytest.mark.parametrize(("data", "written"), [(b"", ""), (b"\xff", "_w"), (b"\xfb\xff", "-_8"), (b"\0\0\x17", "AAAX")])
def test_bytes_are_written_without_padding(data: bytes, written: str) -> None:
    """Others would not find our key by its thumbprint, nor a challenge equal to its verifier (RFC 7515 section 2)."""
    assert base64url(data) == written
