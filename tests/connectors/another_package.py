"""The package that docs/connector.md walks through: written, built and installed as it says, without an index."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "connector.md"
CHAPTER = "One more application"
FILES = {"toml": "pyproject.toml", "python": "bookkeeper_connector.py"}
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class AnotherPackage:
    """A package of somebody else's.

    Args:
        site: the folder that it is installed in; nobody else's packages are there.
    """

    site: Path

    @classmethod
    def made_in(cls, folder: Path) -> AnotherPackage:
        """Follow the document."""
        blocks = blocks_of(CHAPTER)
        source, site = folder / "source", folder / "site"
        source.mkdir()
        for language, name in FILES.items():
            (source / name).write_text(blocks[language], encoding="utf-8")
        for line in blocks["sh"].splitlines():
            # The one thing that differs: it is installed beside the environment, and not into it.
            run(source, line.replace("pip install ", f"pip install --target {site} "))
        return cls(site)

    @property
    def module(self) -> Path:
        """Its one module, as it was installed."""
        return self.site / FILES["python"]

    @property
    def environment(self) -> dict[str, str]:
        """With which a process has it."""
        return {"PYTHONPATH": os.pathsep.join((str(self.site), str(DOCUMENT.parents[1])))}


def blocks_of(chapter: str) -> dict[str, str]:
    """Give the blocks below a heading, by language."""
    section = DOCUMENT.read_text("utf-8").partition(f"\n## {chapter}\n")[2].partition("\n## ")[0]
    return dict(_BLOCK.findall(section))


def run(folder: Path, line: str) -> None:
    """Run a line of the document with the pip of this environment."""
    program, *rest = line.split()
    assert program == "pip"
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--no-cache-dir", *rest]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603  # the document's
    assert done.returncode == 0, done.stderr
