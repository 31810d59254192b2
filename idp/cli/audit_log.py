"""What the log says of the audit trail, read back from wherever logs were shipped to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from idp.domain.audit import SEGMENT_SEALED, SealedHead
from idp.errors import IdpError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO


class NothingLogged(IdpError):
    """A log that says nothing of the trail proves nothing."""


def read_heads(log: TextIO) -> list[SealedHead]:
    """Give the sealed segments that a log tells of; whatever else stands in it is passed over.

    Args:
        log: one JSON object a line.

    Raises:
        NothingLogged: it tells of none.
    """
    heads = list(_heads(log))
    if not heads:
        message = f"{log.name} tells of no sealed segment of the audit trail: no line has the event {SEGMENT_SEALED}"
        raise NothingLogged(message)
    return heads


def _heads(log: Iterable[str]) -> Iterator[SealedHead]:
    for line in log:
        if SEGMENT_SEALED in line:
            head = _head(line)
            if head is not None:
                yield head


def _head(line: str) -> SealedHead | None:
    try:
        # A shipper may have put something of its own before it, such as a time and a host.
        said = json.loads(line[line.index("{") :])
        if said["event"] != SEGMENT_SEALED:
            return None
        return SealedHead(str(said["writer"]), int(said["segment"]), int(said["records"]), str(said["head"]))
    except (ValueError, KeyError, TypeError):
        return None
