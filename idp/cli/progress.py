"""How far long work has come: a bar on stderr, for people at a terminal."""

from __future__ import annotations

import itertools
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from click._termui_impl import ProgressBar

    from idp.ports.outside import Clock

_CLEAR = "\r\033[K"


@dataclass(slots=True)
class Progress:
    """What is told of work under way.

    Args:
        bar: click's, which knows the time left; it shows nothing where nobody looks.
        clock: the time.
        begun: when the work began.
        unit: what is counted.
        count: how many are done.
    """

    bar: ProgressBar[Any]
    clock: Clock
    begun: datetime
    unit: str
    count: int = 0

    def to(self, position: int) -> None:
        """Tell that one more is done, and where that is on the way."""
        self.count += 1
        self.at(position, self._sentence())

    def at(self, position: int, what: str) -> None:
        """Tell what is under way, and where that is."""
        # A step of nothing is none to click, which then would not say what is under way.
        self.bar.current_item = what
        self.bar.update(max(0, position - self.bar.pos))
        self.bar.render_progress()

    def say(self, text: str) -> None:
        """Say something on stderr, above the bar."""
        click.echo(text if self.bar.hidden else f"{_CLEAR}{text}", err=True)

    def _sentence(self) -> str:
        elapsed = (self.clock.now() - self.begun).total_seconds()
        return f"{self.count} {self.unit}, {self.count / elapsed:.0f}/s" if elapsed > 0 else ""


@contextmanager
def progress(clock: Clock, unit: str, length: int | None) -> Iterator[Progress]:
    """Show a bar until the work has ended.

    Args:
        clock: the time.
        unit: what is counted, in the plural.
        length: of the way; None where nobody knows: then there is no time left to show.
    """
    hidden = not sys.stderr.isatty()
    way = itertools.count() if length is None else None
    with click.progressbar(way, length, hidden=hidden, item_show_func=lambda told: told, file=sys.stderr) as bar:
        yield Progress(bar, clock, clock.now(), unit)
