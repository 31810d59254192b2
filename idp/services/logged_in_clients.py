"""Which applications an owner has let log them in during a session, and that they are told of its end."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from idp.domain.capability import LIFETIMES, Purpose
from idp.domain.logout_notice import LogoutNotice

if TYPE_CHECKING:
    from datetime import datetime

    from idp.domain.client import Client
    from idp.domain.portal_session import PortalSession
    from idp.ports.store import Transaction
    from idp.services.secrets_kept import KeptSecrets


def remember_client(kept: KeptSecrets, work: Transaction, client: Client, session: PortalSession, subject: str) -> None:
    """Keep that an application knows of a session, for as long as that may last.

    Args:
        kept: keeps it.
        work: the transaction in which its code is made.
        client: the application.
        session: that its ID token will name.
        subject: `entryUUID` of the koppelgebruiker that it will name.
    """
    name, facts = f"{session.id}\n{client.client_id}\n{subject}", {"client": client.client_id, "user": subject}
    end = session.began_at + LIFETIMES[Purpose.PORTAL_SESSION]
    work.capabilities.renew(kept.capability(Purpose.SESSION_CLIENT, name, facts, end, subject=session.id))


def tell_clients(work: Transaction, session_id: str, now: datetime) -> None:
    """Queue a notice for each application that knows of a session and wants to be told.

    Args:
        work: the transaction in which the session ends.
        session_id: which one.
        now: the moment.
    """
    for known in work.capabilities.about(Purpose.SESSION_CLIENT, session_id):
        client = work.clients.get(known.facts["client"])
        if client is not None and client.backchannel_logout_uri is not None:
            notice = LogoutNotice(secrets.token_hex(16), client.client_id, known.facts["user"], session_id, now, now)
            work.logout_notices.add(notice)
