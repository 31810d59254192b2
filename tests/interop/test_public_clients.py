"""Programs on their users' machines, which can keep no secret and have none; pages in a browser are in `test_oidc_client_ts`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.interop.application import REDIRECT_URI, register_app
from tests.interop.clients import CLIENTS
from tests.interop.owner import USERNAME
from tests.interop.program import converse

if TYPE_CHECKING:
    from tests.interop.clients import Client
    from tests.interop.owner import Owner
    from tests.system.demo import Demo


@pytest.mark.parametrize("client", [client for client in CLIENTS if client.public], ids=lambda client: client.name)
def test_without_a_secret_a_refresh_token_is_changed_at_each_use(client: Client, demo: Demo, owner: Owner) -> None:
    """An app gets no tokens without a secret, or goes on with a refresh token that was good for once."""
    told = converse(client.command(), register_app(demo, REDIRECT_URI).task, owner.allow)
    assert "refused" not in told, told
    assert told["user"]["preferred_username"] == USERNAME
    assert told["refreshed"]["access_token"] != told["tokens"]["access_token"]
    assert told["refreshed"]["refresh_token"] != told["tokens"]["refresh_token"]
    assert told["afterwards"] == "invalid_grant"
