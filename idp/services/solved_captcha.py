"""Solutions of captchas, each good for one thing (R7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.errors import CaptchaRefused

if TYPE_CHECKING:
    from idp.ports.outside import Captcha, Clock
    from idp.ports.store import Store


@dataclass(frozen=True, slots=True)
class SolvedCaptcha:
    """Checks solutions, and uses them up."""

    captcha: Captcha
    store: Store
    clock: Clock

    def use_up(self, solution: str) -> None:
        """Take a solution, once. The official package takes one as often as it comes, so a used one is kept until it is too old.

        Args:
            solution: the captcha's payload.

        Raises:
            CaptchaRefused: none, wrong, old or used.
        """
        solved = self.captcha.verify(solution, self.clock.now())
        with self.store.transaction() as work:
            if not work.capabilities.add(solved):
                raise CaptchaRefused

    def holds(self, solution: str) -> bool:
        """Tell whether it is right; it is not used up, and one that was used before is only found out when it is."""
        try:
            self.captcha.verify(solution, self.clock.now())
        except CaptchaRefused:
            return False
        return True
