"""An entry as it was seen, and what must have been changed when it is seen otherwise: for directories that keep no log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp.domain.directory_change import KNOWN, DirectoryChange, Kind, Values, What

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

WRITTEN_BY_SERVICE = frozenset({"pwdChangedTime", "pwdReset", "pwdAccountLockedTime", "pwdEndTime"})
"""What a change by the service itself may alter, and tells itself; of all the rest it can't have been the cause."""


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """An entry as it is remembered.

    Args:
        entry_uuid: its `entryUUID`.
        kind: koppelgebruiker, owner, or anything else.
        dn: its name.
        revision: its `entryCSN`. While that is the same, so is the entry, whatever is shown of it.
        values: of those attributes that we know (see `KNOWN`); missing where there are none. The `uid` is the one in `dn`.
    """

    entry_uuid: str
    kind: Kind
    dn: str
    revision: str
    values: Mapping[str, Values] = field(default_factory=dict, repr=False)

    @property
    def uid(self) -> str:
        """Its name; empty where it is named otherwise."""
        return next(iter(self.values.get("uid", ())), "")

    def has_changed_to(self, other: KnownEntry) -> bool:
        """Tell whether it was changed."""
        return (self.revision, self.dn) != (other.revision, other.dn)


@dataclass(frozen=True, slots=True)
class SeenEntry:
    """An entry as it is now.

    Args:
        entry: what will be remembered.
        at: when it was changed last, by the directory's clock.
        who: DN of whoever changed it last; empty for nobody.
        by_service: that was the service itself.
    """

    entry: KnownEntry
    at: datetime
    who: str
    by_service: bool


def changes_of(former: KnownEntry | None, seen: SeenEntry, told: Collection[str] | None) -> list[DirectoryChange]:
    """Say what was changed; several changes of one entry are one, by whoever made the last.

    Args:
        former: as it was remembered; None: it was not there.
        seen: as it is now.
        told: None, or, when the last change was one of ours, what it has told: the attributes, `uid` for the whole entry. The
            others were changed by somebody before that, and nobody knows who.
    """
    if former is None and "uid" in (told or ()):
        return []
    if told is not None:
        seen = SeenEntry(seen.entry, seen.at, "", by_service=False)
    if former is None or former.kind is not seen.entry.kind:
        gone = [] if former is None else [deletion_of(former, seen.at)]
        return [*gone, _change(What.ADDED, None, seen, tuple(seen.entry.values))]
    names = tuple(name for name in KNOWN if name != "uid" and _differs(name, former, seen.entry) and name not in (told or ()))
    renamed = [_change(What.RENAMED, former, seen)] if former.dn != seen.entry.dn else []
    if names or (not renamed and told is None):
        return [*renamed, _change(What.MODIFIED, former, seen, names)]
    return renamed


def deletion_of(former: KnownEntry, at: datetime) -> DirectoryChange:
    """Say that an entry is gone; who did it, nobody knows.

    Args:
        former: as it was remembered.
        at: when that was noticed.
    """
    return DirectoryChange(
        position=former.revision,
        at=at,
        who="",
        by_service=False,
        what=What.DELETED,
        kind=former.kind,
        dn=former.dn,
        entry_uuid=former.entry_uuid,
        uid=former.uid,
        before=former.values,
    )


def _differs(name: str, former: KnownEntry, now: KnownEntry) -> bool:
    return set(former.values.get(name, ())) != set(now.values.get(name, ()))  # their order means nothing


def _change(what: What, former: KnownEntry | None, seen: SeenEntry, changed: tuple[str, ...] = ()) -> DirectoryChange:
    known = former if former is not None and what is What.RENAMED else seen.entry
    return DirectoryChange(
        position=seen.entry.revision,
        at=seen.at,
        who=seen.who,
        by_service=seen.by_service,
        what=what,
        kind=seen.entry.kind,
        dn=known.dn,
        entry_uuid=known.entry_uuid,
        uid=known.uid,
        changed=changed,
        before=former.values if former else {},
        after=seen.entry.values,
    )
