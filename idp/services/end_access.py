"""All access to one koppelgebruiker ends: what applications have, and what they were allowed and have not fetched yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.domain.capability import FETCHED_FOR

if TYPE_CHECKING:
    from datetime import datetime

    from idp.ports.store import Transaction


def end_all(work: Transaction, entry_uuid: str, now: datetime) -> int:
    """End the grants of a koppelgebruiker and its codes, so that none lives again when a block is lifted (S46).

    Args:
        work: the caller's transaction.
        entry_uuid: whose.
        now: the present moment.

    Returns:
        how many grants there were.
    """
    for purpose in FETCHED_FOR:
        work.capabilities.withdraw(purpose, entry_uuid)
    return work.grants.revoke_all(entry_uuid, now)
