"""What an authorization code is bound to, as it is kept until the code is redeemed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from idp.domain.authentication import Authentication
from idp.services.allowed import as_seen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.domain.people import Koppelgebruiker
    from idp.domain.portal_session import PortalSession
    from idp.services.authorization import Asked


def bound(asked: Asked, user: Koppelgebruiker, session: PortalSession) -> dict[str, str]:
    """Give what to keep.

    Args:
        asked: what the application asked for.
        user: for whom it is let in, as they are now.
        session: of the owner who says so.
    """
    facts = {
        "client": asked.client.client_id,
        "redirect_uri": asked.redirect_uri,
        "scope": asked.scope,
        "audience": asked.audience,
        "challenge": asked.challenge,
        "jkt": asked.jkt,
        "allowed_by": session.owner.entry_uuid,
        "user": user.entry_uuid,
        "session": session.id,
        "logged_in_at": session.began_at.isoformat(),
        "nonce": asked.nonce,
        "claims": " ".join(asked.claims),
    }
    return {**as_seen(user), **{name: value for name, value in facts.items() if value is not None}}


def authentication_of(facts: Mapping[str, str]) -> Authentication:
    """Read from it how the owner had logged in."""
    at = datetime.fromisoformat(facts["logged_in_at"])
    return Authentication(at, facts["session"], facts.get("nonce"), tuple(facts["claims"].split()))
