"""What others do in the directory: as its log tells it, or as it shows where there is no log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from idp.domain.directory_change import DirectoryChange, Kind
    from idp.domain.directory_entry import SeenEntry


class ChangeLog(Protocol):
    """The directory's log of changes. Each method may raise `DirectoryUnavailable`."""

    def end(self) -> str:
        """Give the position behind everything that was logged until now."""

    def read(self, after: str, limit: int) -> list[DirectoryChange]:
        """Read on from a position, oldest first; what was refused is not in the log.

        Args:
            after: a position; that one is not read again.
            limit: how many at most.

        Raises:
            ChangesNotLogged: this directory keeps no log, or not for the service's eyes.
        """


@dataclass(frozen=True, slots=True)
class Refresh:
    """What is otherwise than it was at a position.

    Args:
        position: the one behind all this.
        entries: those that were changed or added, as they are now.
        gone: `entryUUID`s of those of which the directory says that they are gone.
        present: `entryUUID`s of all that are there, where the directory names those instead: all others are gone. Else None.
    """

    position: str
    entries: Sequence[SeenEntry] = ()
    gone: frozenset[str] = frozenset()
    present: frozenset[str] | None = field(default=None, repr=False)


class Content(Protocol):
    """Koppelgebruikers, owners and policies, followed without a log. Each method may raise `DirectoryUnavailable`."""

    def now(self) -> str:
        """Give the position of this moment. Raises `ChangesNotSynchronised`: this directory can't be followed so."""

    def since(self, position: str) -> Refresh:
        """Say what is otherwise than it was.

        Raises:
            PositionLost: it can't be said; all entries must be read.
            ChangesNotSynchronised: this directory can't be followed so.
        """

    def everything(self) -> Iterator[Sequence[SeenEntry]]:
        """Read all entries, some at a time; whoever was interrupted has not read them all."""

    def shows(self, kind: Kind, others: Sequence[str]) -> bool:
        """Tell whether entries of a kind can be seen at all: else a missing one may be hidden rather than gone.

        Args:
            kind: of the missing one.
            others: `entryUUID`s of some that are thought to be there; when there are none, none may be there.
        """
