"""Worlds for the tests of the services."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.services.logins import ready_client
from tests.services.resets import prepared
from tests.services.tokens import issue
from tests.services.world import NewWorld, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from idp.domain.client import Client
    from idp.services.issued import Issued


@pytest.fixture
def new_world(tmp_path: Path, empty_database: Path) -> Iterator[NewWorld]:
    """Make worlds, with other settings where a test needs them."""
    made: list[World] = []

    def build(**settings: dict[str, object]) -> World:
        state = tmp_path / str(len(made))
        state.mkdir()
        shutil.copy(empty_database, state)
        made.append(World(state, **settings))
        return made[-1]

    yield build
    for world in made:
        world.close()


@pytest.fixture
def world(new_world: NewWorld) -> World:
    """Anna, who owns two koppelgebruikers, and Bob, who owns a third; none has a password yet."""
    return new_world()


@pytest.fixture
def client(world: World) -> Client:
    """An application, and two users with a password; nothing was called yet."""
    return ready_client(world)


@pytest.fixture
def issued(world: World, client: Client) -> Issued:
    """Tokens that were issued just now."""
    return issue(world, client)


@pytest.fixture
def request_id(world: World) -> str:
    """A request whose mail was sent just now, for a user with a password and a grant."""
    return prepared(world)[0]


@pytest.fixture
def link(world: World, request_id: str) -> str:
    """The secret in its mail."""
    return world.link(request_id)
