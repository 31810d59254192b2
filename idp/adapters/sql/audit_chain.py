"""The keyed digests of the audit trail: what each of its rows is held by.

A *record*'s chain covers the chain before it and all that the record says. The end of a chain is guarded by a running *seal*,
which covers its own former value; former seals are kept nowhere, so that nobody can make one for a shorter chain. Each segment
begins a seal of its own. What is kept of the last one, when the segment is closed, is one digest further (`closed`): whoever
reads it can't open the segment again. A sealed segment's row is covered as a whole.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from idp.domain.capability import Purpose

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from idp.domain.digests import KeyedDigests

    Columns = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Chain:
    """Digests under the key of the trail."""

    digests: KeyedDigests

    def record(self, before: str, row: Columns) -> str:
        """Chain a record to the one before.

        Args:
            before: chain of that one; of the first, the head of the segment before; of the very first, empty.
            row: columns of the table `audit`; all but `chain` are covered.
        """
        said = [row["writer"], row["number"], _moment(row["at"]), row["action"], row["actor"]]
        said += [row["subject"], row["request_id"], row["content"]]
        return self._digest("record", before, json.dumps(said, sort_keys=True, separators=(",", ":")))

    def opened(self, writer: str, segment: int, previous: str) -> str:
        """Give the seal of a segment that has no record yet."""
        return self._digest("open", writer, str(segment), previous)

    def run(self, seal: str, chain: str) -> str:
        """Carry a seal on over one more record."""
        return self._digest("head", seal, chain)

    def closed(self, seal: str) -> str:
        """Give what is kept of a segment's last seal."""
        return self._digest("closed", seal)

    def segment(self, row: Columns) -> str:
        """Seal a segment: columns of the table `audit_segments`; all but `seal` are covered."""
        said = [row["writer"], row["segment"], row["first"], row["last"], row["previous"], row["head"], row["closed"]]
        said += [_moment(row["sealed_at"]), row["expired_at"] and _moment(row["expired_at"])]
        return self._digest("segment", json.dumps(said))

    def reference(self, row: Columns) -> str:
        """Give what stands in a record for a row of the table `audit_personal`; all its other columns are covered.

        Its salt keeps whoever has the trail and the key, but not the row any more, from finding the value by trying.
        """
        return self._digest("personal", row["writer"], str(row["number"]), row["subject"], row["salt"], row["value"])

    def pseudonym(self, value: str) -> str:
        """Give the subject of somebody of whom nothing is known but the value: their DN, or their account."""
        return f"value:{self._digest('pseudonym', value.removeprefix('dn:').casefold())[:32]}"

    def _digest(self, *parts: str) -> str:
        return self.digests.digest(Purpose.AUDIT, *parts)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
