"""The web server by another clock, and with less patience: `python -m tests.system.served_at CONFIG FILE PATIENCE`.

FILE holds seconds to add to the time; PATIENCE is for visitors who say nothing, in seconds.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from idp.app import create_app
from idp.logs import configure_logging
from idp.outside import open_ports
from idp.serving import bind, serve
from idp.settings import load_settings


@dataclass(frozen=True, slots=True)
class WrongClock:
    """A machine's clock that somebody sets.

    Args:
        file: holds how many seconds it is off.
    """

    file: Path

    def now(self) -> datetime:
        """The moment that it shows."""
        return datetime.now(UTC) + timedelta(seconds=float(self.file.read_text(encoding="ascii")))


def main(config: str, file: str, patience: str) -> None:
    """Serve as `idp serve` does."""
    settings = load_settings(Path(config))
    configure_logging(settings.service.log_level, sys.stderr)
    listener = bind(settings.service.listen, settings.service.port, float(patience))
    serve(create_app(settings, open_ports(settings, WrongClock(Path(file)))), settings.service, listener)


if __name__ == "__main__":
    main(*sys.argv[1:])
