"""What a client has on its own behalf comes through the gate as everything else does (S46)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.domain.client import ClientSubject
from idp.errors import ClientDisabled
from tests.services.tokens import ACCESS_ONLY
from tests.services.world import HOME

if TYPE_CHECKING:
    from idp.domain.client import Client
    from tests.services.world import World


@pytest.mark.row("S46")
def test_who_was_switched_off_after_it_proved_itself_gets_nothing(world: World, client: Client) -> None:
    """S46: a request that is under way would bring a token that is good for another quarter of an hour."""
    assert world.gate.assert_usable(ClientSubject(client.client_id), client, None) == client
    issued = world.grants.issue_to_client(client, HOME, ACCESS_ONLY)
    world.clients.disable(client.client_id, "operator:test")
    with pytest.raises(ClientDisabled):
        world.grants.issue_to_client(client, HOME, ACCESS_ONLY)
    with pytest.raises(ClientDisabled):
        world.grants.inspect_access(issued.jti)
