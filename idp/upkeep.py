"""The worker's part that closes what is to be kept of the audit trail, and forgets what is not to be kept at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from idp.domain.audit import SEGMENT_SEALED
from idp.logs import AUDIT_LOGGER

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from idp.domain.audit import SealedHead
    from idp.ports.outside import Clock
    from idp.ports.store import Store

EVERY = timedelta(minutes=10)
_EXPIRE_AT_MOST = 1000

_log = structlog.get_logger("idp.worker")
_audit_log = structlog.get_logger(AUDIT_LOGGER)


@dataclass(slots=True)
class Upkeep:
    """Seals and expires, now and then.

    A worker that died between the sealing and the line in the log has told nobody: so the newest segments are told again by
    whoever starts.

    Args:
        store: of all that is kept.
        clock: the time.
    """

    store: Store
    clock: Clock
    _next: datetime | None = None

    def step(self) -> None:
        """Do it if it is due. Raises `StoreUnavailable`."""
        now = self.clock.now()
        # Also when the clock was set back.
        if self._next is not None and self._next - EVERY <= now < self._next:
            return
        if self._next is None:
            with self.store.reading() as work:
                _tell(work.audit.sealed())
        with self.store.transaction() as work:
            sealed = work.audit.seal(now)
        _tell(sealed)
        deleted = self.store.expire(now, _EXPIRE_AT_MOST)
        if any(deleted.values()):
            _log.info("expired", **deleted)
        # More than fits into a step comes in with every other request, where many ask: then the next one is due at once.
        self._next = now if max(deleted.values()) >= _EXPIRE_AT_MOST else now + EVERY


def _tell(heads: Iterable[SealedHead]) -> None:
    for head in heads:
        _audit_log.info(SEGMENT_SEALED, writer=head.writer, segment=head.segment, records=head.records, head=head.head)
