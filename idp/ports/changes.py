"""What others do in the directory, as its log tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from idp.domain.directory_change import DirectoryChange


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
