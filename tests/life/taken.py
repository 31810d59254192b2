"""What a process and its database take, hour by hour, and whether it grows."""

from __future__ import annotations

import gc
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

from idp.outside import DATABASE_NAME

if TYPE_CHECKING:
    from tests.life.service import Service

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_MORE = {"memory_mib": (1.02, 0.5), "files": (1.0, 1.0), "threads": (1.0, 1.0), "counters": (1.05, 5.0)}
_MORE_ROWS = (1.05, 5.0)
"""By such a factor, and so much besides, the last hours may take more than those before them: people come at random."""


@dataclass(frozen=True)
class Taken:
    """At one moment.

    Args:
        hour: since the beginning.
        memory_mib: resident.
        files: open descriptors.
        threads: of the process.
        counters: of limits, by what is counted.
        rows: by table.
    """

    hour: int
    memory_mib: float
    files: int
    threads: int
    counters: int
    rows: dict[str, int]

    @classmethod
    def now(cls, hour: int, service: Service) -> Taken:
        """Look."""
        gc.collect()
        resident = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return cls(
            hour,
            resident * _PAGE_BYTES / 2**20,
            len(list(Path("/proc/self/fd").iterdir())),
            len(list(Path("/proc/self/task").iterdir())),
            service.counters.kept(),
            _rows(service.state / DATABASE_NAME),
        )

    def told(self) -> str:
        """Give a line for whoever reads along."""
        rows = " ".join(f"{name}={count}" for name, count in self.rows.items() if count)
        process = f"{self.memory_mib:.1f} MiB, {self.files} files, {self.threads} threads, {self.counters} counters"
        return f"hour {self.hour}: {process}; {rows}"


def growing(day: list[Taken], kept: dict[str, int]) -> list[str]:
    """Tell what grows from the middle third of a day to its last.

    Args:
        day: hour by hour.
        kept: tables that keep what happened for longer than that, and how much of it did.
    """
    third = len(day) // 3
    before, last = day[third:-third], day[-third:]
    found = []
    for name, more in _MORE.items():
        was, now = (mean(getattr(taken, name) for taken in part) for part in (before, last))
        if _is_more(was, now, more):
            found.append(f"{name}: {was:.1f}, then {now:.1f}")
    for table in day[-1].rows:
        was, now = (mean(taken.rows[table] for taken in part) for part in (before, last))
        if table in kept:
            if day[-1].rows[table] > kept[table]:
                found.append(f"{table}: {day[-1].rows[table]} of {kept[table]} that happened")
        elif _is_more(was, now, _MORE_ROWS):
            found.append(f"{table}: {was:.0f}, then {now:.0f}")
    return found


def _is_more(was: float, now: float, more: tuple[float, float]) -> bool:
    factor, besides = more
    return now > was * factor + besides


def _rows(database: Path) -> dict[str, int]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in tables}  # noqa: S608
