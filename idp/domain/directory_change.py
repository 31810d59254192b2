"""What somebody changed in the directory, as its log tells it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class What(StrEnum):
    """What was done to an entry."""

    ADDED = "added"
    MODIFIED = "modified"
    RENAMED = "renamed"
    DELETED = "deleted"


class Kind(StrEnum):
    """What sort of entry it is, by its place in the tree."""

    USER = "user"
    OWNER = "owner"
    OTHER = "directory"


Values = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DirectoryChange:
    """One change that was made; never with a password or a hash.

    Args:
        position: where it stands in the log: the `entryCSN` that the entry got by it. Later ones are greater.
        at: when, by the directory's clock.
        who: DN of whoever made it; empty for nobody.
        by_service: the service itself made it.
        what: an entry that is moved out of its container counts as deleted, one that is moved in as added.
        kind: koppelgebruiker, owner, or anything else.
        dn: the entry's name before the change.
        entry_uuid: its `entryUUID`.
        uid: its `uid` before the change, from `dn`; empty where it is named otherwise.
        changed: names of the attributes that were changed, as the directory spells them. Of a password nothing shows but its
            `pwdChangedTime`.
        before: former values of those that we know (see `KNOWN`); missing where there were none, or the log keeps none.
        after: their new values; missing where there are none.
    """

    position: str
    at: datetime
    who: str
    by_service: bool
    what: What
    kind: Kind
    dn: str
    entry_uuid: str
    uid: str = ""
    changed: tuple[str, ...] = ()
    before: Mapping[str, Values] = field(default_factory=dict, repr=False)
    after: Mapping[str, Values] = field(default_factory=dict, repr=False)

    def new(self, attribute: str) -> str | None:
        """Give the new value of an attribute that was changed; None when it has none now."""
        return next(iter(self.after.get(attribute, ())), None)

    def former(self, attribute: str) -> str | None:
        """Give its former value; None when it had none, or nobody knows."""
        return next(iter(self.before.get(attribute, ())), None)


KNOWN = (
    "uid",
    "mail",
    "owner",
    "administratie",
    "pwdChangedTime",
    "pwdReset",
    "pwdAccountLockedTime",
    "pwdEndTime",
    "pwdStartTime",
)
"""Attributes whose values are read from the log."""
