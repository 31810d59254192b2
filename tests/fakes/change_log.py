"""A log of changes in memory. It passes what the real one passes (`tests/contract/directory/test_change_log_in_memory.py`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp.errors import ChangesNotLogged, DirectoryUnavailable

if TYPE_CHECKING:
    from idp.domain.directory_change import DirectoryChange


@dataclass
class MemoryChangeLog:
    """The port `ChangeLog`.

    Args:
        away: True while the directory answers nobody.
        missing: True for a directory that keeps no log.
        changes: what was logged, oldest first.
    """

    away: bool = False
    missing: bool = False
    changes: list[DirectoryChange] = field(default_factory=list)

    def end(self) -> str:
        """Give the position behind everything."""
        return self.changes[-1].position if self.changes else "0"

    def read(self, after: str, limit: int) -> list[DirectoryChange]:
        """Read on."""
        if self.away:
            raise DirectoryUnavailable
        if self.missing:
            raise ChangesNotLogged
        return [change for change in self.changes if change.position > after][:limit]
