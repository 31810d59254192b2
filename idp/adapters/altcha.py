"""The captcha: ALTCHA's proof of work, made and checked by its official package.

A browser searches for the counter that the challenge was made with; a quarter of a second of honest work for one person, and a
price for a program that wants thousands. Nothing is asked of a third party.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from altcha.v2 import Payload, create_challenge, verify_solution

from idp.domain.capability import Capability, Purpose
from idp.errors import CaptchaMissing, CaptchaRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.domain.digests import KeyedDigests

ALGORITHM = "PBKDF2/SHA-256"
COST = 5000
"""Iterations for each counter tried: about 1.5 ms in a browser."""

COUNTERS = range(250, 351)
"""The counter is drawn from them anew for each challenge, 300 on average: whoever knew it would have to try only one.

Somebody with a telephone of the middle range must wait less than 3 s. Two workers share 0.4 s of work, 0.7 s at most; on a page
made four times slower they took 1.8 s, and 2.2 s at most, of ten, on two busy cores (`python -m tests.browser.slow_phone`).
"""

LIFETIME = timedelta(minutes=10)
_MAX_PAYLOAD_CHARACTERS = 8192


@dataclass(frozen=True, slots=True)
class AltchaCaptcha:
    """Challenges and their solutions, signed with keys derived from the key file.

    Args:
        digests: gives both keys, and the digests under which used solutions are kept.
        counters: how much work it is to solve one.
    """

    digests: KeyedDigests = field(repr=False)
    counters: range = COUNTERS

    def challenge(self, now: datetime) -> Mapping[str, object]:
        """Make a challenge, as JSON for the widget.

        Args:
            now: the present moment; a solution is taken for ten minutes.
        """
        challenge = create_challenge(
            ALGORITHM,
            COST,
            counter=secrets.choice(self.counters),
            expires_at=int((now + LIFETIME).timestamp()),
            hmac_secret=self._challenge_key,
            hmac_key_secret=self._solution_key,
        )
        made: dict[str, object] = challenge.to_dict()
        return made

    def verify(self, payload: str, now: datetime) -> Capability:
        """Check a solution.

        Args:
            payload: the widget's field.
            now: the present moment.

        Returns:
            a capability under the challenge's own digest: a payload spelt otherwise is still the same one.

        Raises:
            CaptchaMissing: there is none.
            CaptchaRefused: malformed, wrong, or too old.
        """
        if not payload:
            raise CaptchaMissing
        if len(payload) > _MAX_PAYLOAD_CHARACTERS:
            raise CaptchaRefused
        verdict = verify_solution(payload, hmac_secret=self._challenge_key, hmac_key_secret=self._solution_key)
        if not verdict.verified:
            raise CaptchaRefused
        parameters = Payload.from_base64(payload).challenge.parameters  # signed by us, as was just checked
        if parameters.expires_at is None:
            raise CaptchaRefused
        expires_at = datetime.fromtimestamp(parameters.expires_at, UTC)
        digest = self.digests.digest(Purpose.CAPTCHA, parameters.nonce)
        solution = Capability(digest, Purpose.CAPTCHA, {}, expires_at - LIFETIME, expires_at)
        if not solution.live_at(now):
            raise CaptchaRefused
        return solution

    @property
    def _challenge_key(self) -> str:
        return self.digests.derive(Purpose.CAPTCHA, "challenge")

    @property
    def _solution_key(self) -> str:
        return self.digests.derive(Purpose.CAPTCHA, "solution")
