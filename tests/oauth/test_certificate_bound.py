"""A token that is bound to a certificate works with that certificate alone (RFC 8705 section 3, S14, S15)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from idp.oauth.client_certificate import thumbprint_of
from tests.client_signers import asserted
from tests.oauth.certified import BEHIND_PROXY, MTLS_ORIGIN, PROXY, UNVERIFIED, Certified
from tests.oauth.keyed import Keyed, refused
from tests.oauth.place import Place
from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import BACK, ORIGIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.client_certificates import MadeCertificate
    from tests.oauth.world import Answered, NewWorld, World

BOUND = {"ing": {"client_auth_methods": ("client_secret_basic", "self_signed_tls_client_auth"), "certificate_bound_tokens": True}}


@pytest.fixture
def strict(new_world: NewWorld) -> World:
    """A service behind a proxy that asks for certificates."""
    return new_world(service=BEHIND_PROXY)


@pytest.fixture
def bank(strict: World) -> Certified:
    """A bank of the strict issuer with a certificate."""
    bank = Certified(strict, client_id="fapi-1").register(kind="fapi")
    strict.clients["fapi"] = ("fapi-1", "")
    return bank


def redeem(bank: Certified, headers: Mapping[str, str] | None = None, /, **form: str) -> Answered:
    """Redeem a code at the strict issuer."""
    wanted = {"grant_type": "authorization_code", "code": bank.world.code("fapi"), "redirect_uri": BACK}
    return bank.ask(headers, "/fapi/token", **wanted, **form)


def claims_of(world: World, token: str) -> Mapping[str, Any]:
    """Read a token of the strict issuer."""
    return world.strict.access_tokens.verify(token)


def x5t(made: MadeCertificate) -> dict[str, str]:
    """What a token says of a certificate that it is bound to."""
    return {"x5t#S256": thumbprint_of(made.certificate)}


def userinfo(
    world: World, token: str, headers: Mapping[str, str], path: str = "/fapi/userinfo", address: str = PROXY
) -> Answered:
    """Ask whom a token is about, with what the proxy says of a certificate."""
    sent = {"Authorization": f"Bearer {token}", **headers}
    return world.http.get(path, headers=sent, environ_base={"REMOTE_ADDR": address})


@pytest.mark.row("S14")
def test_the_strict_issuer_binds_to_the_certificate(bank: Certified) -> None:
    """S14: a bank's token is worth nothing to whoever steals it; an API sees in it, or is told, which certificate to look for."""
    body = redeem(bank).json
    assert body["token_type"] == "Bearer"  # RFC 8705 section 3
    assert claims_of(bank.world, body["access_token"])["cnf"] == x5t(bank.made)
    told = bank.ask(path="/fapi/introspect", token=body["access_token"]).json
    assert (told["active"], told["token_type"], told["cnf"]) == (True, "Bearer", x5t(bank.made))


@pytest.mark.row("S14")
def test_a_client_that_signs_binds_to_any_certificate_of_its_own(strict: World) -> None:
    """S14: a certificate that nobody registered is enough to bind to; without one there is no token at all."""
    signing = Keyed(strict, client_id="fapi-1").register("fapi")
    strict.clients["fapi"] = ("fapi-1", "")
    showing = Certified(strict, client_id="fapi-1")
    said = {"aud": f"{ORIGIN}/fapi"}
    assert_refused(redeem(showing, {}, **asserted(signing.assertion(**said))), "invalid_request")
    body = redeem(showing, **asserted(signing.assertion(**said))).json
    assert claims_of(strict, body["access_token"])["cnf"] == x5t(showing.made)


@pytest.mark.row("S18")
def test_the_strict_issuer_takes_no_secret(bank: Certified) -> None:
    """S18: what can be read over a shoulder lets nobody into a bank's customers."""
    client, secret = bank.world.parts.clients.add("fapi", "by secret", "operator:test")
    assert refused(redeem(bank, client_id=client.client_id, client_secret=secret))
    bank.world.clients["secret"] = (client.client_id, secret)
    assert refused(redeem(bank, bank.world.basic("secret"), client_id=client.client_id))


