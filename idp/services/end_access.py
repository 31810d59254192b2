"""All access ends, to one koppelgebruiker or to all: what applications have, and what they were allowed and not yet fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.domain.capability import FETCHED_FOR, LET_IN

if TYPE_CHECKING:
    from datetime import datetime

    from idp.ports.store import Transaction


def end_older(work: Transaction, entry_uuid: str, former: str | None, new: str | None, now: datetime) -> int:
    """End the grants given with a former password; one given with the new one, before we came to know of it, lives on.

    Args:
        work: the caller's transaction.
        entry_uuid: whose.
        former: `pwdChangedTime` of the former password; None where there was none, or it isn't told.
        new: of the new one; None where there is none.
        now: the present moment.

    Returns:
        how many grants there were.
    """
    ended = 0
    for grant in work.grants.of_user(entry_uuid):
        given_with = grant.seen.password_changed if grant.seen else None
        if given_with is None or new is None or given_with == former or given_with < new:
            work.grants.revoke(grant.id, now)
            ended += 1
    return ended


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


def end_everybodys(work: Transaction, now: datetime) -> int:
    """End all grants, codes and sessions there are: for when nobody knows any more which of them had ended.

    Args:
        work: the caller's transaction.
        now: the present moment.

    Returns:
        how many grants there were.
    """
    for purpose in LET_IN:
        work.capabilities.withdraw_all(purpose)
    return work.grants.revoke_everybodys(now)
