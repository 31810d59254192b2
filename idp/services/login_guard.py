"""What holds off those who guess portal passwords, and nobody else (docs/threats.md).

A stranger's browser counts by its address, alone and with the mail address that it tries, so that nobody can shut an owner out
from elsewhere. From many addresses at once that is no hindrance: after so many failures for one mail address, from wherever, each
further try costs a solved captcha. A browser that the owner has used before counts for itself, and is asked for none.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp.domain.capability import Purpose
from idp.errors import CaptchaRefused, LoginWantsCaptcha, Throttled

if TYPE_CHECKING:
    from idp.ports.outside import Limits
    from idp.services.known_browsers import KnownBrowsers
    from idp.services.solved_captcha import SolvedCaptcha


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks to be let in, apart from what was typed.

    Args:
        network: address that asks.
        tokens: of `KnownBrowsers`, as the browser sent them; anything.
        solution: a captcha's payload; empty: none came.
    """

    network: str
    tokens: tuple[str, ...] = field(default=(), repr=False)
    solution: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class LoginGuard:
    """Counts for unknown mail addresses as it does for known ones; nothing is looked up."""

    limits: Limits
    captcha: SolvedCaptcha
    browsers: KnownBrowsers

    def hold_off(self, address: str, caller: Caller) -> None:
        """Count one try.

        Args:
            address: normalised.
            caller: who makes it.

        Raises:
            Throttled: too many.
            LoginWantsCaptcha: no solution, or one that is not right, too old or was used.
        """
        key, browser = self._key(address), self.browsers.recognised(caller.tokens, address)
        if browser is not None:
            self.limits.hit("login-mail", key, browser)
            return
        self.limits.hit("login-address", caller.network)
        self.limits.hit("login-mail", key, caller.network)
        if self._is_guessed(key):
            self._take(caller.solution)

    def failed(self, address: str, caller: Caller) -> None:
        """Count a try that was wrong."""
        if self.browsers.recognised(caller.tokens, address) is None:
            with suppress(Throttled):  # there is no room for the failures of those who solve captchas, and none is needed
                self.limits.hit("login-failures", self._key(address))

    def wants_captcha(self, address: str, caller: Caller) -> bool:
        """Tell whether the next try would cost a captcha."""
        return self.browsers.recognised(caller.tokens, address) is None and self._is_guessed(self._key(address))

    def _is_guessed(self, key: str) -> bool:
        try:
            self.limits.check("login-failures", key)
        except Throttled:
            return True
        return False

    def _take(self, solution: str) -> None:
        try:
            self.captcha.use_up(solution)
        except CaptchaRefused as exc:
            raise LoginWantsCaptcha from exc

    def _key(self, address: str) -> str:
        return self.browsers.digests.digest(Purpose.LIMIT, address)
