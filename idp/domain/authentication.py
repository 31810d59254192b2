"""How an owner proved who they are, as an application that lets people log in by us is told (OpenID Connect Core section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Authentication:
    """One login of an owner, and what one application asked about it.

    Args:
        at: when they typed their password.
        session: which portal session that began (`sid`).
        nonce: as the application sent it, or None.
        claims: what it asked to be told besides, of `idp.oauth.id_token.ON_REQUEST`.
    """

    at: datetime
    session: str
    nonce: str | None = None
    claims: tuple[str, ...] = ()
