"""Grants (an owner's *koppelingen*) and the tokens under them: issued, refreshed, looked at, ended (S33, S34, S37, S46)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Purpose
from idp.errors import ClientDisabled, DirectoryUnavailable, GrantEnded, NotUsable, ScopeTooWide, SubjectBlocked, SubjectChanged
from idp.services.grants import Issued, TokenPlan
from tests.services.world import DIGESTS, ELSEWHERE, HOME, NAME, NEW_PASSWORD, PASSWORD, SECOND_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.domain.client import Client
    from idp.domain.grant import Grant
    from tests.services.world import World

READ_WRITE = "administratie:read administratie:write"
API = "https://api.example/"
HOUR = timedelta(hours=1)
DAYS = timedelta(days=60)
MOMENT = timedelta(microseconds=1)
ACCESS_ONLY = TokenPlan(READ_WRITE, API, HOUR)
WITH_REFRESH = TokenPlan(READ_WRITE, API, HOUR, DAYS)


@pytest.fixture
def client(world: World) -> Client:
    """An application; the user has a password."""
    world.admin.set_password(NAME, PASSWORD)
    world.admin.set_password(SECOND_NAME, PASSWORD)
    return world.client("vendor_api")


@pytest.fixture
def issued(world: World, client: Client) -> Issued:
    """Tokens that were issued just now."""
    return issue(world, client)


def issue(world: World, client: Client, name: str = NAME, plan: TokenPlan = WITH_REFRESH, network: str = HOME) -> Issued:
    """Issue to a user who came through the gate."""
    return world.grants.issue(client, world.user(name), network, plan)


def refreshed(world: World, client: Client, issued: Issued, scope: str | None = None) -> Issued:
    """Use the refresh token."""
    return world.grants.refresh(client, refresh_of(issued), scope, HOUR, ELSEWHERE)


def refresh_of(issued: Issued) -> str:
    """Give the refresh token."""
    assert issued.refresh_token is not None
    return issued.refresh_token


def stored(world: World, issued: Issued) -> Grant:
    """Read the grant as it is kept."""
    with world.database.reading() as work:
        grant = work.grants.get(issued.grant.id)
    assert grant is not None
    return grant


def is_live(world: World, issued: Issued) -> tuple[bool, bool]:
    """Tell of the access token and of the refresh token."""
    return _live(lambda: world.grants.inspect_access(issued.jti)), _live(lambda: world.grants.inspect_refresh(refresh_of(issued)))


def _live(look: Callable[[], object]) -> bool:
    try:
        look()
    except NotUsable:
        return False
    return True


# -- issuing ---------------------------------------------------------------------------------------------------------------


def test_what_is_issued_says_what_it_is_for(world: World, client: Client) -> None:
    """An application would hold a token for another API, or for longer than it is told."""
    issued = issue(world, client)
    assert (issued.scope, issued.audience) == (READ_WRITE, API)
    assert (issued.issued_at, issued.expires_at) == (world.clock.now(), world.clock.now() + HOUR)
    assert issued.user == world.user()
    grant = stored(world, issued)
    assert grant == issued.grant
    assert (grant.client_id, grant.uid, grant.seen) == (client.client_id, NAME, world.user().seen)
    assert (grant.created_at, grant.last_used_at, grant.network) == (world.clock.now(), world.clock.now(), HOME)
    assert len(bytes.fromhex(grant.id)) == 16


def test_a_plan_without_refresh_gives_none(world: World, client: Client) -> None:
    """Basecone would hold a token for sixty days that nobody wanted."""
    assert issue(world, client, plan=ACCESS_ONLY).refresh_token is None


@pytest.mark.row("S34")
def test_only_digests_are_kept(world: World, client: Client) -> None:
    """Whoever reads the database would hold everybody's tokens."""
    issued = issue(world, client)
    assert len(issued.jti) >= 22  # 128 bits
    assert len(refresh_of(issued)) == 43
    with world.database.reading() as work:
        access = work.grants.token("access", DIGESTS.digest(Purpose.ACCESS_TOKEN, issued.jti))
        refresh = work.grants.token("refresh", DIGESTS.digest(Purpose.REFRESH_TOKEN, refresh_of(issued)))
    now = world.clock.now()
    assert access is not None
    assert refresh is not None
    assert (access.scope, access.audience, access.issued_at, access.expires_at) == (READ_WRITE, API, now, now + HOUR)
    assert (refresh.scope, refresh.audience, refresh.issued_at, refresh.expires_at) == (READ_WRITE, API, now, now + DAYS)
    assert {access.client_id, refresh.client_id} == {client.client_id}
    assert {access.grant_id, refresh.grant_id} == {issued.grant.id}
    assert refresh_of(issued) not in repr(issued)


