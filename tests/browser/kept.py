"""What was seen at each stop of a walk, and what is kept of former walks: a folder with a file for each stop."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(slots=True)
class Kept:
    """The files of one walk.

    Args:
        folder: where they are.
        renew: write what is seen.
        seen: by stop.
    """

    folder: Path
    renew: bool
    seen: dict[str, str] = field(default_factory=dict)

    def note(self, stop: str, text: str) -> None:
        """Note what was seen."""
        self.seen[stop] = text
        if self.renew:
            self.folder.mkdir(exist_ok=True)
            (self.folder / f"{stop}.txt").write_text(text, encoding="utf-8")

    def pairs(self) -> Iterator[tuple[str, str, str]]:
        """Give each stop, what is kept of it and what was seen; empty for a stop that is new, or gone."""
        kept = {path.stem: path.read_text(encoding="utf-8") for path in self.folder.glob("*.txt")}
        for stop in sorted(self.seen | kept):
            yield stop, kept.get(stop, ""), self.seen.get(stop, "")
