"""The service's own secret: made once, kept to ourselves, the same for everybody."""

from __future__ import annotations

import hashlib
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from idp.adapters.secret_file import SECRET_BYTES, load_secret
from idp.errors import ConfigurationError
from tests.contract.store.disks import READ_ONLY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

ROOT = Path(__file__).parents[2]
STARTS = 300
START = f"""
import hashlib, sys
from pathlib import Path
from idp.adapters.secret_file import load_secret
sys.stdin.read()
for number in range({STARTS}):
    print(hashlib.sha256(load_secret(Path(sys.argv[1]) / str(number) / "idp.key")).hexdigest())
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file in a state directory that does not exist yet."""
    return tmp_path / "state" / "idp.key"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that anybody may look into."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_the_first_start_makes_it(path: Path) -> None:
    """Nobody has to make keys by hand, or to think about who may read them."""
    secret = load_secret(path)
    assert len(secret) == SECRET_BYTES == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_it_is_another_one_everywhere(tmp_path: Path) -> None:
    """Two installations must not be able to make each other's links."""
    assert load_secret(tmp_path / "one" / "idp.key") != load_secret(tmp_path / "two" / "idp.key")


def test_a_later_start_finds_it(path: Path) -> None:
    """A restart ends nobody's link."""
    assert load_secret(path) == load_secret(path)


def test_processes_that_start_at_once_have_the_same(tmp_path: Path) -> None:
    """Otherwise the worker mails links that the web does not know."""
    starts = [
        subprocess.Popen(  # noqa: S603  # our own arguments
            [sys.executable, "-c", START, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        for _ in range(2)
    ]
    for start in starts:  # both are waiting by now, or nearly; the end of their input lets them go
        assert start.stdin is not None
        start.stdin.close()
        start.stdin = None
    said = [start.communicate(timeout=60)[0].split() for start in starts]
    assert len(said[0]) == STARTS
    assert said[0] == said[1]
    assert said[0] == [hashlib.sha256(load_secret(tmp_path / str(number) / "idp.key")).hexdigest() for number in range(STARTS)]


def test_one_that_others_may_read_stops_the_start(path: Path) -> None:
    """Whoever has it makes links that set passwords."""
    load_secret(path)
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        load_secret(path)


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33])
def test_a_damaged_one_stops_the_start(path: Path, content: bytes) -> None:
    """A weaker key, or another one, would go unnoticed; what is in it is not printed."""
    load_secret(path)
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="damaged") as error:
        load_secret(path)
    assert "xxx" not in str(error.value)


def test_one_that_is_no_file_stops_the_start(path: Path) -> None:
    """A sentence and not a traceback."""
    path.mkdir(parents=True)
    with pytest.raises(ConfigurationError, match=f"{path} can't be read: Is a directory"):
        load_secret(path)


@pytest.mark.parametrize("read_only", READ_ONLY)
def test_a_state_directory_that_can_not_be_written_stops_the_first_start(
    folder: Path, read_only: Callable[[Path], AbstractContextManager[None]]
) -> None:
    """And is named."""
    with read_only(folder), pytest.raises(ConfigurationError, match=f"the state directory {folder} can't be written"):
        load_secret(folder / "idp.key")


def test_a_full_disk_stops_the_first_start_and_leaves_nothing_half(path: Path) -> None:
    """Half a secret would be refused for ever after."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SECRET_BYTES // 2, before[1]))
    try:
        with pytest.raises(ConfigurationError, match=f"the state directory {path.parent} can't be written"):
            load_secret(path)
        assert list(path.parent.iterdir()) == []
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert len(load_secret(path)) == SECRET_BYTES
