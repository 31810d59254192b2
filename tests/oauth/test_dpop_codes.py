"""A code that is for one key is nothing without it (RFC 9449 section 10, FAPI 2.0 Security Profile section 5.3.2.1, S17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.oauth.authorization import AuthorizationEndpoint, AuthorizationRequest
from idp.oauth.authorization_response import SentBack
from idp.oauth.http import RawRequest
from tests.client_signers import Signer
from tests.oauth.proving import Place, refused, strict
from tests.oauth.test_authorization_code_grant import CHALLENGE, VERIFIER
from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import BACK, USERNAME

if TYPE_CHECKING:
    from tests.oauth.world import Answered, World

THIEF = Signer(which="the thief's")
ASKING = {
    "response_type": "code", "redirect_uri": BACK, "code_challenge": CHALLENGE, "code_challenge_method": "S256",
}  # fmt: skip


def redeem(place: Place, code: str, proof: str | None = None, **form: str) -> Answered:
    """Bring a code."""
    return place.ask(proof, grant_type="authorization_code", code=code, redirect_uri=BACK, **form)


def push(place: Place, proof: str = "", **asking: str) -> Answered:
    """Push a request; an empty proof is none at all."""
    who = {name: value for name, value in place.form().items() if name.startswith("client_")}
    return place.world.post(f"{place.prefix}/par", None, {**who, **ASKING, **asking}, headers={"DPoP": proof} if proof else {})


def allowed(place: Place, pushed: Answered) -> str:
    """Have the owner allow what was pushed; gives the code."""
    assert pushed.status_code == 201, pushed.text
    server = place.world.oauth if place.prefix == "/oauth" else place.world.strict
    client_id = place.client_id
    query = f"client_id={client_id}&request_uri={pushed.json['request_uri']}"
    judged = AuthorizationEndpoint(server.parts).judge(RawRequest("GET", query, "", b"", None, "127.0.0.1", "127.0.0.1"))
    assert isinstance(judged, AuthorizationRequest), judged
    return server.parts.authorization.allow(place.world.session(), USERNAME, judged.asked)


@pytest.mark.row("S17")
def test_a_code_that_is_for_a_key_is_nothing_without_it(place: Place) -> None:
    """S17: whoever steals the code from the browser, and the verifier with it, would get tokens for a key of their own."""
    code = place.world.code(client_id=place.client_id, jkt=place.jkt)
    for proof in (place.proof("token", THIEF), *([""] if place.prefix == "/oauth" else [])):
        assert_refused(redeem(place, code, proof), "invalid_grant")
    answer = redeem(place, code)
    assert (answer.status_code, answer.json.get("token_type")) == (200, "DPoP"), answer.text


@pytest.mark.row("S17")
def test_a_code_that_is_for_no_key_may_be_redeemed_with_any(place: Place) -> None:
    """RFC 9449 section 10: it is for the client to say; one that shows its key for the first time at the token endpoint works."""
    assert redeem(place, place.world.code(client_id=place.client_id)).status_code == 200


@pytest.mark.row("S17")
@pytest.mark.parametrize("how", ["parameter", "proof", "both"])
def test_what_is_pushed_names_the_key(place: Place, how: str) -> None:
    """S17: by the parameter, or by a proof at the endpoint itself (section 10.1), the code is for that key."""
    proof = "" if how == "parameter" else place.proof("par")
    named = {} if how == "proof" else {"dpop_jkt": place.jkt}
    code = allowed(place, push(place, proof, **named))
    assert_refused(redeem(place, code, place.proof("token", THIEF), code_verifier=VERIFIER), "invalid_grant")
    assert redeem(place, code, code_verifier=VERIFIER).status_code == 200


@pytest.mark.row("S17")
def test_one_request_names_one_key(place: Place) -> None:
    """Section 10.1: which of the two counts is never for another part of the system to guess."""
    assert_refused(push(place, place.proof("par"), dpop_jkt=THIEF.key.thumbprint()), "invalid_request")


@pytest.mark.row("S16", "S17")
def test_a_proof_at_the_push_is_judged_like_any_other(place: Place) -> None:
    """S16: one of another endpoint, or one that was used before, would bind a code to a key that nobody there has."""
    proof = place.proof("par")
    assert push(place, proof).status_code == 201
    assert refused(push(place, proof))
    assert refused(push(place, place.proof("token")))
    assert redeem(place, allowed(place, push(place)), code_verifier=VERIFIER).status_code == 200


def test_at_the_strict_issuer_a_proof_at_the_push_needs_a_nonce_too(world: World) -> None:
    """RFC 9449 section 8: an application asks for one here first, and then has it for the token request."""
    bank = strict(world)
    first = push(bank, bank.proof("par", nonce=None))
    assert_refused(first, "use_dpop_nonce")
    assert push(bank, bank.proof("par", nonce=first.headers["DPoP-Nonce"])).status_code == 201


@pytest.mark.row("S17", "S47")
def test_what_is_no_thumbprint_is_told_the_application(world: World) -> None:
    """S17: a code that is bound to nothing, or to something else than its client meant, is redeemed by nobody or by anybody."""
    right = strict(world).jkt
    assert isinstance(world.judge(dpop_jkt=right), AuthorizationRequest)
    for wrong in ("x", right[:-1], f"{right}=", f"{right}A", right[:-1] + "+", "é" * 43):
        judged = world.judge(dpop_jkt=wrong)
        assert isinstance(judged, SentBack)
        assert "error=invalid_request" in judged.location, wrong