@pytest.mark.row("S42")
def test_one_grant_serves_an_application_a_user_and_a_password(world: World, client: Client, issued: Issued) -> None:
    """An owner would see a hundred links to one bank, and not know which to end."""
    world.clock.go(HOUR)
    again = issue(world, client, network=ELSEWHERE)
    assert again.grant.id == issued.grant.id
    grant = stored(world, issued)
    assert (grant.created_at, grant.last_used_at, grant.network) == (world.clock.now() - HOUR, world.clock.now(), ELSEWHERE)
    assert again.jti != issued.jti
    assert again.issued_at == world.clock.now()


@pytest.mark.row("S46")
def test_another_application_user_or_password_is_another_grant(world: World, client: Client, issued: Issued) -> None:
    """Ending one bank's access would end another's, or a token would be bound to the former password."""
    ids = {issued.grant.id, issue(world, world.client("ing")).grant.id, issue(world, client, SECOND_NAME).grant.id}
    world.admin.set_password(NAME, NEW_PASSWORD)
    after = issue(world, client)
    assert after.grant.seen == world.user().seen
    assert len(ids | {after.grant.id}) == 4


@pytest.mark.row("S46")
def test_a_revoked_grant_is_not_taken_up_again(world: World, client: Client, issued: Issued) -> None:
    """The first token after an owner ended a link would be dead at birth."""
    world.grants.revoke_refresh(client, refresh_of(issued))
    again = issue(world, client)
    assert again.grant.id != issued.grant.id
    assert is_live(world, again) == (True, True)


def test_what_is_issued_is_remembered(world: World, client: Client, issued: Issued) -> None:
    """Nobody could say who got a token, and when."""
    event = world.audit("token.issued")[-1]
    assert (event.actor, event.subject) == (f"client:{client.client_id}", world.user().entry_uuid)
    assert (event.detail, event.at) == ({"grant": issued.grant.id}, world.clock.now())


# -- looking ---------------------------------------------------------------------------------------------------------------


def test_a_live_token_shows_its_grant_and_its_user(world: World, issued: Issued) -> None:
    """An API could not know for whom it works."""
    for live in (world.grants.inspect_access(issued.jti), world.grants.inspect_refresh(refresh_of(issued))):
        assert (live.grant, live.user, live.token.grant_id) == (issued.grant, world.user(), issued.grant.id)


def test_a_token_ends_at_its_end(world: World, issued: Issued) -> None:
    """Tokens would live for longer than promised, or for less."""
    world.clock.go(HOUR - MOMENT)
    assert is_live(world, issued) == (True, True)
    world.clock.go(MOMENT)
    assert is_live(world, issued) == (False, True)
    world.clock.go(DAYS - HOUR)
    assert is_live(world, issued) == (False, False)


def test_one_kind_of_token_is_nothing_where_another_is_expected(world: World, issued: Issued) -> None:
    """An API that was handed an access token could make itself new ones."""
    with pytest.raises(GrantEnded):
        world.grants.inspect_refresh(issued.jti)
    with pytest.raises(GrantEnded):
        world.grants.inspect_access(refresh_of(issued))
    with pytest.raises(GrantEnded):
        world.grants.inspect_access("never issued")


@pytest.mark.row("S46")
@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda world: world.admin.block(NAME), SubjectBlocked),
        (lambda world: world.admin.set_password(NAME, NEW_PASSWORD), SubjectChanged),
        (lambda world: world.admin.delete(NAME), SubjectChanged),
        (lambda world: world.admin.recreate(NAME, world.anna), SubjectChanged),
    ],
    ids=["blocked", "changed", "deleted", "made anew"],
)
def test_what_becomes_of_the_user_ends_every_token_at_once(
    world: World, client: Client, issued: Issued, change: Callable[[World], object], error: type[NotUsable]
) -> None:
    """A stolen token would outlive the password it was stolen with."""
    change(world)
    with pytest.raises(error):
        world.grants.inspect_access(issued.jti)
    with pytest.raises(error):
        world.grants.inspect_refresh(refresh_of(issued))
    with pytest.raises(error):
        refreshed(world, client, issued)


