"""Nonces of ours in a DPoP proof: fresh, for whichever node, and given with each answer (RFC 9449 sections 8 and 9, S16)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.digests import KeyedDigests
from idp.oauth.dpop_nonce import PERIOD, DPoPNonces
from tests.fakes.clock import SetClock
from tests.oauth.place import Place, hash_of
from tests.oauth.proving import classic, strict, turned_away
from tests.oauth.test_token_request import assert_refused

if TYPE_CHECKING:
    from tests.oauth.world import World

KEY = b"the key of the digests, in tests"


@pytest.mark.row("S16")
def test_at_the_strict_issuer_a_proof_needs_a_nonce(world: World) -> None:
    """S16: proofs could be made in advance; with the nonce of the answer, the same request works, for the same code."""
    bank = strict(world)
    form = bank.form()
    first = world.post("/fapi/token", None, form, headers={"DPoP": bank.proof(nonce=None)})
    assert_refused(first, "use_dpop_nonce")
    again = {**bank.form(), "code": form["code"]}
    proof = bank.proof(nonce=first.headers["DPoP-Nonce"])
    token = world.post("/fapi/token", None, again, headers={"DPoP": proof}).json["access_token"]
    ath = hash_of(token)
    second = bank.userinfo(token, bank.proof("userinfo", nonce=None, ath=ath))
    assert turned_away(second, "use_dpop_nonce")
    assert bank.userinfo(token, bank.proof("userinfo", nonce=second.headers["DPoP-Nonce"], ath=ath)).status_code == 200


def test_at_the_classic_issuer_a_proof_may_do_without(world: World) -> None:
    """An application whose library knows no nonces; where it could have a bearer token, that costs more than it brings."""
    application = classic(world)
    answer = application.ask(application.proof(nonce=None))
    assert answer.status_code == 200
    proof = application.proof("userinfo", nonce=None, ath=hash_of(answer.json["access_token"]))
    assert application.userinfo(answer.json["access_token"], proof).status_code == 200


@pytest.mark.row("S16")
def test_a_nonce_is_one_of_ours_and_fresh(place: Place) -> None:
    """S16: otherwise it shows nothing about when the proof was made; one that is there counts at either issuer."""
    nonce = place.nonce
    others: tuple[object, ...] = ("x", "", nonce + "x", nonce[:-1], nonce.swapcase(), 1, True, [nonce], {}, "é", "\ud800")
    for wrong in others:
        assert_refused(place.ask(place.proof(nonce=wrong)), "use_dpop_nonce")
    place.world.clock.go(PERIOD)
    assert place.ask(place.proof(nonce=nonce)).status_code == 200
    place.world.clock.go(PERIOD)
    stale = place.ask(place.proof(nonce=nonce))
    assert_refused(stale, "use_dpop_nonce")
    assert place.ask(place.proof(nonce=stale.headers["DPoP-Nonce"])).status_code == 200


@pytest.mark.row("S16")
def test_a_proof_with_another_fault_is_told_that_one(world: World) -> None:
    """RFC 9449 section 8: whoever gets a nonce tries once more, and would come back for ever."""
    bank = strict(world)
    assert_refused(bank.ask(bank.proof(nonce=None, htm="GET")), "invalid_dpop_proof")


def test_each_answer_to_a_proof_brings_the_newest_nonce(place: Place) -> None:
    """Section 8.2: a client always has one, and no request is refused for the want of it; who shows no key is told nothing."""
    token = place.bound()
    answers = (
        place.ask(),
        place.ask(place.proof(), code="x", username="x"),
        place.userinfo(token),
        place.userinfo("x", place.proof()),
    )
    assert [answer.status_code for answer in answers] == [200, 400, 200, 401]
    assert {answer.headers["DPoP-Nonce"] for answer in answers} == {place.nonce}
    place.world.clock.go(PERIOD)
    assert place.ask().headers["DPoP-Nonce"] == place.nonce != answers[0].headers["DPoP-Nonce"]
    assert "DPoP-Nonce" not in place.ask("").headers


@pytest.mark.row("S16")
def test_every_node_knows_the_nonces_of_every_other(world: World) -> None:
    """S16: behind a balancer, a client would be sent back and forth; the clocks of two machines differ by a little."""
    here, there = SetClock(), SetClock()
    nodes = DPoPNonces(KeyedDigests(KEY), here), DPoPNonces(KeyedDigests(KEY), there)
    for ahead in (timedelta(), PERIOD / 2, PERIOD / 2):
        there.go(ahead)
        assert nodes[0].is_fresh(nodes[1].current())
        assert nodes[1].is_fresh(nodes[0].current())
    there.go(PERIOD)
    assert not nodes[0].is_fresh(nodes[1].current())
    assert not nodes[1].is_fresh(nodes[0].current())
    assert not DPoPNonces(world.parts.digests, here).is_fresh(nodes[0].current()), "a stranger can't work it out"
