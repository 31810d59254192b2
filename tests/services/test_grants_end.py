"""Tokens and grants are ended by whoever may, and by nobody else (S37, S42, S46)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Capability, Purpose
from idp.services.end_access import end_everybodys
from tests.services.tokens import is_live, issue, refresh_of, stored
from tests.services.world import NAME, SECOND_NAME

LEADING_IN = (
    "portal-session",
    "ticket",
    "ticket-cookie",
    "authorization-request",
    "pushed-request",
    "authorization-code",
    "device-code",
)

if TYPE_CHECKING:
    from idp.domain.client import Client
    from idp.services.issued import Issued
    from tests.services.world import World


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
        for action in ("token.revoked", "grant.revoked"):
            (event,) = world.audit(action)
            assert (event.actor, event.subject) == (f"client:{client.client_id}", client.client_id)
            assert (event.detail, event.at) == ({"grant": issued.grant.id}, world.clock.now())


@pytest.mark.row("S46")
def test_all_grants_of_a_user_end_together_and_nobody_elses(world: World, client: Client, issued: Issued) -> None:
    """A changed password, or an owner's click, would leave one application in."""
    second = issue(world, world.client("ing"))
    others = issue(world, client, SECOND_NAME)
    with world.database.transaction() as work:
        assert work.grants.revoke_all(world.user().entry_uuid, world.clock.now()) == 2
    assert is_live(world, issued) == is_live(world, second) == (False, False)
    assert is_live(world, others) == (True, True)


@pytest.mark.row("S46")
def test_everybodys_grants_end_with_all_that_leads_to_new_ones(world: World, client: Client, issued: Issued) -> None:
    """After a restore in doubt, a thief's session would give them the next token; or people's mailed links would be dead."""
    others = issue(world, client, SECOND_NAME)
    now = world.clock.now()
    secrets = {
        Purpose(name): Capability("digest", Purpose(name), {}, now, now) for name in (*LEADING_IN, "portal-password", "not-me")
    }
    with world.database.transaction() as work:
        for each in secrets.values():
            work.capabilities.add(each)
        assert end_everybodys(work, now) == 2
        left = {str(purpose) for purpose in secrets if work.capabilities.get(purpose, "digest") is not None}
    assert left == {"portal-password", "not-me"}
    assert is_live(world, issued) == is_live(world, others) == (False, False)
