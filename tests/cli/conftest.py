"""An installation for each test: a directory without people, an empty mail server, the state of a service that was started."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from idp.adapters.secret_file import load_secret
from idp.adapters.sql import SqlStore
from idp.adapters.system_clock import SystemClock
from idp.domain.digests import KeyedDigests
from idp.oauth.keys import KeyRing
from idp.outside import DATABASE_NAME, KEY_FILE_NAME
from tests.cli.installation import Installation
from tests.cli.own_directory import Own
from tests.contract.mailer.real_server import RealServer
from tests.plain_slapd import PlainSlapd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.slapd import RunningSlapd


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder as a first start leaves it; making its RSA key takes a good part of a second."""
    state = tmp_path_factory.mktemp("begun")
    with closing(SqlStore(f"sqlite:///{state / DATABASE_NAME}", KeyedDigests(load_secret(state / KEY_FILE_NAME)))) as store:
        store.ping()
    KeyRing(state, SystemClock())
    return state


@pytest.fixture
def new(tmp_path: Path, slapd: RunningSlapd) -> Iterator[Installation]:
    """An installation that was never started."""
    (tmp_path / "state").mkdir()
    with RealServer() as mail:
        yield Installation(tmp_path, slapd, mail)


@pytest.fixture
def at(new: Installation, begun: Path) -> Installation:
    """The installation; each command runs at it."""
    shutil.copytree(begun, new.state, dirs_exist_ok=True)
    return new


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Own]:
    """A directory that has never heard of us."""
    slapd = PlainSlapd.start_in(tmp_path / "slapd")
    config, kept = tmp_path / "idp.toml", tmp_path / "directory-password"
    keys = {"url": slapd.url, "password_file": str(kept), "timeout_s": 5}
    config.write_text("[directory]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items()))
    try:
        yield Own(slapd, config, kept)
    finally:
        slapd.stop()
