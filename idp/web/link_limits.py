"""How often mailed links are opened or sent in: whoever has one that works is kept from it by nobody.

What doesn't work counts by address, so that no machine tries links, or reads the database, without end. What works counts for
itself: at one link's page passwords are judged, which costs more than a look.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request

from idp.domain.capability import Purpose
from idp.web.limits import visitor_network

if TYPE_CHECKING:
    from flask import Blueprint

    from idp.domain.digests import KeyedDigests
    from idp.ports.outside import Limits

_LIMIT = "link-address"


@dataclass(frozen=True, slots=True)
class LinkLimits:
    """Counts by the same rate, dead links by address and each link by itself."""

    limits: Limits
    digests: KeyedDigests

    def guard(self, routes: Blueprint) -> Blueprint:
        """Have every request with a link counted under that link; gives the routes."""
        routes.before_request(self._count)
        return routes

    def dead(self) -> None:
        """Count a link that doesn't work. Raises `Throttled`, `CountersUnavailable`."""
        self.limits.hit(_LIMIT, visitor_network())

    def _count(self) -> None:
        secret = (request.view_args or {}).get("secret")
        if secret:
            self.limits.hit(_LIMIT, self.digests.digest(Purpose.LIMIT, secret))
