"""The keys that tokens are signed with, made once: an RSA key takes a good part of a second."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from idp.adapters.secret_file import load_secret
from idp.oauth.keys import KEY_FILE_NAME, KeyRing
from idp.outside import KEY_FILE_NAME as DIGESTS
from tests.fakes.clock import SetClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    NewState = Callable[[], Path]


@pytest.fixture(scope="session")
def keys_of_the_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of keys."""
    folder = tmp_path_factory.mktemp("keys")
    KeyRing(folder, SetClock())
    return folder / KEY_FILE_NAME


@pytest.fixture
def new_state(tmp_path_factory: pytest.TempPathFactory, keys_of_the_day: Path, empty_database: Path) -> NewState:
    """Make a state directory in which there are all keys and an empty database."""

    def make() -> Path:
        state = tmp_path_factory.mktemp("state")
        shutil.copy(keys_of_the_day, state)
        shutil.copy(empty_database, state)
        load_secret(state / DIGESTS)  # nothing is in the database yet that was digested with another
        return state

    return make
