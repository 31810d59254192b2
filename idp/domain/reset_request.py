"""A request for a new password, as a state machine.

::

    QUEUED --link made--> LIVE --claim--> CLAIMED --password written--> SPENT
       |                   ^  |              |
       |                   |  |  link dead   |  refused, or a crash before the write
       +----> DROPPED <----|--+              |
                           +-----------------+

A claim is a compare-and-swap: of two submissions at once exactly one wins. `version` counts the transitions.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from idp.errors import LinkBusy, LinkExpired, LinkSpent, LinkUsed

if TYPE_CHECKING:
    from datetime import datetime

    from idp.domain.people import Koppelgebruiker, Owner, Seen

RESET_LIFETIME = timedelta(minutes=60)
"""How long a link works, counted from the mail's latest sending (R19)."""

CLAIM_LEASE = timedelta(seconds=60)
"""How long a claim may be under way before recovery looks at it; longer than any timeout of one submission."""


class ResetState(StrEnum):
    """Where a request stands."""

    QUEUED = "queued"
    LIVE = "live"
    CLAIMED = "claimed"
    SPENT = "spent"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Binding:
    """What a link is bound to when its mail is made; a difference in any of it kills the link (R19).

    Args:
        seen: entry and password.
        uid: the bare name.
        owner_dn: DN of the owner.
        mail: address the link went to.
    """

    seen: Seen
    uid: str
    owner_dn: str
    mail: str

    @classmethod
    def of(cls, user: Koppelgebruiker, owner: Owner) -> Binding:
        """Bind to the present state; the owner must have an address."""
        return cls(seen=user.seen, uid=user.uid, owner_dn=owner.dn, mail=owner.mail or "")


@dataclass(frozen=True, slots=True)
class ResetRequest:
    """One request; `digest` finds it by the secret of its link.

    Args:
        id: random identifier, from which the link's secret is derived.
        digest: keyed digest of that secret.
        bare: normalised bare name, or None for a name that can't exist.
        with_ticket: asked from the portal.
        created_at: when it was asked.
        state: where it stands.
        version: number of transitions so far.
        binding: set when the link is made.
        expires_at: end of the link; None before it is made.
        claimed_at: when the claim under way began.
    """

    id: str
    digest: str = field(repr=False)
    bare: str | None
    with_ticket: bool
    created_at: datetime
    state: ResetState = ResetState.QUEUED
    version: int = 0
    binding: Binding | None = None
    expires_at: datetime | None = None
    claimed_at: datetime | None = None

    def link_made(self, binding: Binding, now: datetime) -> ResetRequest:
        """Go live, or stay so for a new try at sending: the hour counts from this mail."""
        return self._next(ResetState.LIVE, binding=binding, expires_at=now + RESET_LIFETIME)

    def dropped(self) -> ResetRequest:
        """End without a link, or end a link whose binding no longer holds."""
        return self._next(ResetState.DROPPED)

    def claimed(self, now: datetime) -> ResetRequest:
        """Take the link for one submission."""
        self.assert_open(now)
        return self._next(ResetState.CLAIMED, claimed_at=now)

    def given_back(self) -> ResetRequest:
        """Undo a claim: the directory refused, or the write never happened."""
        return self._next(ResetState.LIVE, claimed_at=None)

    def claimed_still(self, now: datetime) -> ResetRequest:
        """What became of the claim can't be found out at present; look again when another lease is over."""
        return self._next(ResetState.CLAIMED, claimed_at=now)

    def spent(self) -> ResetRequest:
        """The password was written."""
        return self._next(ResetState.SPENT)

    def claim_is_stale(self, now: datetime) -> bool:
        """Tell whether whoever claimed it must have died; also when the clock went backwards past the claim."""
        if self.state is not ResetState.CLAIMED or self.claimed_at is None:
            return False
        return not self.claimed_at <= now < self.claimed_at + CLAIM_LEASE

    def assert_open(self, now: datetime) -> Binding:
        """Give what the link is bound to, if it can be used now.

        Raises:
            LinkUsed: the password was set with it.
            LinkSpent: not made yet, or ended.
            LinkExpired: past its hour.
            LinkBusy: another submission is under way.
        """
        if self.state is ResetState.CLAIMED:
            raise LinkBusy
        if self.state is ResetState.SPENT:
            raise LinkUsed
        if self.state is not ResetState.LIVE or self.binding is None or self.expires_at is None:
            raise LinkSpent
        # A clock set back must not lengthen a link's life: before its own beginning it does not work either.
        if not self.expires_at - RESET_LIFETIME - timedelta(minutes=5) <= now < self.expires_at:
            raise LinkExpired
        return self.binding

    def _next(self, state: ResetState, **changes: object) -> ResetRequest:
        return replace(self, state=state, version=self.version + 1, **changes)  # type: ignore[arg-type]  # fields checked by their callers above
