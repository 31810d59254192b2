"""The smaller ports: mail, letters, captcha, limits, clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from idp.domain.capability import Capability
    from idp.domain.client import Client
    from idp.domain.logout_notice import LogoutNotice
    from idp.domain.mail import Content, Letter, Mail


class Clock(Protocol):
    """The time, and nothing else gives it."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""


class Mailer(Protocol):
    """The mail server."""

    def send(self, mail: Mail) -> None:
        """Hand over one message; returning means that the server took responsibility (250).

        Raises:
            MailUnavailable: not now: no answer, time-out, a 4xx reply, TLS or AUTH that failed.
            MailRefused: never: a 5xx reply.
        """


class BackChannel(Protocol):
    """Applications, told something at addresses that the operator has registered."""

    def post(self, uri: str, form: Mapping[str, str]) -> int:
        """Send a form, follow no redirect, and give the status of the answer.

        Args:
            uri: https, or http on loopback.
            form: by name; holds a token.

        Raises:
            ApplicationUnavailable: no answer, a time-out, TLS that failed.
            ApplicationOutOfReach: the address leads to where applications may not be; nothing was sent.
        """


class LogoutTokens(Protocol):
    """Signs what applications are told of a logout."""

    def sign(self, client: Client, notice: LogoutNotice) -> str | None:
        """Make a token; None where no issuer serves this kind of client any more."""


class Letters(Protocol):
    """The words of our mail."""

    def write(self, letter: Letter, language: str, facts: Mapping[str, str]) -> Content:
        """Render a letter.

        Args:
            letter: which one.
            language: `nl` or `en`.
            facts: what it names: ``user`` (full name), ``name``, ``link``, ``at`` (ISO 8601), ``products``.
        """


class Captcha(Protocol):
    """A proof of work behind "Ik ben geen robot"."""

    def challenge(self, now: datetime) -> Mapping[str, object]:
        """Make a challenge, as JSON for the widget."""

    def verify(self, payload: str, now: datetime) -> Capability:
        """Check a solution, and give it as a capability, so that it can be used only once.

        Raises:
            CaptchaRefused: malformed, wrong, or too old.
        """


class Limits(Protocol):
    """Counters. They count before any look-up, and the same for names that don't exist."""

    def hit(self, limit: str, *key: str) -> None:
        """Count one.

        Args:
            limit: its name in the settings, such as ``reset-name``.
            key: what it counts by; names come as digests.

        Raises:
            Throttled: no room; says how long.
        """

    def check(self, limit: str, *key: str) -> None:
        """Raise `Throttled` if there is no room, without counting."""
