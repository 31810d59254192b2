"""A captcha that is real, and made to cost next to nothing: what it costs is shown where it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.adapters.altcha import AltchaCaptcha

if TYPE_CHECKING:
    from idp.domain.digests import KeyedDigests


def easy_captcha(digests: KeyedDigests) -> AltchaCaptcha:
    """Make one whose solutions are found at the first or second try."""
    return AltchaCaptcha(digests, range(1, 3))
