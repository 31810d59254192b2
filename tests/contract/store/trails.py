"""Audit trails for tests: made, sealed, looked at, and tampered with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from idp.domain.audit import AuditEvent, Change, Personal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Engine, Executable

    from idp.domain.audit import SealedHead
    from idp.ports.store import Store

NOW = datetime(2026, 3, 4, 10, 11, 12, 345678, tzinfo=UTC)
DAY = timedelta(days=1)
ANNA, BOB = "uuid-of-anna", "uuid-of-bob"


def event(number: int, subject: str = "uuid-1") -> AuditEvent:
    """Make an event that differs from the others."""
    detail = {"number": str(number), "a": "é"}
    return AuditEvent(NOW + timedelta(seconds=number), "a.thing", "client:ing", subject, detail)


def mail_changed(number: int, subject: str, before: str, after: str) -> AuditEvent:
    """Make an event that names persons: whose address was changed, and who did it."""
    changes = {"mail": Change(Personal(before, subject), Personal(after, subject))}
    at = NOW + timedelta(seconds=number)
    return AuditEvent(at, "owner.mail-changed", "operator:dn:cn=Piet,ou=support", subject, changes=changes)


def record(store: Store, numbers: Iterable[int]) -> None:
    """Keep some events, each in a transaction of its own."""
    for number in numbers:
        append(store, event(number))


def append(store: Store, *events: AuditEvent) -> None:
    """Keep events in one transaction."""
    with store.transaction() as work:
        for one in events:
            work.audit.append(one)


def seal(store: Store, at: datetime) -> list[SealedHead]:
    """Close what is to be closed at a moment."""
    with store.transaction() as work:
        return work.audit.seal(at)


def broken(store: Store, logged: Iterable[SealedHead] = ()) -> list[str]:
    """Verify; gives the first wrong record of each chain that doesn't hold."""
    with store.reading() as work:
        return [str(found.record) for found in work.audit.verify(logged)]


def tamper(behind: Engine, *statements: Executable) -> None:
    """Change the database behind the store's back."""
    with behind.begin() as connection:
        for statement in statements:
            connection.execute(statement)
