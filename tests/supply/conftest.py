"""One wheel for all that look at it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

TREE = Path(__file__).parents[2]
PARTS = ("idp", "connectors", "config", "requirements", "LICENSE", "README.md", "pyproject.toml", ".gitignore")


def copied(folder: Path) -> Path:
    """Copy what a wheel is made of, and what tools leave in a tree."""
    folder.mkdir(parents=True)
    for name in PARTS:
        place = TREE / name
        if place.is_dir():
            shutil.copytree(place, folder / name)
        else:
            shutil.copy(place, folder)
    return folder


def built(tree: Path, environment: Mapping[str, str] = os.environ, umask: int = 0o022) -> Path:
    """Build the wheel of a tree, as `./dev build` does."""
    subprocess.run(  # our own words
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel"],
        cwd=tree,
        env=environment,
        umask=umask,
        check=True,
        capture_output=True,
    )
    (wheel,) = (tree / "dist").iterdir()
    return wheel


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is shipped."""
    return built(copied(tmp_path_factory.mktemp("wheel") / "tree"))