@pytest.mark.row("S46")
def test_a_disabled_client_ends_every_token_at_once(world: World, client: Client, issued: Issued) -> None:
    """An application that was switched off would go on until its tokens expire."""
    world.clients.disable(client.client_id, "operator:test")
    with pytest.raises(ClientDisabled):
        world.grants.inspect_access(issued.jti)
    with pytest.raises(ClientDisabled):
        refreshed(world, client, issued)


@pytest.mark.row("S46")
def test_what_can_not_be_known_is_not_said_to_have_ended(world: World, client: Client, issued: Issued) -> None:
    """Applications throw away what has ended: an hour without directory would cost every link."""
    world.admin.away = True
    with pytest.raises(DirectoryUnavailable):
        world.grants.inspect_access(issued.jti)
    with pytest.raises(DirectoryUnavailable):
        refreshed(world, client, issued)


# -- refreshing ------------------------------------------------------------------------------------------------------------


@pytest.mark.row("S33")
def test_a_refresh_gives_an_access_token_and_the_same_refresh_token(world: World, client: Client, issued: Issued) -> None:
    """An application that loses the answer would lose its link."""
    world.clock.go(2 * HOUR)
    again = refreshed(world, client, issued)
    assert again.refresh_token == issued.refresh_token
    assert again.jti != issued.jti
    assert (again.scope, again.audience) == (READ_WRITE, API)
    assert (again.issued_at, again.expires_at) == (world.clock.now(), world.clock.now() + HOUR)
    grant = stored(world, issued)
    assert (grant.last_used_at, grant.network, again.grant) == (world.clock.now(), ELSEWHERE, grant)
    assert world.grants.inspect_access(again.jti).user == again.user == world.user()


@pytest.mark.row("S32")
def test_a_refresh_never_lengthens_the_refresh_token(world: World, client: Client, issued: Issued) -> None:
    """A link would live for as long as it is used: for ever."""
    world.clock.go(DAYS - MOMENT)
    refreshed(world, client, issued)
    world.clock.go(MOMENT)
    with pytest.raises(GrantEnded):
        refreshed(world, client, issued)


@pytest.mark.row("S33")
@pytest.mark.parametrize("scope", ["administratie:read", READ_WRITE, "administratie:write administratie:read", ""])
def test_a_refresh_may_ask_for_less(world: World, client: Client, issued: Issued, scope: str) -> None:
    """An application could not hand on a narrower token."""
    assert refreshed(world, client, issued, scope).scope == scope
    assert refreshed(world, client, issued).scope == READ_WRITE


@pytest.mark.row("S33")
@pytest.mark.parametrize("scope", ["admin", f"{READ_WRITE} admin", "administratie", "ADMINISTRATIE:READ"])
def test_a_refresh_never_gives_more(world: World, client: Client, issued: Issued, scope: str) -> None:
    """An application would give itself what its owner never gave."""
    with pytest.raises(ScopeTooWide):
        refreshed(world, client, issued, scope)
    assert len(world.audit("token.refreshed")) == 0


@pytest.mark.row("S37")
def test_another_clients_refresh_token_is_nothing(world: World, issued: Issued) -> None:
    """Whoever finds a refresh token in a log could use it with a client of their own."""
    with pytest.raises(GrantEnded):
        refreshed(world, world.client("ing"), issued)


def test_a_refresh_is_remembered(world: World, client: Client, issued: Issued) -> None:
    """Nobody could say who used a link."""
    refreshed(world, client, issued)
    event = world.audit("token.refreshed")[-1]
    assert (event.actor, event.subject) == (f"client:{client.client_id}", world.user().entry_uuid)
    assert (event.detail, event.at) == ({"grant": issued.grant.id}, world.clock.now())


