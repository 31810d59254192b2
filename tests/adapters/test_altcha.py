"""The captcha: a real proof of work, by the official package (R7, R15)."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from altcha.v2 import Challenge, Payload, solve_challenge
from hypothesis import given
from hypothesis import strategies as st

from idp.adapters.altcha import COUNTERS, LIFETIME, AltchaCaptcha
from idp.domain.capability import Capability, Purpose
from idp.domain.digests import KeyedDigests
from idp.errors import CaptchaRefused

CAPTCHA = AltchaCaptcha(KeyedDigests(b"the captcha's key in these tests"))


@cache
def now() -> datetime:
    """The moment of the first test here: the package itself compares the end of a challenge with the machine's clock."""
    return datetime.now(UTC)


def _solved(captcha: AltchaCaptcha = CAPTCHA) -> Payload:
    challenge = Challenge.from_dict(dict(captcha.challenge(now())))
    solution = solve_challenge(challenge)
    assert solution is not None
    return Payload(challenge, solution)


@pytest.fixture(scope="module")
def solved() -> Payload:
    """One solved challenge."""
    return _solved()


@pytest.mark.row("R7")
def test_an_honest_solution_is_taken(solved: Payload) -> None:
    """Without it nobody gets past Identify."""
    taken = CAPTCHA.verify(solved.to_base64(), now())
    assert isinstance(taken, Capability)
    assert taken.purpose is Purpose.CAPTCHA


@pytest.mark.row("R15")
def test_one_solution_has_one_digest_however_it_is_spelt(solved: Payload) -> None:
    """Without it a used solution is used again with a space in it, or another time taken."""
    first = CAPTCHA.verify(solved.to_base64(), now())
    document = solved.to_dict() | {"more": 1}
    document["solution"]["time"] = 4711
    spelt_otherwise = base64.b64encode(json.dumps(document, indent=2).encode()).decode()
    assert CAPTCHA.verify(spelt_otherwise, now()).digest == first.digest


@pytest.mark.row("R15")
def test_a_solution_of_another_challenge_is_refused(solved: Payload) -> None:
    """Without it one solution fits every challenge."""
    other = Challenge.from_dict(dict(CAPTCHA.challenge(now())))
    with pytest.raises(CaptchaRefused):
        CAPTCHA.verify(Payload(other, solved.solution).to_base64(), now())


@pytest.mark.row("R15")
def test_a_challenge_that_is_not_ours_is_refused() -> None:
    """Without it a program makes its own challenges, of no cost."""
    stranger = AltchaCaptcha(KeyedDigests(b"somebody else's key, 32 bytes...."))
    with pytest.raises(CaptchaRefused):
        CAPTCHA.verify(_solved(stranger).to_base64(), now())


@pytest.mark.row("R15")
@pytest.mark.parametrize("moment", [LIFETIME, LIFETIME + timedelta(days=1), -timedelta(hours=1)])
def test_a_solution_has_its_time(solved: Payload, moment: timedelta) -> None:
    """Without it solutions are gathered for weeks and spent in a minute; a clock set back does not revive one either."""
    with pytest.raises(CaptchaRefused):
        CAPTCHA.verify(solved.to_base64(), now() + moment)


@pytest.mark.row("R15")
def test_the_counter_to_find_is_another_each_time() -> None:
    """Whoever knew the counter beforehand would try one instead of three hundred."""
    counters = {_solved().solution.counter for _ in range(3)}
    assert len(counters) > 1
    assert counters <= set(COUNTERS)


@pytest.mark.row("S47")
@pytest.mark.parametrize("payload", ["", "x", "e30=", "bnVsbA==", "W10=", base64.b64encode(b"[" * 4000).decode(), "a" * 100_000])
def test_rubbish_is_refused_like_a_wrong_solution(payload: str) -> None:
    """Without it a program that sends rubbish gets a traceback to study."""
    with pytest.raises(CaptchaRefused):
        CAPTCHA.verify(payload, now())


@pytest.mark.row("S47")
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["challenge", "parameters", "signature", "solution", "counter", "derivedKey", "nonce", "salt", "cost"]
                ),
                inner,
            )
        ),
        max_leaves=12,
    )
)
def test_no_document_breaks_the_check(document: object) -> None:
    """Whatever JSON comes in, it is refused, and nothing else happens."""
    with pytest.raises(CaptchaRefused):
        CAPTCHA.verify(base64.b64encode(json.dumps(document).encode()).decode(), now())
