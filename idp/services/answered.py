"""A login that an application wanted is for one request of its: it ends with the answer (OpenID Connect Core section 3.1.2.1)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from idp.domain.capability import Purpose

if TYPE_CHECKING:
    from idp.domain.portal_session import PortalSession
    from idp.ports.store import Transaction


def note_answer(work: Transaction, session: PortalSession) -> None:
    """Note that the request that a session began for was answered: the same one again is another.

    Args:
        work: the transaction in which the answer is kept; without the one, there is not the other.
        session: of the owner who was asked.
    """
    if session.request is None:
        return
    found = work.capabilities.get(Purpose.PORTAL_SESSION, session.id)
    if found is not None:
        facts = {name: value for name, value in found.facts.items() if name != "request"}
        work.capabilities.renew(replace(found, facts=facts))
