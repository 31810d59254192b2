"""An empty database, made once and copied: bringing a new file up to date takes longer than most tests."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from idp.adapters.sql import SqlStore
from idp.domain.digests import KeyedDigests
from idp.outside import DATABASE_NAME

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables and no rows."""
    file = tmp_path_factory.mktemp("database") / DATABASE_NAME
    with closing(SqlStore(f"sqlite:///{file}", KeyedDigests(b"there is nothing in it yet"))) as store:
        store.migrate()
    return file
