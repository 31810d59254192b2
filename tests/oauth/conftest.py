"""A token service on a real store and real counters, over HTTP, with everything that the directory is asked written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.settings import LimitSettings
from tests.oauth.keyed import BANKS, WITH_KEYS, Keyed
from tests.oauth.proving import ASKERS, PLACES
from tests.oauth.world import NewWorld, World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.oauth.place import Place
    from tests.signing_keys import NewState


@pytest.fixture
def new_world(new_state: NewState) -> NewWorld:
    """Make a service, with other limits or other facts of connectors where a test needs them."""
    state = new_state()

    def build(
        limits: LimitSettings | None = None,
        changes: Mapping[str, Mapping[str, object]] | None = None,
        oauth: Mapping[str, object] | None = None,
        service: Mapping[str, object] | None = None,
    ) -> World:
        return World.build(state, limits, changes, oauth, service)

    return build


@pytest.fixture
def world(new_world: NewWorld) -> World:
    """One service with one client of each kind and one koppelgebruiker."""
    return new_world()


@pytest.fixture
def keyed_world(new_world: NewWorld) -> World:
    """The same, which a bank with keys may use, and which it may fail at as often as it likes."""
    return new_world(LimitSettings(client_failures="100000 per minute"), WITH_KEYS)


@pytest.fixture
def bank(keyed_world: World) -> Keyed:
    """That bank, registered with one key."""
    return Keyed(keyed_world).register()


@pytest.fixture(params=BANKS)
def each_bank(request: pytest.FixtureRequest, keyed_world: World) -> Keyed:
    """A bank with one key, at each of the two issuers."""
    return Keyed(keyed_world, issuer=BANKS[request.param]).register(request.param)


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, world: World) -> Place:
    """An application that shows a key, at each of the two issuers."""
    return PLACES[request.param](world)


@pytest.fixture(params=ASKERS)
def asker(request: pytest.FixtureRequest, world: World) -> Place:
    """An application that does what it has to, at each of the two issuers."""
    return ASKERS[request.param](world)
