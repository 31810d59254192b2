"""Clocks that a test moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass
class SetClock:
    """Stands still until it is moved. It begins at the machine's time, which the captcha's package goes by, in whole seconds."""

    moment: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def now(self) -> datetime:
        """The moment."""
        return self.moment

    def go(self, step: timedelta) -> None:
        """Let time pass."""
        self.moment += step


@dataclass
class ShiftedClock:
    """The machine's, which a real slapd goes by too, moved ahead."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        """The moment."""
        return datetime.now(UTC) + self.ahead

    def go(self, step: timedelta) -> None:
        """Move on."""
        self.ahead += step
