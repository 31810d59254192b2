"""A directory's content in memory. It passes what the real one passes (`tests/contract/directory/test_content.py`)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from idp.domain.directory_entry import KnownEntry, SeenEntry
from idp.errors import ChangesNotSynchronised, DirectoryUnavailable, PositionLost
from idp.ports.changes import Refresh

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from idp.domain.directory_change import Kind, Values

PAGE = 3


@dataclass
class MemoryContent:
    """The port `Content`.

    Args:
        names_gone: it names what is gone; else what is there.
        away: True while the directory answers nobody.
        missing: True for a directory that doesn't synchronise.
        lost: True while it knows no position.
        pages: how many it gives before it goes away; None: all.
        hidden: kinds that are not shown.
        entries: what is there.
    """

    names_gone: bool = True
    away: bool = False
    missing: bool = False
    lost: bool = False
    pages: int | None = None
    hidden: set[Kind] = field(default_factory=set)
    entries: dict[str, SeenEntry] = field(default_factory=dict)
    _changed_at: dict[str, int] = field(default_factory=dict)
    _steps: int = 0

    # -- what an admin does --

    def write(
        self, entry: KnownEntry, who: str = "cn=admin", at: datetime | None = None, *, by_service: bool = False
    ) -> SeenEntry:
        """Add an entry, or put it in the place of what it was."""
        revision = self._step(entry.entry_uuid)
        seen = SeenEntry(replace(entry, revision=revision), at or datetime.now(UTC), who, by_service)
        self.entries[entry.entry_uuid] = seen
        return seen

    def set_values(self, entry_uuid: str, values: dict[str, Values], who: str = "cn=admin") -> SeenEntry:
        """Write some attributes."""
        entry = self.entries[entry_uuid].entry
        return self.write(replace(entry, values={**entry.values, **values}), who)

    def delete(self, entry_uuid: str) -> None:
        """Delete an entry."""
        self._step(entry_uuid)
        del self.entries[entry_uuid]

    # -- the port --

    def now(self) -> str:
        """Give the position of this moment."""
        self._assert_there()
        if self.missing:
            raise ChangesNotSynchronised
        return str(self._steps)

    def since(self, position: str) -> Refresh:
        """Say what is otherwise than it was."""
        now = self.now()
        if self.lost or int(position) > self._steps:
            raise PositionLost
        changed = {entry_uuid for entry_uuid, step in self._changed_at.items() if step > int(position)}
        if not changed:
            return Refresh(now)
        shown = {seen.entry.entry_uuid: seen for seen in self._shown()}
        entries = [seen for entry_uuid, seen in shown.items() if entry_uuid in changed]
        if self.names_gone:
            return Refresh(now, entries, frozenset(changed - set(shown)))
        return Refresh(now, entries, present=frozenset(shown))

    def everything(self) -> Iterator[Sequence[SeenEntry]]:
        """Read all entries."""
        shown = self._shown()
        for number, begin in enumerate(range(0, len(shown), PAGE)):
            self._assert_there()
            if number == self.pages:
                raise DirectoryUnavailable
            yield shown[begin : begin + PAGE]

    def shows(self, kind: Kind, others: Sequence[str]) -> bool:
        """Tell whether entries of a kind can be seen at all."""
        self._assert_there()
        if kind in self.hidden:
            return False
        if others:
            return any(entry_uuid in self.entries for entry_uuid in others)
        return not any(seen.entry.kind is kind for seen in self.entries.values())

    def _shown(self) -> list[SeenEntry]:
        return [seen for seen in self.entries.values() if seen.entry.kind not in self.hidden]

    def _step(self, entry_uuid: str) -> str:
        self._steps += 1
        self._changed_at[entry_uuid] = self._steps
        return f"{self._steps:09d}"

    def _assert_there(self) -> None:
        if self.away:
            raise DirectoryUnavailable
