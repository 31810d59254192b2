"""What an owner has allowed an application before: they are not asked for it again.

It is kept with the grant, so it ends as that does: with the password, by the owner in the portal, by the application itself, or
after a year in which nothing used it; and where a code or a refresh token came a second time, since one of the two had stolen it.
It says nothing before the application has redeemed a code; and who let it in by a password was never asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from idp.domain.people import Koppelgebruiker, Owner
    from idp.ports.store import Transaction
    from idp.services.authorization import Asked


def is_remembered(work: Transaction, owner: Owner, user: Koppelgebruiker, asked: Asked) -> bool:
    """Tell whether an owner has allowed an application all of this, for this koppelgebruiker with this password.

    Args:
        work: sees what was ended until now.
        owner: who would be asked.
        user: one of theirs, as they are now.
        asked: what the application asks for.
    """
    return any(
        grant.client_id == asked.client.client_id
        and grant.seen == user.seen
        and grant.consent is not None
        and grant.consent.covers(owner.entry_uuid, asked.audience, asked.scope)
        for grant in work.grants.of_user(user.entry_uuid)
    )
