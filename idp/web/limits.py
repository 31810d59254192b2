"""Limits: Flask-Limiter at the routes, and the same counters for the services.

Everything counts in a moving window, so that the seconds to wait are exact. Addresses count as networks: an IPv6 visitor owns a
whole /64, and would otherwise never meet a limit.
"""

from __future__ import annotations

import ipaddress
import math
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import structlog
from flask import request
from flask_limiter import Limiter
from limits import parse_many
from limits.errors import StorageError

from idp.errors import CountersUnavailable, Throttled
from idp.setting_values import IN_MEMORY
from idp.web.proxy import read_address
from idp.web.window_storage import SCHEME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask_limiter import RequestLimit
    from limits import RateLimitItem
    from limits.strategies import RateLimiter

    from idp.settings import LimitSettings

_IPV6_VISITOR_BITS = 64
_log = structlog.get_logger("idp.limits")
_NOT_RATES = ("mailbox_per_day", "mailbox_per_day_ticket", "storage")


def network_of(address: str) -> str:
    """Give what limits count an address by: itself, or an IPv6 address's /64.

    Args:
        address: as the proxies' judgement left it; what is no address counts as one visitor.
    """
    found = read_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(found), _IPV6_VISITOR_BITS), strict=False))
    return str(found) if found else "unknown"


def visitor_network() -> str:
    """Give the network of the request under way."""
    return network_of(request.remote_addr or "")


def build_limiter(settings: LimitSettings) -> Limiter:
    """Make the limiter for routes; `init_app` makes its storage, which `CountedLimits` shares.

    Routes are limited by `shared_limit`, with the key of the configuration for their scope: the log tells it.

    Args:
        settings: ``storage`` is a `limits` URI: ``memory://`` for one process, Redis for more.
    """
    return Limiter(
        visitor_network,
        storage_uri=f"{SCHEME}://" if settings.storage == IN_MEMORY else settings.storage,
        storage_options={"wrap_exceptions": True},
        strategy="moving-window",
        on_breach=_refuse,
    )


def _refuse(breached: RequestLimit) -> None:
    *_, key = breached.request_args  # the scope of the routes
    _tell(key)
    raise Throttled(_seconds_until(breached.window.reset_time, time.time()))


@dataclass(frozen=True)
class CountedLimits:
    """The port `Limits`, over the limiter's storage.

    Args:
        limiter: from `build_limiter`; used after its `init_app`.
        settings: the rates by name; ``reset-name`` is the key ``reset_name``.
        wall_clock: seconds since the epoch; the storage measures its windows by the machine's clock, and so must what is told.
    """

    limiter: Limiter
    settings: LimitSettings
    wall_clock: Callable[[], float] = field(default=time.time)

    def hit(self, limit: str, *key: str) -> None:
        """Count one. Raises `Throttled`, `CountersUnavailable`."""
        # Ask all rates first, so that a request refused by the day's does not use up the hour's.
        self.check(limit, *key)
        strategy = self._strategy
        try:
            for item in self._rates[limit]:
                if not strategy.hit(item, limit, *key):
                    self._refuse(strategy, [item], limit, key)
        except StorageError as exc:
            raise CountersUnavailable from exc

    def check(self, limit: str, *key: str) -> None:
        """Raise `Throttled` if there is no room, without counting; raises `CountersUnavailable`."""
        strategy = self._strategy
        try:
            full = [item for item in self._rates[limit] if not strategy.test(item, limit, *key)]
            if full:
                self._refuse(strategy, full, limit, key)
        except StorageError as exc:
            raise CountersUnavailable from exc

    @property
    def _strategy(self) -> RateLimiter:
        return self.limiter.limiter

    @cached_property
    def _rates(self) -> Mapping[str, list[RateLimitItem]]:
        return {
            name.replace("_", "-"): parse_many(str(value))
            for name, value in self.settings.model_dump().items()
            if name not in _NOT_RATES
        }

    def _refuse(self, strategy: RateLimiter, full: list[RateLimitItem], limit: str, key: tuple[str, ...]) -> None:
        room_at = max(strategy.get_window_stats(item, limit, *key).reset_time for item in full)
        _tell(limit.replace("-", "_"))
        raise Throttled(_seconds_until(room_at, self.wall_clock()))


def _tell(key: str) -> None:
    # Not what was counted: names, mail addresses and networks are for nobody who only wants to know which rate is too low.
    _log.info("limit_reached", limit=key)


def _seconds_until(moment: float, now: float) -> int:
    return max(1, math.ceil(moment - now))
