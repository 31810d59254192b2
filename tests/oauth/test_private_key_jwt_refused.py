"""One proof a request, and one refusal whatever is wrong with it (S25, S27)."""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from idp.settings import LimitSettings
from tests.client_signers import KINDS, Signer, asserted
from tests.oauth.keyed import BANKS, WITH_KEYS, Keyed, refused
from tests.oauth.test_client_authentication import ENDPOINTS
from tests.oauth.test_constant_work import work_of
from tests.oauth.test_token_request import RIGHT, assert_refused

if TYPE_CHECKING:
    from tests.oauth.world import NewWorld, World

ELSEWHERE = {kind: {"client_auth_methods": ("private_key_jwt",), "source_networks": ("192.0.2.0/24",)} for kind in BANKS}


@pytest.mark.row("S25")
def test_an_assertion_beside_another_proof_is_refused(keyed_world: World, each_bank: Keyed) -> None:
    """S25: of two proofs, a wrong one could otherwise ride along with a right one."""
    bank, assertion = each_bank, each_bank.assertion()
    halves = ({"client_assertion": assertion}, {"client_assertion_type": "x"}, asserted(assertion))
    secret = {"client_id": bank.client_id, "client_secret": "x"}
    for endpoint, half in product(ENDPOINTS, halves):
        for kind, more in (("basecone", {}), (None, secret)):
            path = endpoint.replace("/oauth", bank.prefix)
            assert_refused(keyed_world.post(path, kind, {**bank.wish, **more, **half}), "invalid_request")
    assert bank.ask(assertion, f"{bank.prefix}/introspect").status_code == 200


@pytest.mark.row("S25")
def test_it_says_what_kind_of_assertion_it_is(bank: Keyed) -> None:
    """RFC 7521 section 4.2: a SAML assertion is not read as something else."""
    for said in ("", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer", "jwt-bearer"):
        assert refused(bank.ask(client_assertion_type=said))
    assert refused(bank.ask(client_assertion=""))


def test_a_client_with_keys_has_no_secret_and_the_other_way_round(new_world: NewWorld) -> None:
    """Whoever guesses at a secret of a bank that has none guesses in vain."""
    world = new_world(changes={"ing": {"client_auth_methods": ("client_secret_post", "private_key_jwt")}})
    bank = Keyed(world).register()
    for secret in ("x", "0" * 64):
        form = {**RIGHT, "client_id": bank.client_id, "client_secret": secret}
        assert refused(world.post("/oauth/token", None, form))
    client_id, secret = world.clients["ing"]
    assert world.post("/oauth/token", None, {**RIGHT, "client_id": client_id, "client_secret": secret}).status_code == 200
    assert refused(Keyed(world, client_id=client_id).ask())
    assert bank.status() == 200


def test_a_way_that_the_connector_does_not_list_is_refused(keyed_world: World) -> None:
    """An application that is known to have a secret has no business with keys."""
    assert refused(Keyed(keyed_world, client_id="basecone-1").register("basecone").ask())


@pytest.mark.row("S27")
@pytest.mark.parametrize(("kind", "alg"), [*(("ing", alg) for alg in KINDS), ("fapi", "ES256")])
def test_unknown_client_wrong_key_wrong_network_and_replay_are_the_same(new_world: NewWorld, kind: str, alg: str) -> None:
    """S27: nobody learns which banks there are, or that a stolen key is right: same answer, same steps, as many signatures."""
    world = new_world(LimitSettings(client_failures="1000 per minute"), ELSEWHERE)
    bank = Keyed(world, Signer(alg), issuer=BANKS[kind]).register(kind)
    disabled = Keyed(world, Signer(alg), "ing-2", BANKS[kind]).register(kind)
    world.parts.clients.disable("ing-2", "operator:test")
    used = bank.assertion()
    assert bank.ask(used, f"{bank.prefix}/introspect", "192.0.2.9").status_code == 200
    attempts = {
        "unknown": (Keyed(world, Signer(alg), "nobody", BANKS[kind]).assertion(), "192.0.2.9"),
        "wrong key": (Signer(alg, which="a thief's").sign(bank.claims()), "192.0.2.9"),
        "wrong kid": (bank.signer.sign(bank.claims(), kid="another"), "192.0.2.9"),
        "disabled": (disabled.assertion(), "192.0.2.9"),
        "wrong network": (bank.assertion(), "127.0.0.1"),
        "replay": (used, "192.0.2.9"),
        "replay from a wrong network": (used, "127.0.0.1"),
    }
    for endpoint in ENDPOINTS:
        seen = {}
        for name, (assertion, address) in attempts.items():
            asking = partial(bank.ask, assertion, path=endpoint.replace("/oauth", bank.prefix), address=address)
            assert refused(asking())  # the first time, statements are prepared
            seen[name] = work_of(asking)
        assert [name for name, each in seen.items() if each != seen["unknown"]] == []
        steps = seen["unknown"][0]
        assert steps.count("validate_compact") == 1
        assert steps.count("SqlCapabilities.get") == steps.count("SqlClients.get") == 1
        assert not any(step.startswith("MemoryDirectory") for step in steps)


def test_from_a_wrong_network_nothing_is_used_up(new_world: NewWorld) -> None:
    """A thief who sends what was overheard can't keep the bank out."""
    world = new_world(changes=ELSEWHERE)
    bank = Keyed(world).register()
    assertion = bank.assertion()
    assert refused(bank.ask(assertion))
    assert bank.ask(assertion, address="192.0.2.9").status_code == 200


def test_wrong_assertions_are_slowed_down_as_wrong_secrets_are(new_world: NewWorld) -> None:
    """A flood gets 429; the real bank notices nothing, though it were behind the same address."""
    world = new_world(LimitSettings(client_failures="3 per minute"), WITH_KEYS)
    bank = Keyed(world).register()
    thiefs = Signer(which="a thief's")
    attempts = [bank.assertion(aud="x"), bank.assertion(exp=0), thiefs.sign(bank.claims()), thiefs.sign(bank.claims())]
    answers = [bank.ask(attempt) for attempt in attempts]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert bank.ask().status_code == 200
    assert bank.ask(bank.assertion(aud="x"), address="192.0.2.9").status_code == 401
    unknown = Keyed(world, client_id="nobody")
    assert [unknown.ask().status_code for _ in range(4)] == [401, 401, 401, 429]


def test_a_client_that_signs_has_a_budget_of_its_own(new_world: NewWorld) -> None:
    """One application's flood leaves room for the others."""
    bank = Keyed(new_world(LimitSettings(token_client="2 per minute"), WITH_KEYS)).register()
    assert [bank.status() for _ in range(3)] == [200, 200, 429]


def test_operators_learn_why(bank: Keyed) -> None:
    """A bank's developers ask why they are refused: the answer told them nothing; the log tells us, and holds no assertion."""
    attempts = {
        "audience": bank.assertion(aud="x"),
        "time": bank.assertion(exp=1),
        "jti": bank.assertion(jti=None),
        "type": bank.signer.sign(bank.claims(), typ="at+jwt"),
        "signature, client or replay": Signer(which="a thief's").sign(bank.claims()),
        "malformed": "x",
    }
    for reason, attempt in attempts.items():
        with capture_logs() as lines:
            assert refused(bank.ask(attempt, client_id=bank.client_id))
        told = {"event": "client_assertion_refused", "log_level": "info", "client_id": bank.client_id, "reason": reason}
        assert lines == [told]
