"""Worlds for the tests of the services."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.services.world import NewWorld, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def new_world(tmp_path: Path) -> Iterator[NewWorld]:
    """Make worlds, with other settings where a test needs them."""
    made: list[World] = []

    def build(**settings: dict[str, object]) -> World:
        state = tmp_path / str(len(made))
        state.mkdir()
        made.append(World(state, **settings))
        return made[-1]

    yield build
    for world in made:
        world.close()


@pytest.fixture
def world(new_world: NewWorld) -> World:
    """Anna, who owns two koppelgebruikers, and Bob, who owns a third; none has a password yet."""
    return new_world()