@pytest.mark.row("S15")
def test_a_bound_token_is_refused_without_its_certificate(bank: Certified) -> None:
    """S15: whoever has a copy of the token alone gets nothing for it, nor who writes the certificate into a header."""
    token = redeem(bank).json["access_token"]
    right = bank.made.headers(UNVERIFIED)
    assert userinfo(bank.world, token, right).status_code == 200
    nothing: dict[str, str] = {}
    wrong = ((nothing, PROXY), (bank.another().headers(), PROXY), ({"SSL-Client-Cert": "x"}, PROXY), (right, "192.0.2.81"))
    for headers, address in wrong:
        answer = userinfo(bank.world, token, headers, address=address)
        assert_refused(answer, "invalid_token", 401)
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.row("S4")
def test_of_thirty_two_who_bring_a_code_at_once_one_wins(bank: Certified) -> None:
    """S4: at the strict issuer, by a certificate: assertions and proofs, each written down, would have them come one by one."""
    form = {"grant_type": "authorization_code", "code": bank.world.code("fapi"), "redirect_uri": BACK, "client_id": "fapi-1"}
    headers, together, app = bank.made.headers(UNVERIFIED), Barrier(32), bank.world.app

    def bring(_: int) -> int:
        together.wait()
        proxy = {"REMOTE_ADDR": PROXY}
        return app.test_client().post("/fapi/token", data=form, headers=headers, environ_base=proxy).status_code

    with ThreadPoolExecutor(32) as pool:
        assert sorted(pool.map(bring, range(32))) == [200, *[400] * 31]


@pytest.mark.row("S14", "S31")
def test_a_refresh_binds_to_the_certificate_that_it_is_asked_for_with(strict: World) -> None:
    """A bank renews its certificate and goes on with its customers; the refresh token itself stays as it is."""
    signing = Keyed(strict, client_id="fapi-1").register("fapi")
    strict.clients["fapi"] = ("fapi-1", "")
    showing = Certified(strict, client_id="fapi-1")

    def proof() -> dict[str, str]:
        return asserted(signing.assertion(aud=f"{ORIGIN}/fapi"))

    refresh_token = redeem(showing, **proof()).json["refresh_token"]
    renewed = showing.another()
    wanted = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    body = showing.ask(renewed.headers(UNVERIFIED), "/fapi/token", **wanted, **proof()).json
    assert (body["refresh_token"], claims_of(strict, body["access_token"])["cnf"]) == (refresh_token, x5t(renewed))
    assert userinfo(strict, body["access_token"], showing.made.headers()).status_code == 401
    assert_refused(showing.ask({}, "/fapi/token", **wanted, **proof()), "invalid_request")


@pytest.mark.row("S15")
def test_a_connector_of_the_classic_issuer_may_want_it_too(new_world: NewWorld) -> None:
    """A bank that has certificates is as safe before it moves to the strict issuer; others are asked for nothing."""
    world = new_world(changes=BOUND, service=BEHIND_PROXY)
    bank = Certified(world).register()
    token = bank.ask().json["access_token"]
    assert world.oauth.access_tokens.verify(token)["cnf"] == x5t(bank.made)
    assert userinfo(world, token, bank.made.headers(UNVERIFIED), "/oauth/userinfo").status_code == 200
    assert_refused(userinfo(world, token, {}, "/oauth/userinfo"), "invalid_token", 401)
    assert_refused(world.token("ing"), "invalid_request")
    unbound = bank.ask({**bank.made.headers(), **world.basic("basecone")}, client_id=world.clients["basecone"][0]).json
    assert "cnf" not in world.oauth.access_tokens.verify(unbound["access_token"])
    assert world.userinfo(unbound["access_token"]).status_code == 200


@pytest.mark.row("S14")
def test_who_shows_a_key_as_well_has_its_tokens_bound_to_that(bank: Certified) -> None:
    """A bank has a certificate, and APIs that see none: its proof names the address that it asks at, or the usual one."""
    showing = Place(bank.world, "/fapi", bank.client_id, dict, dict)
    for origin in (MTLS_ORIGIN, ORIGIN):
        proof = showing.proof(htu=f"{origin}/fapi/token")
        body = redeem(bank, {**bank.made.headers(UNVERIFIED), "DPoP": proof}).json
        assert (body["token_type"], claims_of(bank.world, body["access_token"])["cnf"]) == ("DPoP", {"jkt": showing.jkt})
    elsewhere = showing.proof(htu="https://mtls.evil.example/fapi/token")
    assert_refused(redeem(bank, {**bank.made.headers(UNVERIFIED), "DPoP": elsewhere}), "invalid_dpop_proof")
