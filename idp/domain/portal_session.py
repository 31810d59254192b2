"""An owner's login in one browser, as the service sees it at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from idp.domain.people import Owner


@dataclass(frozen=True, slots=True)
class PortalSession:
    """A live session.

    Args:
        owner: whose it is, as the directory shows them now.
        id: the digest of its secret; another session never has the same.
        began_at: when the owner typed their password.
        request: digest of the authorization request that they logged in for and have not answered yet, or None.
    """

    owner: Owner
    id: str
    began_at: datetime
    request: str | None = None
