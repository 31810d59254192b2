"""Unit files of systemd, as far as ours go (systemd.syntax(7), systemd.unit(5))."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit with its drop-ins.

    Args:
        name: with its suffix.
        settings: all values by section and key, in their order.
    """

    name: str
    settings: Mapping[tuple[str, str], list[str]]

    def all(self, key: str, section: str = "Service") -> list[str]:
        """Give every value of a key."""
        return list(self.settings.get((section, key), []))

    def one(self, key: str, default: str) -> str:
        """Give the last value of a key of the service."""
        return (self.all(key) or [default])[-1]

    @property
    def environment(self) -> dict[str, str]:
        """The variables that it sets."""
        return dict(setting.split("=", 1) for setting in self.all("Environment"))

    def seconds(self, key: str) -> float:
        """Give a time, which ours write as plain seconds."""
        return float(self.one(key, "90"))


def read_unit(folder: Path, name: str, moved: Mapping[str, str]) -> Unit:
    """Read a unit.

    Args:
        folder: where units are.
        name: with its suffix.
        moved: the folders that it names, and where they are instead.
    """
    settings: dict[tuple[str, str], list[str]] = defaultdict(list)
    for file in [folder / name, *_drop_ins(folder, name)]:
        section = ""
        for line in file.read_text("utf-8").splitlines():
            if line.startswith("["):
                section = line.strip("[]")
            elif line and not line.startswith("#"):
                key, _, value = line.partition("=")
                for there, here in moved.items():
                    value = value.replace(there, here)  # once for each folder
                settings[section, key].append(value)
    return Unit(name, settings)


def _drop_ins(folder: Path, name: str) -> list[Path]:
    # A folder koppel-idp-.service.d holds for each koppel-idp-*.service.
    stem, _, suffix = name.rpartition(".")
    prefixes = [stem[: at + 1] for at, letter in enumerate(stem) if letter == "-"]
    return [file for prefix in [*prefixes, stem] for file in sorted((folder / f"{prefix}.{suffix}.d").glob("*.conf"))]
