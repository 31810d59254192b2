"""A bare name and a password give a token (R21), to clients that may (S28), and nothing else does (S29, S33, S50)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from idp.settings import LimitSettings
from tests.oauth.proving import strict
from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import AUDIENCE, ORIGIN, OTHER_AUDIENCE, PASSWORD, USERNAME, NewWorld, World

APPLICATIONS = ("basecone", "rabobank", "triodos", "ing")
VENDOR_SCOPE = "http://UNIT4.Multivers.API/Web/WebApi/*"


def read_as_an_outsider(world: World, token: str) -> jwt.Token:
    """Verify a token as an API would: with nothing but what the issuer publishes."""
    jwks_uri = world.http.get("/.well-known/oauth-authorization-server").json["jwks_uri"]
    keys = KeySet.import_key_set(world.http.get(jwks_uri.removeprefix(ORIGIN)).json)
    return jwt.decode(token, keys, algorithms=["ES256"])


@pytest.mark.row("R21")
@pytest.mark.parametrize("kind", APPLICATIONS)
def test_each_application_gets_a_token_that_an_api_can_verify(world: World, kind: str) -> None:
    """R21: an owner types the bare name and the new password at the application, and the books are connected."""
    answer = world.token(kind).json
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 3600
    assert answer["scope"] == "administratie:read administratie:write"
    assert "refresh_token" not in answer
    token = read_as_an_outsider(world, answer["access_token"])
    user = world.directory.find_user(USERNAME)
    now = int(world.clock.now().timestamp())
    jti = token.claims.pop("jti")
    assert token.header["typ"] == "at+jwt"
    assert token.claims == {
        "iss": ORIGIN,
        "sub": user.entry_uuid,
        "aud": AUDIENCE,
        "client_id": world.clients[kind][0],
        "iat": now,
        "exp": now + 3600,
        "scope": "administratie:read administratie:write",
        "administratie": user.administratie,
    }
    assert len(jti) >= 22  # S34: 128 bits


@pytest.mark.row("R21")
@pytest.mark.parametrize("path", ["/V221/OAuth/Token", "/v21/OAuth/Token", "/oauth/token"])
def test_the_vendors_address_serves_its_present_clients(world: World, path: str) -> None:
    """R21: applications set up with today's addresses go on working: secret in the body, own scope, a refresh token."""
    client_id, secret = world.clients["vendor_api"]
    form = {
        "grant_type": "password",
        "username": USERNAME,
        "password": PASSWORD,
        "client_id": client_id,
        "client_secret": secret,
        "scope": VENDOR_SCOPE,
    }
    answer = world.post(path, None, form).json
    assert answer["scope"] == VENDOR_SCOPE
    assert len(answer["refresh_token"]) >= 43
    assert read_as_an_outsider(world, answer["access_token"]).claims["client_id"] == client_id


@pytest.mark.row("R21")
@pytest.mark.parametrize(
    "username", ["U4BBGA0008@u4bsw.nl", "U4BBGA0008@u4bb.nl", "u4bbga0008@U4BSW.NL ", "nobody@u4bsw.nl", "a@b", "@"]
)
def test_with_the_suffix_the_way_out_is_told(new_world: NewWorld, username: str) -> None:
    """R21: the commonest mistake gets a sentence that says what to leave off, and costs no attempt."""
    world = new_world(LimitSettings(token_failures="1 per 15 minutes", token_client_user="3 per minute"))
    answers = []
    for _ in range(5):
        response = world.token(username=username, password="wrong")
        assert_refused(response, "invalid_grant")
        assert "from @ on" in response.json["error_description"]
        assert not any(call.startswith("directory") for call in world.calls)
        answers.append(response.data)
    assert len(set(answers)) == 1
    assert world.token().status_code == 200


@pytest.mark.row("R21")
@pytest.mark.parametrize("username", ["u4bbga0008", " U4BBGA0008 ", "\tU4bbGA0008"])
def test_case_and_white_space_around_are_forgiven(world: World, username: str) -> None:
    """R21: what was copied from the portal with a space too many works."""
    assert world.token(username=username).status_code == 200


@pytest.mark.row("S29")
def test_wrong_unknown_blocked_and_unset_are_one_refusal(world: World) -> None:
    """S29: the names run in sequence; whoever could tell them apart would get the whole list of customers."""
    world.directory.add_user("U4BBGA0009", password=PASSWORD)
    world.directory.block("U4BBGA0009")
    world.directory.add_user("U4BBGA0010", password=None)
    attempts = [
        (USERNAME, "wrong"),
        ("U4BBGA0099", PASSWORD),
        ("U4BBGA0009", PASSWORD),
        ("U4BBGA0010", PASSWORD),
        ("no such!", "x"),
    ]
    seen = []
    for username, password in attempts:
        response = world.token(username=username, password=password)
        assert_refused(response, "invalid_grant")
        seen.append((response.data, response.headers.to_wsgi_list(), tuple(world.calls)))
    assert len({str(each) for each in seen}) == 1


@pytest.mark.row("S29")
@pytest.mark.parametrize("username", [USERNAME, "U4BBGA0099"])
def test_guessing_is_slowed_down_whether_or_not_the_name_exists(new_world: NewWorld, username: str) -> None:
    """S29: a guesser gets 429, of which nothing can be learned; the user's other applications notice nothing."""
    world = new_world(LimitSettings(token_failures="3 per 15 minutes"))
    guesses = [world.token(username=username, password=f"guess {number}") for number in range(4)]
    assert [response.status_code for response in guesses] == [400, 400, 400, 429]
    assert_refused(guesses[-1], "temporarily_unavailable", 429)
    assert 1 <= int(guesses[-1].headers["Retry-After"]) <= 900
    assert world.token("rabobank").status_code == 200


