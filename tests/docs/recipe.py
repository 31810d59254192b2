"""The admins' recipes, taken out of their document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.docs.document import blocks_of

ADMIN = Path(__file__).parents[2] / "docs" / "admin.md"

_SHORTER = re.compile(r"^(?:.*[.] )?Shorter[^`]*: `(idp [^`]+)`", re.MULTILINE)
_AS = re.compile(r"^ {4}(AS=.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Recipe:
    """One section.

    Args:
        title: its heading.
        blocks: what is pasted.
        shorter: the command of ours that does the same; empty where there is none.
    """

    title: str
    blocks: tuple[str, ...]
    shorter: str

    @property
    def block(self) -> str:
        """The one block."""
        (only,) = self.blocks
        return only


def recipes() -> dict[str, Recipe]:
    """Give the admins' recipes, by title."""
    sections = dict(section.split("\n", 1) for section in ADMIN.read_text("utf-8").split("\n## ")[1:])
    return {title: Recipe(title, tuple(blocks), _shorter(sections[title])) for title, blocks in blocks_of(ADMIN).items()}


def ways_to_bind() -> tuple[str, str]:
    """Give how the tools say who they are, as the document sets it: on the socket, and from elsewhere."""
    on_the_socket, from_elsewhere = _AS.findall(ADMIN.read_text("utf-8"))
    return on_the_socket, from_elsewhere


def _shorter(text: str) -> str:
    found = _SHORTER.search(text)
    return found[1] if found else ""
