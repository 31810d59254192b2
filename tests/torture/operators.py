"""What operators do at the command line: one client after another is made, gets another secret, and is ended."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from tests.torture.application import Application
from tests.torture.asking import NotNow
from tests.torture.facts import Forbidden

if TYPE_CHECKING:
    from random import Random
    from threading import Event

    from tests.torture.court import Court
    from tests.torture.place import Place

_PAUSES_S = (10, 30)
"""A command takes a second of a processor."""


@dataclass(frozen=True)
class Operators:
    """They.

    Args:
        place: whose clients.
        court: hears the answers.
        random: decides when.
    """

    place: Place
    court: Court
    random: Random

    def live(self, stop: Event) -> None:
        """See to one client after another."""
        while not stop.wait(self.random.uniform(*_PAUSES_S)):
            try:
                self.step()
            except NotNow:
                continue  # what is true of it nobody knows; there will be another one
            except Forbidden as exc:
                self.court.condemn(str(exc))

    def step(self) -> None:
        """See to one. Raises `Forbidden`, `NotNow`."""
        application = Application(self.place, self.court)
        first = self._say("add", "vendor_service", "--name", "a test", "--json")
        application.ask_for_itself(first)
        second = self._say("rotate-secret", first["client_id"], "--overlap-hours", "0", "--json")
        application.ask_for_itself(second)
        application.ask_for_itself(first, must_be=False)
        self._say("disable", first["client_id"])
        application.ask_for_itself(second, must_be=False)

    def _say(self, *words: str) -> dict[str, Any]:
        began = monotonic()
        command = [sys.executable, "-m", "idp.cli", "--config", str(self.place.config), "client", *words]
        said = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603  # our own words
        self.court.exited(f"idp client {words[0]}", began, said.returncode, said.stderr)
        if said.returncode:
            raise NotNow
        return dict(json.loads(said.stdout)) if "--json" in words else {}
