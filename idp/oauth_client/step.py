"""One step of an application's way, as it may be shown: no secret is in it, and no token but its digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECRET = frozenset({"client_secret", "password", "code_verifier"})
_TOKEN = frozenset(
    {"access_token", "refresh_token", "id_token", "token", "code", "client_assertion", "device_code", "request_uri"}
)
_NOT_SHOWN = "(not shown)"
_DIGITS = 16
_LEAST = 8
"""Characters of a secret that is looked for in what the service says; a shorter one would be found everywhere."""


@dataclass(slots=True)
class Step:
    """What was asked, what came, and what is wrong with it.

    Args:
        name: of the step.
        request: method and URL.
        sent: parameters and headers, as shown.
        status: of the answer; None: there was none.
        got: of the answer, as shown.
        means: what some of `got` is.
        problem: a sentence with what to do; empty: all is well.
    """

    name: str
    request: str = ""
    sent: dict[str, object] = field(default_factory=dict)
    status: int | None = None
    got: dict[str, object] = field(default_factory=dict)
    means: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """Turns what is sent and received into what may be shown.

    Args:
        secrets: never shown, wherever they turn up: a service may repeat what it was sent.
    """

    secrets: tuple[str, ...] = field(repr=False)

    def values(self, values: Mapping[str, object]) -> dict[str, object]:
        """Give parameters or members as they may be shown."""
        return {name: self._value(name, value) for name, value in values.items()}

    def text(self, text: str) -> str:
        """Give a text without the secrets in it."""
        for secret in self.secrets:
            if len(secret) >= _LEAST:
                text = text.replace(secret, _NOT_SHOWN)
        return text

    def _value(self, name: str, value: object) -> object:
        if name in _SECRET:
            return _NOT_SHOWN
        if name in _TOKEN:
            digest = hashlib.sha256(str(value).encode()).hexdigest()[:_DIGITS]
            return f"sha256:{digest}… ({len(str(value))} characters)"
        return self.text(value) if isinstance(value, str) else value