@pytest.mark.row("S46")
@pytest.mark.parametrize("end", ["token", "grant"])
def test_a_revocation_under_way_wins(world: World, client: Client, issued: Issued, end: str) -> None:
    """The owner ends a link, and the application has one more token."""

    def revoke() -> None:
        with world.database.transaction() as work:
            if end == "grant":
                work.grants.revoke(issued.grant.id, world.clock.now())
            else:
                token = work.grants.token("refresh", DIGESTS.digest(Purpose.REFRESH_TOKEN, refresh_of(issued)))
                assert token is not None
                work.grants.revoke_token(token, world.clock.now())

    world.calls.after["directory.find_user_by_uuid"] = revoke
    with pytest.raises(GrantEnded):
        refreshed(world, client, issued)
    assert world.audit("token.refreshed") == []


# -- ending ----------------------------------------------------------------------------------------------------------------


@pytest.mark.row("S37")
def test_an_access_token_is_revoked_alone(world: World, client: Client, issued: Issued) -> None:
    """Ending one token would end the link."""
    other = issue(world, client)
    world.grants.revoke_access(client, issued.jti)
    assert is_live(world, issued) == (False, True)
    assert is_live(world, other) == (True, True)


@pytest.mark.row("S37")
def test_a_refresh_token_is_revoked_with_all_that_came_from_its_grant(world: World, client: Client, issued: Issued) -> None:
    """An application that says goodbye would leave access behind."""
    other = issue(world, client)
    elsewhere = issue(world, world.client("ing"))
    world.grants.revoke_refresh(client, refresh_of(issued))
    assert is_live(world, issued) == is_live(world, other) == (False, False)
    assert is_live(world, elsewhere) == (True, True)
    assert stored(world, issued).revoked_at == world.clock.now()


@pytest.mark.row("S37")
def test_another_clients_tokens_are_not_revoked_and_that_is_not_told(world: World, issued: Issued) -> None:
    """Any client could end everybody's links, or learn which tokens live."""
    stranger = world.client("ing")
    world.grants.revoke_access(stranger, issued.jti)
    world.grants.revoke_refresh(stranger, refresh_of(issued))
    world.grants.revoke_access(stranger, "never issued")
    world.grants.revoke_refresh(stranger, "never issued")
    assert is_live(world, issued) == (True, True)
    assert world.audit("token.revoked") == world.audit("grant.revoked") == []


@pytest.mark.row("S46")
def test_a_blocked_users_tokens_can_be_revoked(world: World, client: Client, issued: Issued) -> None:
    """After the block is lifted, what an application gave up would work again."""
    world.admin.block(NAME)
    world.grants.revoke_refresh(client, refresh_of(issued))
    world.admin.unblock(NAME)
    assert is_live(world, issued) == (False, False)


def test_an_end_is_remembered_once(world: World, client: Client, issued: Issued) -> None:
    """A client that repeats itself would fill the audit."""
    for _ in range(2):
        world.grants.revoke_access(client, issued.jti)
        world.grants.revoke_refresh(client, refresh_of(issued))
    (token,) = world.audit("token.revoked")
    (grant,) = world.audit("grant.revoked")
    for event in (token, grant):
        assert (event.actor, event.subject) == (f"client:{client.client_id}", client.client_id)
        assert (event.detail, event.at) == ({"grant": issued.grant.id}, world.clock.now())


@pytest.mark.row("S42", "S46")
def test_all_grants_of_a_user_end_together_and_nobody_elses(world: World, client: Client, issued: Issued) -> None:
    """A changed password, or an owner's click, would leave one application in."""
    second = issue(world, world.client("ing"))
    others = issue(world, client, SECOND_NAME)
    assert world.grants.end_all(world.user().entry_uuid, "owner") == 2
    assert is_live(world, issued) == is_live(world, second) == (False, False)
    assert is_live(world, others) == (True, True)
    event = world.audit("grants.ended")[-1]
    assert (event.actor, event.subject, event.detail) == ("owner", world.user().entry_uuid, {"count": "2"})
    assert event.at == world.clock.now()


def test_a_token_whose_client_is_gone_is_dead(world: World, issued: Issued) -> None:
    """A client removed from the database by hand would leave its tokens alive."""
    with world.database.transaction() as work:
        token = work.grants.token("access", DIGESTS.digest(Purpose.ACCESS_TOKEN, issued.jti))
        assert token is not None
        work.grants.add_token(replace(token, digest=DIGESTS.digest(Purpose.ACCESS_TOKEN, "other"), client_id="gone"))
    with pytest.raises(ClientDisabled):
        world.grants.inspect_access("other")
