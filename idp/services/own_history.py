"""*Wie deed wat*: what its owner may know of what happened to a koppelgebruiker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.domain.audit_query import TOKENS, Wanted
from idp.domain.happening import Happening, in_runs, is_handover
from idp.services.own_user import own_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from idp.domain.audit import AuditEvent
    from idp.domain.people import Koppelgebruiker, Owner
    from idp.ports.directory import Directory
    from idp.ports.store import Store, Transaction

MOST = 200
"""Records that are looked at, the newest; what owners ask about was lately."""


@dataclass(frozen=True, slots=True)
class Logins:
    """How often an application was let in.

    Args:
        client_id: the application.
        times: how often.
        last: when, the latest time.
    """

    client_id: str
    times: int
    last: datetime


@dataclass(frozen=True, slots=True)
class History:
    """What happened to one koppelgebruiker.

    Args:
        user: as the directory shows it.
        happenings: the newest first.
        logins: by application.
        names: of the applications in it, by client_id; one that is gone is left out.
        goes_on: there is more, of before.
    """

    user: Koppelgebruiker
    happenings: Sequence[Happening]
    logins: Sequence[Logins]
    names: Mapping[str, str]
    goes_on: bool


@dataclass(frozen=True, slots=True)
class OwnHistory:
    """Reads the audit for an owner. What was before a koppelgebruiker was theirs is another's."""

    directory: Directory
    store: Store

    def of_user(self, owner: Owner, entry_uuid: str) -> History:
        """Tell what happened.

        Args:
            owner: who asks, logged in.
            entry_uuid: of which of their koppelgebruikers.

        Raises:
            UnknownUser: not one of this owner's; whether it is another's is told to nobody.
        """
        user = own_entry(self.directory, owner, entry_uuid)
        about = frozenset({user.entry_uuid})
        with self.store.reading() as work:
            records = work.audit.newest(MOST, Wanted(about, leave_out=TOKENS))
            events = _since_handover([record.event for record in records])
            is_whole = len(events) == len(records) < MOST
            since = None if is_whole or not events else events[-1].at
            tallies = work.audit.tally(Wanted(about, action=TOKENS, since=since))
            happenings = in_runs(map(Happening.of, events))
            logins = [Logins(tally.actor.removeprefix("client:"), tally.count, tally.last) for tally in tallies]
            names = _names(work, {each.client_id for each in happenings} | {each.client_id for each in logins})
        return History(user, happenings, logins, names, goes_on=len(events) == MOST)


def _since_handover(events: Sequence[AuditEvent]) -> list[AuditEvent]:
    """Give what belongs to the present owner, the newest first."""
    theirs: list[AuditEvent] = []
    for event in reversed(events):
        theirs.append(event)
        if is_handover(event):
            break
    return theirs


def _names(work: Transaction, client_ids: Iterable[str]) -> dict[str, str]:
    found = {client_id: work.clients.get(client_id) for client_id in client_ids if client_id}
    return {client_id: client.name for client_id, client in found.items() if client is not None}
