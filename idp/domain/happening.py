"""What happened to a koppelgebruiker, as its owner may know it: who did what, and nobody by name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from idp.domain.audit import AuditEvent

_SUPPORT = ",ou=support,"
"""Support's own people stand below it (`config/ldap/base.ldif`); whoever else acts as an operator is an administrator."""

_BEGINNINGS = ("user.added", "user.invited")
"""Before these, a koppelgebruiker was nobody's."""


class Who(Enum):
    """Somebody, as an owner knows them. `OWNER` is who had the owner's portal session, or a link that was mailed to them."""

    OWNER = auto()
    SUPPORT = auto()
    ADMINISTRATOR = auto()
    SERVICE = auto()
    APPLICATION = auto()

    @classmethod
    def of(cls, event: AuditEvent) -> Who:
        """Tell who did it; of an operator no more than what they are."""
        if event.actor == "owner":
            return cls.OWNER
        if event.actor == "service":
            return cls.SERVICE
        if event.actor.startswith("client:"):
            return cls.APPLICATION
        return cls.SUPPORT if _SUPPORT in f"{event.person},".casefold() else cls.ADMINISTRATOR


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened, or the same thing several times without another between.

    Args:
        at: when, the latest time.
        what: the action as the audit has it; behind a colon what tells two of one action apart.
        who: did it.
        client_id: the application that it is about; empty where it is about none.
        times: how often.
        first: when, the first time.
    """

    at: datetime
    what: str
    who: Who
    client_id: str
    times: int
    first: datetime

    @classmethod
    def of(cls, event: AuditEvent) -> Happening:
        """Take what its owner may know out of a record."""
        who = Who.of(event)
        client_id = event.actor.removeprefix("client:") if who is Who.APPLICATION else event.detail.get("client", "")
        return cls(event.at, _what(event), who, str(client_id), 1, event.at)

    def is_like(self, other: Happening) -> bool:
        """Tell whether the same has happened."""
        return (self.what, self.who, self.client_id) == (other.what, other.who, other.client_id)


def in_runs(happenings: Iterable[Happening]) -> list[Happening]:
    """Make one of the same in a row.

    Args:
        happenings: the newest first, and so they come out.
    """
    runs: list[Happening] = []
    for each in happenings:
        if runs and runs[-1].is_like(each):
            runs[-1] = replace(runs[-1], times=runs[-1].times + 1, first=each.at)
        else:
            runs.append(each)
    return runs


def is_handover(event: AuditEvent) -> bool:
    """Tell whether somebody else became the owner: what was before is not the present one's to know.

    Who it was before, a directory may not tell; then it was somebody else.
    """
    if event.action in _BEGINNINGS:
        return False
    if "owner" not in event.changes:
        return "owner" in str(event.detail.get("attributes")).split()
    change = event.changes["owner"]
    return str(change.before).casefold() != str(change.after).casefold()


def _what(event: AuditEvent) -> str:
    if is_handover(event):
        return "user.handed-over"
    kinds = [str(event.detail[name]) for name in ("letter", "reason") if name in event.detail]
    if event.action == "letter.dropped" and event.detail["outcome"] == "cooldown":
        kinds.append("cooldown")
    return ":".join([event.action, *kinds])
