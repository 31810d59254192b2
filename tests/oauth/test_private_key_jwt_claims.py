"""What an assertion must say: from whom, for this issuer, for this moment (RFC 7523 section 3, S19-S21)."""

from __future__ import annotations

import json
from itertools import product

import pytest

from tests.oauth.keyed import Keyed, refused
from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import ORIGIN, World

HOUR = 3600
SKEW = 30  # between the 10 s that are accepted and the 60 s that are refused


@pytest.mark.row("S19")
def test_only_the_issuer_is_an_audience_and_as_a_string(bank: Keyed) -> None:
    """S19: another server could have an assertion made for itself that works here (audience injection)."""
    addresses = [f"{ORIGIN}/oauth/token", f"{ORIGIN}/", ORIGIN.upper(), "https://evil.example", ""]
    for audience in (*addresses, [ORIGIN], [ORIGIN, "https://evil.example"], None, 1, {"a": ORIGIN}):
        assert refused(bank.ask(bank.assertion(aud=audience)))
    assert bank.status() == 200


@pytest.mark.row("S19")
@pytest.mark.parametrize("endpoint", ["token", "par"])
def test_at_the_strict_issuer_only_that_issuer_is(keyed_world: World, endpoint: str) -> None:
    """S19: what was signed for the classic issuer, which takes less of a proof, would work at the strict one."""
    bank, path, strict = Keyed(keyed_world, client_id="bank").register("fapi"), f"/fapi/{endpoint}", f"{ORIGIN}/fapi"
    for audience in (ORIGIN, f"{ORIGIN}{path}", f"{strict}/token", f"{strict}/", [strict], [strict, ORIGIN], None):
        assert refused(bank.ask(bank.assertion(aud=audience), path, grant_type="authorization_code"))
    # This one is let in, and told what else is missing.
    assert bank.ask(bank.assertion(aud=strict), path, grant_type="authorization_code").status_code == 400


def test_it_is_from_and_about_the_client(keyed_world: World, bank: Keyed) -> None:
    """RFC 7523 section 3: what one client signs says nothing of another one."""
    Keyed(keyed_world, bank.signer, client_id="ing-2").register()
    for one_sided in ({"iss": None}, {"sub": None}, {"iss": "ing-2"}, {"sub": "ing-2"}, {"iss": ["ing-1"]}, {"sub": ["ing-1"]}):
        assert refused(bank.ask(bank.assertion(**one_sided)))
    impossible: tuple[object, ...] = (["ing-1"], {}, "", 1, None, "ing-1\0", "\ud800", "é", "x" * 5000)
    for nobody in impossible:
        assert refused(bank.ask(bank.assertion(iss=nobody, sub=nobody)))
    assert bank.status() == 200


def test_the_client_id_beside_it_is_the_same_or_left_out(bank: Keyed) -> None:
    """RFC 7521 section 4.2: many libraries send it always; two names are two clients."""
    assert bank.ask(client_id=bank.client_id).status_code == 200
    assert_refused(bank.ask(client_id="ing-2"), "invalid_request")


@pytest.mark.row("S21")
def test_ten_seconds_ahead_are_accepted_and_sixty_are_not(each_bank: Keyed) -> None:
    """S21: clocks differ by a little; what was signed for a later hour is not for now."""
    bank, asking = each_bank, f"{each_bank.prefix}/introspect"
    now = int(bank.world.clock.now().timestamp())
    for ahead, status in ((-HOUR, 200), (0, 200), (10, 200), (SKEW, 200), (SKEW + 1, 401), (61, 401)):
        for name in ("iat", "nbf"):
            assert bank.ask(bank.assertion(**{name: now + ahead}), asking).status_code == status, (name, ahead)


@pytest.mark.row("S20")
def test_it_ends_and_soon(each_bank: Keyed) -> None:
    """S20: one that was found in an old log lets nobody in, and none must be remembered for years."""
    bank, asking = each_bank, f"{each_bank.prefix}/introspect"
    now = int(bank.world.clock.now().timestamp())
    for ahead, status in ((-1, 401), (0, 401), (1, 200), (HOUR + SKEW, 200), (HOUR + SKEW + 1, 401)):
        assert bank.ask(bank.assertion(exp=now + ahead, iat=None), asking).status_code == status
    assert refused(bank.ask(bank.assertion(exp=None), asking))


NO_TIMES = (
    '"1800000000"',
    "null",
    "true",
    "[]",
    "{}",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "-1e999",
    "1" * 4000,
    "1" * 5000,
    "1e308",
)
LONG_AGO = ("-1", "0", "-1e308", "-" + "9" * 4000, "1.5")


@pytest.mark.row("S20", "S47")
def test_a_time_that_is_none_lets_nobody_in(bank: Keyed) -> None:
    """S47: each of these is something that a careless reader falls over."""
    for name, text in product(("exp", "iat", "nbf"), NO_TIMES):
        said = json.dumps(bank.claims(**{name: "HERE"}))
        assert refused(bank.ask(bank.signer.sign(said.replace('"HERE"', text).encode())))


@pytest.mark.row("S20", "S47")
def test_a_time_long_ago_is_over(bank: Keyed) -> None:
    """S47: as an end; as a beginning it is just long ago."""
    for (name, status), text in product((("exp", 401), ("iat", 200), ("nbf", 200)), LONG_AGO):
        said = json.dumps(bank.claims(**{name: "HERE"}))
        assert bank.ask(bank.signer.sign(said.replace('"HERE"', text).encode())).status_code == status


@pytest.mark.row("S20")
def test_without_an_identifier_it_lets_nobody_in(bank: Keyed) -> None:
    """S20: nobody could tell whether it was used before."""
    for jti in (None, "", 1, ["a"], True):
        assert refused(bank.ask(bank.assertion(jti=jti)))


@pytest.mark.row("S20", "S47")
def test_any_text_is_an_identifier(bank: Keyed) -> None:
    """S20, S47: libraries write what they like; only its digest is kept."""
    for jti in ("\0", "\ud800", "é" * 500, "' OR 1=1 --", "a b"):
        assertion = bank.assertion(jti=jti)
        assert bank.ask(assertion).status_code == 200
        assert refused(bank.ask(assertion))
