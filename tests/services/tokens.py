"""Tokens in the hands of an application."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from idp.errors import NotUsable
from idp.services.issued import TokenPlan
from idp.services.refreshing import Refreshing
from tests.services.world import ELSEWHERE, HOME, NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.domain.client import Client
    from idp.domain.grant import Grant
    from idp.services.issued import Issued
    from tests.services.world import World

READ_WRITE = "administratie:read administratie:write"
API = "https://api.example/"
HOME_NETWORK, NETWORK_ELSEWHERE = "192.0.2.0/24", "198.51.100.0/24"
HOUR = timedelta(hours=1)
DAYS = timedelta(days=60)
MOMENT = timedelta(microseconds=1)
ACCESS_ONLY = TokenPlan(READ_WRITE, API, HOUR)
WITH_REFRESH = TokenPlan(READ_WRITE, API, HOUR, DAYS)


def issue(world: World, client: Client, name: str = NAME, plan: TokenPlan = WITH_REFRESH, network: str = HOME) -> Issued:
    """Issue to a user who came through the gate."""
    return world.grants.issue(client, world.user(name), network, plan)


def refreshed(
    world: World, client: Client, issued: Issued, scope: str | None = None, audience: str | None = None, *, rotates: bool = False
) -> Issued:
    """Use the refresh token."""
    scopes, audiences = ("administratie:read", "administratie:write"), (issued.audience,)
    asked = Refreshing(refresh_of(issued), scope, audience, HOUR, scopes, audiences, rotates=rotates)
    return world.grants.refresh(client, asked, ELSEWHERE)


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
