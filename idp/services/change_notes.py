"""Who changed what in the directory, from what to what, as the audit keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.domain.audit import UNKNOWN_OPERATOR, AuditEvent, Change, Personal
from idp.domain.directory_change import Kind, What

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from idp.domain.audit import Value
    from idp.domain.directory_change import DirectoryChange, Values
    from idp.ports.store import Transaction

_TOLD = (
    "userPassword", "mail", "pwdReset", "pwdAccountLockedTime", "pwdEndTime", "pwdStartTime",
    "pwdChangedTime", "pwdHistory", "pwdFailureTime", "pwdGraceUseTime", "pwdLastSuccess",
)  # fmt: skip
"""What other records tell, and what a password brings with it."""

_PERSONAL = ("uid", "administratie", "mail")
"""Attributes that identify whose entry it is; `owner` identifies another entry's."""


def note_rest(work: Transaction, change: DirectoryChange, action: str, *, is_told: bool) -> None:
    """Note what none of the other records tells; what a password brings with it is no news of its own.

    Args:
        work: the transaction that tells of the change.
        change: what was changed.
        action: of the record, where there is anything to tell.
        is_told: another record tells of this change already.
    """
    rest = [name for name in change.changed if name not in _TOLD] if is_told else change.changed
    if rest or not is_told:
        note(work, change, action, rest)


def note(
    work: Transaction,
    change: DirectoryChange,
    action: str,
    names: Sequence[str],
    more: Mapping[str, Value] | None = None,
) -> None:
    """Note a change.

    Args:
        work: the transaction that tells of it.
        change: what was changed.
        action: of the record.
        names: the attributes that this record is about.
        more: further facts.
    """
    own = change.kind is Kind.OWNER and change.who.casefold() == change.dn.casefold()
    actor = "owner" if own else f"operator:dn:{change.who}" if change.who else UNKNOWN_OPERATOR
    changes = {name: _before_and_after(change, name) for name in names if _is_known(change, name)}
    detail = {"position": change.position, **(more or {})}
    # Of these, nothing is known but that they were changed.
    others = [name for name in names if name in change.changed and name not in changes]
    if others:
        detail["attributes"] = " ".join(dict.fromkeys(others))
    work.audit.append(AuditEvent(change.at, action, actor, change.entry_uuid, detail, changes))


def _is_known(change: DirectoryChange, name: str) -> bool:
    is_meant = name in change.changed or change.what is not What.MODIFIED
    return is_meant and change.before.get(name, ()) != change.after.get(name, ())


def _before_and_after(change: DirectoryChange, name: str) -> Change:
    return Change(*(_value(change, name, values.get(name, ())) for values in (change.before, change.after)))


def _value(change: DirectoryChange, name: str, values: Values) -> Value | None:
    if not values:
        return None
    text = " ".join(values)
    if name == "owner":
        return Personal(text)
    return Personal(text, change.entry_uuid) if name in _PERSONAL else text
