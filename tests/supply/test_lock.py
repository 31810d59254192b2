"""What is installed is what was looked at: every version exact, every file by its hash, no address beside the index."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from requirements.lock import LockInvalid, npm_packages, python_packages
from tests.supply.conftest import TREE

if TYPE_CHECKING:
    from pathlib import Path

PYTHON_LOCKS = sorted((TREE / "requirements").glob("*.txt"))
NPM_LOCKS = (
    TREE / "idp" / "web" / "widget" / "package-lock.json",
    TREE / "tests" / "browser" / "programs" / "package-lock.json",
    TREE / "tests" / "interop" / "programs" / "package-lock.json",
)
PINNED = f"flask==3.1.3 \\\n    --hash=sha256:{'0' * 64} \\\n    --hash=sha256:{'1' * 64}\n"


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda lock: str(lock.name))
def test_every_python_package_is_pinned_by_its_hashes(lock: Path) -> None:
    """One that is not may be another tomorrow, with a colleague's passwords at hand."""
    assert all(package.digests for package in python_packages(lock))


@pytest.mark.parametrize("lock", NPM_LOCKS, ids=lambda lock: str(lock.parent.name))
def test_every_npm_package_is_pinned_by_its_hash(lock: Path) -> None:
    """Likewise; a script of the widget runs in the browser of everybody who resets a password."""
    assert npm_packages(lock)


def test_there_is_no_other_lock() -> None:
    """One that nobody looks at pins nothing."""
    told = [line for line in (TREE / "dev").read_text("utf-8").splitlines() if "requirements/" in line]
    assert {lock.name for lock in PYTHON_LOCKS} == {"run.txt", "supply.txt", "test.txt", "interop.txt", "node.txt"}
    assert all(any(f"requirements/{lock.name}" in line for line in told) for lock in PYTHON_LOCKS)
    beside = {
        path for part in ("idp", "tests") for path in (TREE / part).rglob("package-lock.json") if "node_modules" not in path.parts
    }
    assert beside == set(NPM_LOCKS)


def test_the_locks_agree() -> None:
    """What is tested would be another version than what is shipped."""
    shipped, *wider = (
        {(found.name, found.version, found.digests) for found in python_packages(TREE / "requirements" / f"{name}.txt")}
        for name in ("run", "supply", "test", "interop")
    )
    assert all(shipped <= lock for lock in wider)


@pytest.mark.parametrize(
    "spoilt",
    [
        PINNED + "jinja2==3.1.6\n",
        PINNED.replace("==3.1.3", ">=3.1.3"),
        PINNED.replace("sha256", "md5"),
        PINNED.replace("0" * 64, "0" * 63),
        PINNED.replace("==3.1.3", " @ https://files.example/flask.whl"),
        "--index-url https://index.example/simple\n" + PINNED,
        "--extra-index-url https://index.example/simple\n" + PINNED,
        "-r other.txt\n" + PINNED,
        "-e .\n" + PINNED,
        PINNED.removesuffix(f"    --hash=sha256:{'1' * 64}\n"),
        "",
    ],
)
def test_what_pins_nothing_is_no_lock(spoilt: str, tmp_path: Path) -> None:
    """One such line, in a change of four thousand, is easily looked over."""
    lock = tmp_path / "run.txt"
    lock.write_text(PINNED)
    assert [package.name for package in python_packages(lock)] == ["flask"]
    lock.write_text(spoilt)
    with pytest.raises(LockInvalid, match=r"run\.txt"):
        python_packages(lock)


@pytest.mark.parametrize(
    "changed",
    [
        {"integrity": None},
        {"integrity": "sha1-yNITQaRSkRe0u/hMxdzoXFFqxqk="},
        {"resolved": "https://registry.example/altcha.tgz"},
        {"link": True},
    ],
)
def test_what_npm_would_take_from_elsewhere_is_no_lock(changed: dict[str, object], tmp_path: Path) -> None:
    """Its own hash is then worth as much as whoever wrote the line."""
    found = json.loads(NPM_LOCKS[0].read_text("utf-8"))
    found["packages"]["node_modules/altcha"] |= changed
    lock = tmp_path / "package-lock.json"
    lock.write_text(json.dumps(found))
    with pytest.raises(LockInvalid, match="altcha"):
        npm_packages(lock)
