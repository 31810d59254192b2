"""Grants (an owner's *koppelingen*) and the tokens under them: issued, refreshed, looked at, ended (S33, S34, S37, S46)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Purpose
from idp.errors import ClientDisabled, DirectoryUnavailable, GrantEnded, NotUsable, SubjectBlocked, SubjectChanged
from tests.services.composition import DIGESTS
from tests.services.tokens import (
    ACCESS_ONLY,
    API,
    DAYS,
    HOME_NETWORK,
    HOUR,
    MOMENT,
    NETWORK_ELSEWHERE,
    READ_WRITE,
    is_live,
    issue,
    refresh_of,
    refreshed,
    stored,
)
from tests.services.world import ELSEWHERE, NAME, NEW_PASSWORD, SECOND_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.domain.client import Client
    from idp.services.issued import Issued
    from tests.services.world import World


def test_what_is_issued_says_what_it_is_for(world: World, client: Client) -> None:
    """An application would hold a token for another API, or for longer than it is told."""
    issued = issue(world, client)
    assert (issued.scope, issued.audience) == (READ_WRITE, API)
    assert (issued.issued_at, issued.expires_at) == (world.clock.now(), world.clock.now() + HOUR)
    assert issued.user == world.user()
    grant = stored(world, issued)
    assert grant == issued.grant
    assert (grant.client_id, grant.uid, grant.seen) == (client.client_id, NAME, world.user().seen)
    assert (grant.created_at, grant.last_used_at, grant.network) == (world.clock.now(), world.clock.now(), HOME_NETWORK)
    assert len(bytes.fromhex(grant.id)) == 16


def test_a_plan_without_refresh_gives_none(world: World, client: Client) -> None:
    """Basecone would hold a token for sixty days that nobody wanted."""
    assert issue(world, client, plan=ACCESS_ONLY).refresh_token is None


@pytest.mark.row("S34")
def test_only_digests_are_kept(world: World, client: Client) -> None:
    """Whoever reads the database would hold everybody's tokens."""
    issued = issue(world, client)
    assert len(issued.jti) == 22  # 128 bits
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
    assert (grant.created_at, grant.last_used_at, grant.network) == (
        world.clock.now() - HOUR,
        world.clock.now(),
        NETWORK_ELSEWHERE,
    )
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


def test_a_token_whose_client_is_gone_is_dead(world: World, issued: Issued) -> None:
    """A client removed from the database by hand would leave its tokens alive."""
    with world.database.transaction() as work:
        token = work.grants.token("access", DIGESTS.digest(Purpose.ACCESS_TOKEN, issued.jti))
        assert token is not None
        work.grants.add_token(replace(token, digest=DIGESTS.digest(Purpose.ACCESS_TOKEN, "other"), client_id="gone"))
    with pytest.raises(ClientDisabled):
        world.grants.inspect_access("other")
