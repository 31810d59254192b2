"""Advisories that are lived with: each with a reason, and a day on which that ends."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LONGEST = timedelta(days=180)
"""Beyond it, nobody remembers."""

_MEMBERS = {"id": str, "package": str, "reason": str, "until": date}


class AcceptedInvalid(ValueError):
    """The list can't be relied on; says what is wrong."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """One that is lived with.

    Args:
        id: of the advisory, as the database calls it.
        package: in which.
        reason: why it does no harm here.
        until: the first day on which it is reported again.
    """

    id: str
    package: str
    reason: str
    until: date


def read_accepted(path: Path, today: date) -> tuple[Accepted, ...]:
    """Read the list.

    Raises:
        AcceptedInvalid: a member lacks, is empty or unknown; or an end is further off than half a year.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except ValueError as exc:
        message = f"{path.name}: {exc}"
        raise AcceptedInvalid(message) from exc
    entries = document.pop("accepted", [])
    if document or not isinstance(entries, list):
        message = f"{path.name}: there is nothing in it but [[accepted]]"
        raise AcceptedInvalid(message)
    return tuple(_read(path.name, entry, today) for entry in entries)


def _read(file: str, entry: dict[str, object], today: date) -> Accepted:
    name = entry.get("id", "an entry without an id")
    if entry.keys() != _MEMBERS.keys() or not all(type(entry[key]) is kind and entry[key] for key, kind in _MEMBERS.items()):
        message = f"{file}: {name}: wanted are {', '.join(_MEMBERS)}, none of them empty, and nothing else"
        raise AcceptedInvalid(message)
    accepted = Accepted(**entry)  # type: ignore[arg-type]  # their kinds were looked at
    if accepted.until > today + LONGEST:
        message = f"{file}: {name}: until is at most {LONGEST.days} days ahead"
        raise AcceptedInvalid(message)
    return accepted


def covering(accepted: Iterable[Accepted], advisory: str, package: str, today: date) -> Accepted | None:
    """Find what lets an advisory pass on a day, if anything does."""
    fitting = (each for each in accepted if (each.id, each.package) == (advisory, package) and today < each.until)
    return next(fitting, None)
