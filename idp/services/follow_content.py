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

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from idp.domain.directory_change import KNOWN, Kind
from idp.domain.directory_entry import WRITTEN_BY_SERVICE, changes_of, deletion_of
from idp.errors import EntriesMissing, PositionLost
from idp.services.bookmarks import in_content, is_of_content, of_content

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from idp.domain.directory_entry import SeenEntry
    from idp.ports.changes import Content
    from idp.ports.store import Transaction
    from idp.services.follow_changes import FollowChanges
    from idp.services.secrets_kept import KeptSecrets

FEW = 20
SHARE = 20
"""So many entries of a kind, or one in so many, may be missing at a time without a doubt."""

PATIENCE = timedelta(days=7)
"""After which also more are taken for deleted, if others of their kind are shown: by then somebody would have missed them."""

_WITNESSES = 10


@dataclass(frozen=True, slots=True)
class FollowContent:
    """Compares what is shown with what is remembered.

    Args:
        content: of the directory.
        changes: knows what a change means.
    """

    content: Content
    changes: FollowChanges

    @property
    def kept(self) -> KeptSecrets:
        """The store."""
        return self.changes.kept

    def run_once(self) -> int:
        """Handle all that is new.

        Returns:
            how many entries were changed, or are gone.

        Raises:
            ChangesNotSynchronised: this directory can't be followed so.
            EntriesMissing: some are not shown any more, and it is doubtful why; all the rest is handled.
            DirectoryUnavailable: no answer.
        """
        with self.kept.store.reading() as work:
            bookmark = work.changes.bookmark()
        if bookmark is None or not is_of_content(bookmark):
            self._begin()
            return 0
        former = in_content(bookmark)
        try:
            refresh = self.content.since(former)
        except PositionLost:
            return self._compare_all()
        if (refresh.position, len(refresh.entries), refresh.gone, refresh.present) == (former, 0, frozenset(), None):
            return 0
        told = self._tell_changed(refresh.entries)
        return told + self._conclude(refresh.position, refresh.gone, refresh.present)

    def _begin(self) -> None:
        position = self.content.now()
        with self.kept.store.transaction() as work:
            work.entries.forget_all()  # of a former beginning, or of a time before there was a log
        shown = set()
        for page in self.content.everything():
            with self.kept.store.transaction() as work:
                for seen in page:
                    work.entries.keep(seen.entry)
                    shown.add(seen.entry.kind)
        for kind in (Kind.USER, Kind.OWNER):
            if kind not in shown and not self.content.shows(kind, ()):
                raise EntriesMissing
        with self.kept.store.transaction() as work:
            work.changes.move_bookmark(of_content(position))

    def _compare_all(self) -> int:
        position = self.content.now()
        present: set[str] = set()
        told = 0
        for page in self.content.everything():
            present.update(seen.entry.entry_uuid for seen in page)
            told += self._tell_changed(page)
        return told + self._conclude(position, frozenset(), present)

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
        missing = self._missing(gone, present)
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

    def _missing(self, gone: Collection[str], present: Collection[str] | None) -> list[_Missing]:
        with self.kept.store.reading() as work:
            if present is not None:
                return [each for kind in Kind if (each := _absent(kind, work.entries.uuids(kind), gone, present)).uuids]
            formers = [former for entry_uuid in gone if (former := work.entries.get(entry_uuid)) is not None]
            named = {kind: {former.entry_uuid for former in formers if former.kind is kind} for kind in Kind}
            some = {kind: work.entries.uuids(kind, len(gone) + _WITNESSES) for kind, uuids in named.items() if uuids}
        return [_Missing(kind, named[kind], list(islice(others - named[kind], _WITNESSES))) for kind, others in some.items()]

    def _tell_gone(self, work: Transaction, entry_uuid: str) -> None:
        former = work.entries.get(entry_uuid)
        if former is not None:
            self.changes.tell(work, deletion_of(former, self.kept.clock.now()))
            work.entries.forget(entry_uuid)


@dataclass(frozen=True, slots=True)
class _Missing:
    """Entries of one kind that are not shown any more.

    Args:
        kind: theirs.
        uuids: theirs.
        others: some of those that should be there.
        are_many: more than a few are gone without a word of the directory.
    """

    kind: Kind
    uuids: set[str]
    others: list[str]
    are_many: bool = False


def _absent(kind: Kind, known: set[str], gone: Collection[str], present: Collection[str]) -> _Missing:
    absent = known.difference(gone, present)
    uuids = absent.union(known.intersection(gone))
    return _Missing(kind, uuids, list(islice(known - uuids, _WITNESSES)), len(absent) > max(FEW, len(known) // SHARE))
