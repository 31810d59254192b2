"""A token service on a real store and real counters, over HTTP, with everything that the directory is asked written down."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.oauth.world import NewWorld, World

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from idp.settings import LimitSettings


@pytest.fixture(scope="session")
def state_of_the_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory with keys and an empty database; making an RSA key takes a good part of a second."""
    state = tmp_path_factory.mktemp("state")
    World.build(state).close()
    return state


@pytest.fixture
def new_world(tmp_path: Path, state_of_the_day: Path) -> NewWorld:
    """Make a service, with other limits or other facts of connectors where a test needs them."""
    shutil.copytree(state_of_the_day, tmp_path, dirs_exist_ok=True)

    def build(limits: LimitSettings | None = None, changes: Mapping[str, Mapping[str, object]] | None = None) -> World:
        return World.build(tmp_path, limits, changes)

    return build


@pytest.fixture
def world(new_world: NewWorld) -> World:
    """One service with one client of each kind and one koppelgebruiker."""
    return new_world()
