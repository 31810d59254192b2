"""A document whose blocks can be run: those marked as ``sh``, by the heading above them."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
_EXPORTS = re.compile(r"^    export (.*?)(?:  +#.*)?$", re.MULTILINE)


def blocks_of(document: Path) -> dict[str, list[str]]:
    """Give the blocks to run, in their order, by heading."""
    found: dict[str, list[str]] = defaultdict(list)
    for section in document.read_text("utf-8").split("\n## ")[1:]:
        found[section.partition("\n")[0]] += _BLOCK.findall(section)
    return {title: blocks for title, blocks in found.items() if blocks}


def variables_of(document: Path) -> list[str]:
    """Give the names that the reader sets before the first block."""
    settings = " ".join(_EXPORTS.findall(document.read_text("utf-8"))).split()
    return [setting.partition("=")[0] for setting in settings]
