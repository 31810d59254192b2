"""Who an application is: one proof, the same refusal whatever is wrong with it (S25, S27)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from idp.settings import LimitSettings
from tests.oauth.test_token_request import RIGHT, assert_refused

if TYPE_CHECKING:
    from tests.oauth.world import NewWorld, World

ENDPOINTS = ("/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/par")


def basic(text: str) -> dict[str, str]:
    """Give the header for this pair."""
    return {"Authorization": "Basic " + base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()}


def test_both_ways_work_for_every_connector(world: World) -> None:
    """Some applications send their secret in the header, some in the body."""
    with_password = [kind for kind, connector in world.parts.connectors.items() if "password" in connector.grants]
    assert with_password
    for kind in with_password:
        client_id, secret = world.clients[kind]
        assert world.token(kind).status_code == 200
        in_body = {**RIGHT, "client_id": client_id, "client_secret": secret}
        assert world.post("/oauth/token", None, in_body).status_code == 200


def test_id_and_secret_are_form_encoded_in_the_header(world: World) -> None:
    """RFC 6749 section 2.3.1: a registration with a colon or a space in its client_id works as well."""
    client, secret = world.parts.clients.add("basecone", "Odd", "operator:test", client_id="odd: id+100%")
    headers = basic(f"odd%3A+id%2B100%25:{secret}")
    assert world.post("/oauth/token", None, RIGHT, headers=headers).status_code == 200
    assert client.client_id == "odd: id+100%"


@pytest.mark.row("S27")
def test_whoever_is_refused_is_logged_by_what_they_claim_to_be_and_by_no_secret(world: World) -> None:
    """An application whose secret is old, or guessed, would be one line with 401 among others; or its secret stand in the log."""
    client_id, secret = world.clients["basecone"]
    for claimed, told in ((client_id, client_id), ("basecone-0123456789abcdef", "basecone-0123456789abcdef"), (secret, "")):
        with capture_logs() as lines:
            assert world.post("/oauth/token", None, {**RIGHT, "client_id": claimed, "client_secret": "wrong"}).status_code == 401
        assert [line for line in lines if line["event"] != "request"] == [
            {"event": "client_refused", "log_level": "info", "client_id": told}
        ]


@pytest.mark.row("S25")
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_two_ways_at_once_are_refused(world: World, endpoint: str) -> None:
    """S25: of two proofs, a wrong one could otherwise ride along with a right one."""
    client_id, secret = world.clients["basecone"]
    form = {**RIGHT, "token": "x", "client_id": client_id, "client_secret": secret}
    assert_refused(world.post(endpoint, "basecone", form), "invalid_request")


@pytest.mark.row("S25")
def test_an_assertion_beside_a_secret_is_refused(world: World) -> None:
    """S25: the same for a method that we don't have."""
    assert_refused(world.token(client_assertion="x"), "invalid_request")
    client_id, secret = world.clients["basecone"]
    form = {**RIGHT, "client_id": client_id, "client_secret": secret, "client_assertion": "x"}
    assert_refused(world.post("/oauth/token", None, form), "invalid_request")


@pytest.mark.row("S25")
def test_the_header_and_the_body_may_not_name_two_clients(world: World) -> None:
    """S25: which of the two was meant?"""
    assert_refused(world.token(client_id=world.clients["ing"][0]), "invalid_request")


def test_the_same_client_id_in_header_and_body_is_fine(world: World) -> None:
    """RFC 6749 section 3.2.1 has it; many libraries send it always."""
    assert world.token(client_id=world.clients["basecone"][0]).status_code == 200


@pytest.mark.row("S27")
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_an_unknown_client_and_a_wrong_secret_are_the_same(world: World, endpoint: str) -> None:
    """S27: otherwise anybody could list who is connected; the same steps, so not by the clock either."""
    form = {**RIGHT, "token": "x"}
    client_id, _ = world.clients["basecone"]
    attempts = [basic(f"{client_id}:wrong"), basic("nobody:wrong"), basic(f"{client_id}:{world.clients['ing'][1]}")]
    seen = []
    for headers in attempts:
        response = world.post(endpoint, None, form, headers=headers)
        assert_refused(response, "invalid_client", 401)
        seen.append((response.data, response.headers.to_wsgi_list(), tuple(world.calls)))
    assert len({str(each) for each in seen}) == 1
    assert not any(call.startswith("directory") for call in world.calls)


@pytest.mark.row("S27")
def test_a_disabled_client_is_an_unknown_one(world: World) -> None:
    """S27: the same for a client that was switched off."""
    world.post("/oauth/token", None, RIGHT, headers=basic("nobody:wrong"))
    unknown = tuple(world.calls)
    world.parts.clients.disable(world.clients["basecone"][0], "operator:test")
    assert_refused(world.token(), "invalid_client", 401)
    assert tuple(world.calls) == unknown


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Basic YQ",
        "Basic YTpi\u00e9",
        "Bearer abc",
        "Digest x",
        "basic //79/Q==",
        "Basic eA==, Basic eA==",
    ],
)
def test_an_unreadable_header_is_a_failed_proof(world: World, authorization: str) -> None:
    """RFC 6749 section 5.2: 401, and the scheme to use."""
    response = world.post("/oauth/token", None, RIGHT, headers={"Authorization": authorization})
    assert_refused(response, "invalid_client", 401)
    assert response.headers["WWW-Authenticate"].startswith("Basic realm=")