@pytest.mark.row("S29")
def test_a_flood_for_one_name_is_stopped(new_world: NewWorld) -> None:
    """S29: a client in a loop leaves room for the client's other users."""
    world = new_world(LimitSettings(token_client_user="2 per minute"))
    world.directory.add_user("U4BBGA0009", password=PASSWORD)
    assert [world.token().status_code for _ in range(3)] == [200, 200, 429]
    assert world.token(username="U4BBGA0009").status_code == 200


@pytest.mark.row("S50")
@pytest.mark.parametrize("password", ["", "x" * 1025])
def test_an_empty_password_never_reaches_the_directory(world: World, password: str) -> None:
    """S50: to LDAP an empty password is an anonymous bind, which succeeds for everybody."""
    response = world.token(password=password)
    assert response.status_code == 400
    assert response.json["error"] in ("invalid_request", "invalid_grant")
    assert not any(call.startswith("directory") for call in world.calls)


@pytest.mark.row("S28")
def test_only_a_client_that_lists_it_may_use_the_password_grant(new_world: NewWorld) -> None:
    """S28: an application that has something better can't be talked into passwords."""
    world = new_world(changes={"ing": {"grants": ("refresh_token",), "refresh_token_lifetime": timedelta(days=1)}})
    assert_refused(world.token("ing"), "unauthorized_client")
    assert not any(call.startswith("directory") for call in world.calls)
    assert world.token("rabobank").status_code == 200


@pytest.mark.row("S28")
def test_the_strict_issuer_knows_no_password_grant(world: World) -> None:
    """S28: FAPI 2.0 section 5.3.2.1 forbids it; whoever has guessed a password would need no owner."""
    bank = strict(world)
    assert_refused(bank.ask(grant_type="password", username=USERNAME, password=PASSWORD), "unsupported_grant_type")
    assert not any(call.startswith("directory") for call in world.calls)


@pytest.mark.row("S28")
def test_after_its_sunset_the_password_grant_is_over(new_world: NewWorld) -> None:
    """S28: the day that was agreed is kept by itself."""
    world = new_world()
    today = world.clock.now().date()
    ending = new_world(changes={"ing": {"password_grant_sunset": today + timedelta(days=1)}})
    assert ending.token("ing").status_code == 200
    ending.clock.go(timedelta(days=1))
    assert_refused(ending.token("ing"), "unauthorized_client")


@pytest.mark.row("S28")
def test_the_banks_get_no_refresh_grant(world: World) -> None:
    """S28: a grant that a connector does not list is refused, whichever it is."""
    assert_refused(world.refresh("x", "ing"), "unauthorized_client")


@pytest.mark.row("S33")
@pytest.mark.parametrize(
    "scope",
    ["admin", "administratie:read admin", VENDOR_SCOPE, "administratie:read\tadministratie:write", "ADMINISTRATIE:READ", "ü"],
)
def test_an_unknown_scope_is_refused(world: World, scope: str) -> None:
    """S33: Authlib alone issues a token without a word; the application would find out much later."""
    refused = world.token(scope=scope)
    assert_refused(refused, "invalid_scope")
    assert refused.json["error_description"] == "The scope is unknown, or not for this client."
    assert not any(call.startswith("directory") for call in world.calls)


def test_less_may_be_asked_for(world: World) -> None:
    """An application that only reads need not be able to write; doubled spaces and scopes do no harm."""
    answer = world.token(scope=" administratie:read  administratie:read").json
    assert answer["scope"] == "administratie:read"
    assert read_as_an_outsider(world, answer["access_token"]).claims["scope"] == "administratie:read"


@pytest.mark.row("S38")
def test_the_token_is_for_the_resource_that_was_asked_for(world: World) -> None:
    """RFC 8707: a token for one API is of no use at another."""
    answer = world.token(resource=OTHER_AUDIENCE).json
    assert read_as_an_outsider(world, answer["access_token"]).claims["aud"] == OTHER_AUDIENCE


@pytest.mark.row("S38")
@pytest.mark.parametrize("resources", [["https://evil.example/"], [AUDIENCE, OTHER_AUDIENCE], ["api"], [AUDIENCE + "#x"]])
def test_another_resource_is_refused(world: World, resources: list[str]) -> None:
    """RFC 8707 section 2: one of ours, and one at a time."""
    form = [
        ("grant_type", "password"),
        ("username", USERNAME),
        ("password", PASSWORD),
        *(("resource", each) for each in resources),
    ]
    assert_refused(world.post("/oauth/token", "basecone", form), "invalid_target")
    assert not any(call.startswith("directory") for call in world.calls)


def test_a_token_lives_as_long_as_the_connector_says(new_world: NewWorld) -> None:
    """An application that shall ask often gets short tokens."""
    world = new_world(changes={"ing": {"access_token_lifetime": timedelta(minutes=5)}})
    answer = world.token("ing").json
    assert answer["expires_in"] == 300
    world.clock.go(timedelta(seconds=299))
    assert world.introspect(answer["access_token"], "ing")["active"]
    world.clock.go(timedelta(seconds=1))
    assert not world.introspect(answer["access_token"], "ing")["active"]
