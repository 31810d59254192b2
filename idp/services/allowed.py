"""What an owner has allowed and nobody has fetched yet: bound to the koppelgebruiker as they were at that moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.domain.client import UserSubject
from idp.domain.people import Seen
from idp.errors import SubjectChanged

if TYPE_CHECKING:
    from idp.domain.capability import Capability
    from idp.domain.client import Client
    from idp.domain.people import Koppelgebruiker
    from idp.services.gate import Gate
    from idp.services.grants import GrantService
    from idp.services.issued import Issued, TokenPlan


def as_seen(user: Koppelgebruiker) -> dict[str, str]:
    """Give what to keep of a user beside their `entryUUID`, which is the subject of the row."""
    facts = {"owner": user.owner_dn, "password_changed": user.seen.password_changed}
    return {name: value for name, value in facts.items() if value is not None}


def fetch(gate: Gate, grants: GrantService, client: Client, allowed: Capability, network: str, plan: TokenPlan) -> Issued:
    """Have tokens issued for what was allowed; it is used up in the same transaction.

    Args:
        gate: the gate.
        grants: issues.
        client: authenticated; what was allowed is its own.
        allowed: the row, with what `as_seen` gave.
        network: address that asks.
        plan: what to issue.

    Raises:
        CodeUsed: somebody else was first.
        GrantEnded: it was withdrawn meanwhile.
        NotUsable: the user was blocked or changed since (S46), or is another owner's, who was not asked.
    """
    seen = Seen(allowed.subject, allowed.facts.get("password_changed"))
    user = gate.assert_usable(UserSubject(seen.entry_uuid), client, seen)
    if allowed.facts.get("owner") != user.owner_dn:  # who said yes has no say over it any more
        raise SubjectChanged
    return grants.issue(client, user, network, plan, allowed)
