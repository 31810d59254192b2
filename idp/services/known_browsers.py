"""Browsers in which an owner has logged in before: device cookies.

Whoever guesses has none of the owner's. So what is guessed elsewhere, from however many addresses, can be slowed down without
keeping the owner out of the browser that they always use, and what others do behind the owner's address doesn't count for it.
A token says nothing but that: it lets nobody in, and it is signed, not kept. Source: OWASP, *Slow Down Online Guessing Attacks
with Device Cookies*.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from idp.domain.capability import Purpose
from idp.domain.digests import new_secret

if TYPE_CHECKING:
    from collections.abc import Iterable

    from idp.domain.digests import KeyedDigests

KNOWN_FOR = timedelta(days=400)
"""How long a browser keeps a token; none keeps a cookie longer. Each log-in gives a new one."""

_BETWEEN = "~"  # in neither a secret (base64url) nor a digest (hexadecimal)


@dataclass(frozen=True, slots=True)
class KnownBrowsers:
    """Makes tokens, and knows them again."""

    digests: KeyedDigests

    def token_for(self, tokens: Iterable[str], address: str) -> str:
        """Give the token of a browser in which the owner of an address has just proved themselves: its own, or a new one.

        Args:
            tokens: that the browser has; anything.
            address: normalised.
        """
        name = self.recognised(tokens, address) or new_secret()
        return f"{name}{_BETWEEN}{self._signature(name, address)}"

    def recognised(self, tokens: Iterable[str], address: str) -> str | None:
        """Give the name under which a browser is counted for a mail address; None: nobody has logged in with it there.

        Args:
            tokens: that the browser has; anything.
            address: normalised.
        """
        for token in tokens:
            name, _, signature = token.partition(_BETWEEN)
            if hmac.compare_digest(self._signature(name, address).encode(), signature.encode()):
                return name
        return None

    def _signature(self, name: str, address: str) -> str:
        return self.digests.digest(Purpose.KNOWN_BROWSER, name, address)
