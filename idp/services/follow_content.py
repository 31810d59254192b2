"""Changes by others where the directory keeps no log: what is otherwise than it was remembered (RFC 4533).

What an entry was is remembered in the transaction that tells what it has become: so a change is told once, whoever dies in
between, and however often the directory shows it. The position only saves looking at all entries. The first time, all are
remembered, and nothing is told.

Several changes of one entry between two looks are one, by whoever made the last. Where that was one of ours, what it told is left
out, and who did the rest nobody knows.

What is not shown any more may have been deleted, or be hidden by an access rule. Until that is sure nothing is concluded, which
does no harm: who is not shown gets in by no way, and grants that are not ended are refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from idp.domain.directory_change import KNOWN, Kind
from idp.domain.directory_entry import WRITTEN_BY_SERVICE, changes_of, deletion_of
from idp.errors import EntriesMissing, PositionLost
from idp.services.bookmarks import in_content, is_of_content, of_content
from idp.services.missing_entries import missing_entries

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from idp.domain.directory_entry import SeenEntry
    from idp.ports.changes import Content
    from idp.ports.store import Transaction
    from idp.services.follow_changes import FollowChanges
    from idp.services.secrets_kept import KeptSecrets

PATIENCE = timedelta(days=7)
"""After which also many are taken for deleted, if others of their kind are shown: by then somebody would have missed them."""

PAGES_AT_ONCE = 5
"""Of all entries, where they must be read; then it is others' turn."""


@dataclass(slots=True)
class FollowContent:
    """Compares what is shown with what is remembered.

    Args:
        content: of the directory.
        changes: knows what a change means.
    """

    content: Content
    changes: FollowChanges
    _under_way: _Reading | None = None

    @property
    def kept(self) -> KeptSecrets:
        """The store."""
        return self.changes.kept

    def run_once(self) -> int:
        """Handle what is new; where all entries must be read, some of them, so that mail goes out meanwhile.

        Returns:
            how many entries were changed, or are gone.

        Raises:
            ChangesNotSynchronised: this directory can't be followed so.
            EntriesMissing: some are not shown any more, and it is doubtful why; all the rest is handled.
            DirectoryUnavailable: no answer.
        """
        with self.kept.store.reading() as work:
            bookmark = work.changes.bookmark()
        if self._under_way is not None and self._under_way.bookmark == bookmark:
            return self._read_on(self._under_way)
        if bookmark is None or not is_of_content(bookmark):
            return self._begin(bookmark)
        former = in_content(bookmark)
        try:
            refresh = self.content.since(former)
        except PositionLost:
            return self._read_on(_Reading(bookmark, self.content.now(), self.content.everything()))
        if (refresh.position, len(refresh.entries), refresh.gone, refresh.present) == (former, 0, frozenset(), None):
            return 0
        told = self._tell_changed(refresh.entries)
        return told + self._conclude(refresh.position, refresh.gone, refresh.present)

    # -- all entries --

    def _begin(self, bookmark: str | None) -> int:
        position = self.content.now()
        with self.kept.store.transaction() as work:
            work.entries.forget_all()  # of a beginning that was broken off, or of a time before there was a log
        return self._read_on(_Reading(bookmark, position, self.content.everything(), is_first=True))

    def _read_on(self, reading: _Reading) -> int:
        self._under_way = None  # should it break off
        told = 0
        for _ in range(PAGES_AT_ONCE):
            page = next(reading.pages, None)
            if page is None:
                return told + self._finish(reading)
            reading.present.update(seen.entry.entry_uuid for seen in page)
            reading.kinds.update(seen.entry.kind for seen in page)
            if reading.is_first:
                self._remember(page)
            else:
                told += self._tell_changed(page)
        self._under_way = reading
        return told

    def _finish(self, reading: _Reading) -> int:
        if not reading.is_first:
            return self._conclude(reading.position, frozenset(), reading.present)
        for kind in (Kind.USER, Kind.OWNER):
            if kind not in reading.kinds and not self.content.shows(kind, ()):
                raise EntriesMissing
        with self.kept.store.transaction() as work:
            work.changes.move_bookmark(of_content(reading.position))
        return 0

    def _remember(self, page: Iterable[SeenEntry]) -> None:
        with self.kept.store.transaction() as work:
            for seen in page:
                work.entries.keep(seen.entry)

    # -- what has changed --

    def _tell_changed(self, found: Iterable[SeenEntry]) -> int:
        with self.kept.store.transaction() as work:
            return sum(self._tell(work, seen) for seen in found)

    def _tell(self, work: Transaction, seen: SeenEntry) -> bool:
        former = work.entries.get(seen.entry.entry_uuid)
        if former is not None and not former.has_changed_to(seen.entry):
            return False
        work.entries.keep(seen.entry)
        for change in changes_of(former, seen, self._told_by_us(work, seen)):
            self.changes.tell(work, change)
        return True

    def _told_by_us(self, work: Transaction, seen: SeenEntry) -> Collection[str] | None:
        if seen.by_service:
            return WRITTEN_BY_SERVICE
        if work.changes.claim(seen.entry.revision, self.kept.clock.now()):
            return None
        return work.changes.told(seen.entry.revision) or KNOWN

    # -- what is gone --

    def _conclude(self, position: str, gone: Collection[str], present: Collection[str] | None) -> int:
        with self.kept.store.reading() as work:
            missing = missing_entries(work, gone, present)
        hidden = not all(self.content.shows(each.kind, each.others) for each in missing)
        many = any(each.are_many for each in missing)
        now = self.kept.clock.now()
        with self.kept.store.transaction() as work:
            doubtful = hidden or (many and now < work.changes.doubted_since(now) + PATIENCE)
            if not doubtful:
                for entry_uuid in (entry_uuid for each in missing for entry_uuid in each.uuids):
                    self._tell_gone(work, entry_uuid)
                work.changes.move_bookmark(of_content(position))
        count = sum(len(each.uuids) for each in missing)
        if doubtful:
            message = f"{count} entries are not shown to the service any more, and it is not sure that they were deleted"
            raise EntriesMissing(message)
        return count

    def _tell_gone(self, work: Transaction, entry_uuid: str) -> None:
        former = work.entries.get(entry_uuid)
        if former is not None:
            self.changes.tell(work, deletion_of(former, self.kept.clock.now()))
            work.entries.forget(entry_uuid)


@dataclass(slots=True)
class _Reading:
    """All entries, some of which were read.

    Args:
        bookmark: the one that stood when it began; if another stands, the directory was followed otherwise meanwhile.
        position: that of when it began.
        pages: those that are still to be read.
        is_first: they are only to be remembered.
        present: `entryUUID`s of those that were read.
        kinds: theirs.
    """

    bookmark: str | None
    position: str
    pages: Iterator[Sequence[SeenEntry]]
    is_first: bool = False
    present: set[str] = field(default_factory=set)
    kinds: set[Kind] = field(default_factory=set)
