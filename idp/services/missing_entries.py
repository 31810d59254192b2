"""Entries that are remembered and are not shown any more, and what there is to judge by whether they were deleted."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from idp.domain.directory_change import Kind

if TYPE_CHECKING:
    from collections.abc import Collection

    from idp.ports.store import Transaction

FEW = 20
SHARE = 20
"""So many entries of a kind, or one in so many, may be missing at a time without a doubt."""

_WITNESSES = 10


@dataclass(frozen=True, slots=True)
class Missing:
    """Those of one kind.

    Args:
        kind: theirs.
        uuids: their `entryUUID`s.
        others: some of those that should be there.
        are_many: more than a few are missing of which the directory doesn't say that they are gone.
    """

    kind: Kind
    uuids: set[str]
    others: list[str]
    are_many: bool = False


def missing_entries(work: Transaction, gone: Collection[str], present: Collection[str] | None) -> list[Missing]:
    """Find those that are remembered, by their kinds.

    Args:
        work: reads.
        gone: those of which the directory says that they are gone.
        present: all that are there, if it says that instead; else None.
    """
    if present is not None:
        return [each for kind in Kind if (each := _absent(kind, work.entries.uuids(kind), gone, present)).uuids]
    formers = [former for entry_uuid in gone if (former := work.entries.get(entry_uuid)) is not None]
    named = {kind: {former.entry_uuid for former in formers if former.kind is kind} for kind in Kind}
    some = {kind: work.entries.uuids(kind, len(gone) + _WITNESSES) for kind, uuids in named.items() if uuids}
    return [Missing(kind, named[kind], list(islice(known - named[kind], _WITNESSES))) for kind, known in some.items()]


def _absent(kind: Kind, known: set[str], gone: Collection[str], present: Collection[str]) -> Missing:
    absent = known.difference(present)
    uuids = absent | known.intersection(gone)
    return Missing(kind, uuids, list(islice(known - uuids, _WITNESSES)), len(absent) > max(FEW, len(known) // SHARE))
