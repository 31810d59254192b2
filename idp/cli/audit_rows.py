"""How records of the audit are shown: a line for people, all facts for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.domain.audit import Personal
from idp.domain.audit_query import TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from idp.domain.audit import AuditRecord, Change, Value
    from idp.domain.audit_query import Tally


def shown_rows(records: Iterable[AuditRecord], tallies: Iterable[Tally], *, as_json: bool) -> Iterator[dict[str, object]]:
    """Give a row for each record, and behind them one for each client's tokens."""
    for record in records:
        yield _facts(record) if as_json else _line(record)
    for tally in tallies:
        yield _summed_facts(tally) if as_json else _summed_line(tally)


def _summed_line(tally: Tally) -> dict[str, object]:
    return {
        "record": None,
        "at": _when(tally.last),
        "action": f"{TOKENS}*",
        "actor": tally.actor,
        "what": f"{tally.count} records since {_when(tally.first)}",
    }


def _summed_facts(tally: Tally) -> dict[str, object]:
    return {
        "record": None,
        "at": tally.last.isoformat(),
        "action": f"{TOKENS}*",
        "actor": tally.actor,
        "subject": tally.subject,
        "request_id": None,
        "changes": {},
        "detail": {"records": str(tally.count), "first": tally.first.isoformat(), "last": tally.last.isoformat()},
    }


def _line(record: AuditRecord) -> dict[str, object]:
    event = record.event
    return {
        "record": record.id,
        "at": _when(event.at),
        "action": event.action,
        "actor": event.actor,
        "what": " ".join(_words(record)),
    }


def _words(record: AuditRecord) -> Iterator[str]:
    for name, change in record.event.changes.items():
        before, after = (_shown(value) or "-" for value in (change.before, change.after))
        yield f"{name}: {before} → {after}"
    for name, value in record.event.detail.items():
        if name != "position":  # in the directory's log; for whoever looks it up there, in --json
            yield f"{name}={_shown(value)}"


def _facts(record: AuditRecord) -> dict[str, object]:
    event = record.event
    return {
        "record": str(record.id),
        "at": event.at.isoformat(),
        "action": event.action,
        "actor": event.actor,
        "subject": event.subject,
        "request_id": record.request_id,
        "changes": {name: _pair(change) for name, change in event.changes.items()},
        "detail": {name: _shown(value) for name, value in event.detail.items()},
    }


def _pair(change: Change) -> dict[str, str | None]:
    return {"before": _shown(change.before), "after": _shown(change.after)}


def _shown(value: Value | None) -> str | None:
    return str(value) if isinstance(value, Personal) else value


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%SZ}"