@pytest.mark.parametrize("pair", [":", "a:", ":b", "a", "a%ff:b", "a%00:b", "\u00e9:b", "a\n:b", "\udcff\udcfe:b"])
def test_half_a_proof_is_none(world: World, pair: str) -> None:
    """Nothing unreadable reaches the store."""
    response = world.post("/oauth/token", None, RIGHT, headers=basic(pair))
    assert_refused(response, "invalid_client", 401)
    assert "store.reading" not in world.calls


def test_a_header_with_something_between_is_not_read(world: World) -> None:
    """Two readers of a sloppy encoding could see two clients."""
    sloppy = world.basic("basecone")["Authorization"].replace("Basic ", "Basic !") + "!"
    assert_refused(world.post("/oauth/token", None, RIGHT, headers={"Authorization": sloppy}), "invalid_client", 401)


def test_no_proof_at_all(world: World) -> None:
    """There are no public clients here."""
    assert_refused(world.post("/oauth/token", None, RIGHT), "invalid_client", 401)
    assert_refused(world.post("/oauth/token", None, {**RIGHT, "client_id": world.clients["ing"][0]}), "invalid_client", 401)
    assert_refused(world.post("/oauth/token", None, {**RIGHT, "client_assertion": "x"}), "invalid_client", 401)


def test_a_way_that_the_connector_does_not_list_is_refused(new_world: NewWorld) -> None:
    """An application that is known to use the header has no business in the body."""
    world = new_world(changes={"ing": {"client_auth_methods": ("client_secret_basic",)}})
    client_id, secret = world.clients["ing"]
    assert world.token("ing").status_code == 200
    response = world.post("/oauth/token", None, {**RIGHT, "client_id": client_id, "client_secret": secret})
    assert_refused(response, "invalid_client", 401)


@pytest.mark.row("S27")
def test_from_outside_its_networks_a_right_secret_looks_wrong(new_world: NewWorld) -> None:
    """Whoever stole a bank's secret neither gets a token nor learns that the secret is right."""
    world = new_world(changes={"ing": {"source_networks": ("192.0.2.0/24",)}})
    assert world.token("ing", path="/oauth/token").status_code == 401
    outside = tuple(world.calls)
    world.post("/oauth/token", "ing", RIGHT, headers=world.basic("ing", "wrong"))
    assert tuple(world.calls) == outside
    inside = world.post("/oauth/token", "ing", RIGHT, address="192.0.2.9")
    assert inside.status_code == 200


def test_guessing_secrets_is_slowed_down(new_world: NewWorld) -> None:
    """A flood of guesses gets 429; the real client notices nothing, though it were behind the same address."""
    world = new_world(LimitSettings(client_failures="3 per minute"))
    guess = world.basic("ing", "wrong")
    assert world.token("basecone").status_code == 200
    with capture_logs(processors=[merge_contextvars]) as log:
        statuses = [world.post("/oauth/token", None, RIGHT, headers=guess).status_code for _ in range(4)]
    assert statuses == [401, 401, 401, 429]
    (told,) = [line for line in log if line["event"] == "limit_reached"]
    assert told["limit"] == "client_failures"
    assert "client_id" not in told  # what a stranger typed, or whose request was before
    response = world.post("/oauth/token", None, RIGHT, headers=guess)
    assert_refused(response, "temporarily_unavailable", 429)
    assert int(response.headers["Retry-After"]) >= 1
    assert world.token("ing").status_code == 200
    assert world.post("/oauth/token", None, RIGHT, headers=guess, address="192.0.2.9").status_code == 401
    assert world.token("basecone").status_code == 200


def test_an_address_has_a_budget_before_anything_is_looked_at(new_world: NewWorld) -> None:
    """A stranger's flood costs neither the store nor the directory anything."""
    world = new_world(LimitSettings(token_address="2 per minute"))
    for _ in range(2):
        world.post("/oauth/token", None, {})
    response = world.token()
    assert_refused(response, "temporarily_unavailable", 429)
    assert world.calls == ["limits.hit"]


def test_a_client_has_a_budget_of_its_own(new_world: NewWorld) -> None:
    """One application's flood leaves room for the others; and only its own secret spends its budget."""
    world = new_world(LimitSettings(token_client="2 per minute"))
    for _ in range(3):
        world.post("/oauth/token", None, RIGHT, headers=world.basic("ing", "wrong"))
    with capture_logs(processors=[merge_contextvars]) as log:
        assert [world.token("ing").status_code for _ in range(3)] == [200, 200, 429]
    (told,) = [line for line in log if line["event"] == "limit_reached"]
    assert (told["limit"], told["client_id"]) == ("token_client", world.clients["ing"][0])
    for endpoint in ("/oauth/introspect", "/oauth/revoke"):
        assert world.post(endpoint, "ing", {"token": "x"}).status_code == 429
    assert world.token("basecone").status_code == 200
