"""A code that is for one key is nothing without it (RFC 9449 section 10, FAPI 2.0 Security Profile section 5.3.2.1, S17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.oauth.authorization import AuthorizationRequest
from idp.oauth.authorization_response import SentBack
from tests.client_signers import Signer
from tests.oauth.proving import refused, strict
from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import VERIFIER

if TYPE_CHECKING:
    from tests.oauth.place import Place
    from tests.oauth.world import World

THIEF = Signer(which="the thief's")


@pytest.mark.row("S17")
def test_a_code_that_is_for_a_key_is_nothing_without_it(place: Place) -> None:
    """S17: whoever steals the code from the browser, and the verifier with it, would get tokens for a key of their own."""
    code = place.code(jkt=place.jkt)
    for proof in (place.proof("token", THIEF), *([""] if place.prefix == "/oauth" else [])):
        assert_refused(place.redeem(code, proof), "invalid_grant")
    answer = place.redeem(code)
    assert (answer.status_code, answer.json.get("token_type")) == (200, "DPoP"), answer.text


@pytest.mark.row("S17")
def test_a_code_that_is_for_no_key_may_be_redeemed_with_any(place: Place) -> None:
    """RFC 9449 section 10: it is for the client to say; one that shows its key for the first time at the token endpoint works."""
    assert place.redeem(place.code()).status_code == 200


@pytest.mark.row("S17")
@pytest.mark.parametrize("how", ["parameter", "proof", "both"])
def test_what_is_pushed_names_the_key(place: Place, how: str) -> None:
    """S17: by the parameter, or by a proof at the endpoint itself (section 10.1), the code is for that key."""
    proof = "" if how == "parameter" else place.proof("par")
    named = {} if how == "proof" else {"dpop_jkt": place.jkt}
    code = place.allowed(place.push(proof, **named))
    assert_refused(place.redeem(code, place.proof("token", THIEF), code_verifier=VERIFIER), "invalid_grant")
    assert place.redeem(code, code_verifier=VERIFIER).status_code == 200


@pytest.mark.row("S17")
def test_one_request_names_one_key(place: Place) -> None:
    """Section 10.1: which of the two counts is never for another part of the system to guess."""
    assert_refused(place.push(place.proof("par"), dpop_jkt=THIEF.key.thumbprint()), "invalid_request")


@pytest.mark.row("S16", "S17")
def test_a_proof_at_the_push_is_judged_like_any_other(place: Place) -> None:
    """S16: one of another endpoint, or one that was used before, would bind a code to a key that nobody there has."""
    proof = place.proof("par")
    assert place.push(proof).status_code == 201
    assert refused(place.push(proof))
    assert refused(place.push(place.proof("token")))
    assert place.redeem(place.allowed(place.push()), code_verifier=VERIFIER).status_code == 200


def test_at_the_strict_issuer_a_proof_at_the_push_needs_a_nonce_too(world: World) -> None:
    """RFC 9449 section 8: an application asks for one here first, and then has it for the token request."""
    bank = strict(world)
    first = bank.push(bank.proof("par", nonce=None))
    assert_refused(first, "use_dpop_nonce")
    assert bank.push(bank.proof("par", nonce=first.headers["DPoP-Nonce"])).status_code == 201


@pytest.mark.row("S17", "S47")
def test_what_is_no_thumbprint_is_told_the_application(world: World) -> None:
    """S17: a code that is bound to nothing, or to something else than its client meant, is redeemed by nobody or by anybody."""
    right = strict(world).jkt
    assert isinstance(world.judge(dpop_jkt=right), AuthorizationRequest)
    for wrong in ("x", right[:-1], f"{right}=", f"{right}A", right[:-1] + "+", "é" * 43):
        judged = world.judge(dpop_jkt=wrong)
        assert isinstance(judged, SentBack)
        assert "error=invalid_request" in judged.location, wrong
