"""A client on its own behalf: a token for no user and no administration (RFC 6749 section 4.4, RFC 9068 section 2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.oauth.test_password_grant import read_as_an_outsider
from tests.oauth.test_token_request import assert_refused
from tests.oauth.world import AUDIENCE, ORIGIN, OTHER_AUDIENCE

if TYPE_CHECKING:
    from tests.oauth.world import Answered, World


def own_token(world: World, kind: str = "vendor_service", **form: str) -> Answered:
    """Ask for a token on its own behalf."""
    return world.post("/oauth/token", kind, {"grant_type": "client_credentials", **form})


def test_the_client_itself_is_the_subject(world: World) -> None:
    """A program of the back office would be taken for somebody's; no administration is in its token, so no API opens one."""
    answer = own_token(world)
    assert answer.status_code == 200, answer.text
    assert set(answer.json) == {"access_token", "token_type", "expires_in", "scope"}
    client_id, now = world.clients["vendor_service"][0], int(world.clock.now().timestamp())
    claims = dict(read_as_an_outsider(world, answer.json["access_token"]).claims)
    known = {"iss": ORIGIN, "sub": client_id, "aud": AUDIENCE, "client_id": client_id, "scope": "service"}
    assert claims == {**known, "iat": now, "exp": now + 900, "jti": claims["jti"]}
    told = world.introspect(answer.json["access_token"], "vendor_service")
    assert told == {**claims, "active": True, "token_type": "Bearer"}
    own_token(world)
    assert not [call for call in world.calls if call.startswith("directory.")]


def test_userinfo_has_nobody_to_tell_of(world: World) -> None:
    """403: another token like this one would be no better, and a client that was told 401 would ask for one, for ever."""
    answer = world.userinfo(own_token(world).json["access_token"])
    assert_refused(answer, "insufficient_scope", 403)
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="koppel-idp", error="insufficient_scope"')


@pytest.mark.parametrize("kind", ["basecone", "vendor_api"])
def test_only_a_client_that_lists_it_may(world: World, kind: str) -> None:
    """A bank would have tokens that no owner ever gave it."""
    assert_refused(own_token(world, kind), "unauthorized_client")


def test_what_is_asked_for_is_what_its_kind_may_have(world: World) -> None:
    """S33, S38: the same as with any other grant."""
    assert_refused(own_token(world, scope="administratie:read"), "invalid_scope")
    assert_refused(own_token(world, resource="https://evil.example/"), "invalid_target")
    claims = read_as_an_outsider(world, own_token(world, resource=OTHER_AUDIENCE).json["access_token"]).claims
    assert claims["aud"] == OTHER_AUDIENCE


def test_it_can_be_revoked(world: World) -> None:
    """RFC 7009: a token that got into a log is ended by whoever sees it there; the others work on."""
    first, second = (own_token(world).json["access_token"] for _ in range(2))
    assert world.post("/oauth/revoke", "vendor_service", {"token": first}).status_code == 200
    assert [world.introspect(token, "vendor_service")["active"] for token in (first, second)] == [False, True]


@pytest.mark.row("S46")
def test_its_end_is_that_of_all_its_tokens(world: World) -> None:
    """S46: the token of a client that was switched off works nowhere any more, whoever asks."""
    token = own_token(world).json["access_token"]
    client_id = world.clients["vendor_service"][0]
    world.add_api(AUDIENCE)
    assert world.introspect(token, "api")["sub"] == client_id
    world.parts.clients.disable(client_id, "operator:test")
    assert world.introspect(token, "api") == {"active": False}


def test_it_is_seen_who_got_tokens_and_when(world: World) -> None:
    """An operator finds the client that nobody uses any more; and one line of the audit is about each token."""
    first = own_token(world)
    second = own_token(world)
    assert (first.status_code, second.status_code) == (200, 200)
    client_id = world.clients["vendor_service"][0]
    with world.database.reading() as work:
        grant = work.grants.of_client(client_id)
        records = [record.event for record in work.audit.newest(2)]
    assert grant is not None
    assert (grant.sub, grant.seen, grant.uid) == (client_id, None, "")
    assert world.parts.clients.use()["vendor_service"].last_used_at == world.clock.now()
    told = [(event.action, event.actor, event.subject, dict(event.detail)) for event in records]
    assert told == [("token.issued", f"client:{client_id}", client_id, {"grant": grant.id})] * 2
