"""Reads the locks: of Python's packages as `./dev lock` writes them, and of npm's as npm does.

Whatever is no version with its hashes is refused: an address, an option, a package without a hash. So a lock that can be read
names no host, and pins all that it names.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# Names are normalised by uv (PEP 503), versions are exact (PEP 440), and a marker is the only thing that may follow.
_PIN = re.compile(r"(?P<name>[a-z0-9]+(-[a-z0-9]+)*)==(?P<version>[0-9][0-9a-z.+!]*)( ; (?P<marker>[^\\#]+?))? \\")
_HASH = re.compile(r"    --hash=sha256:(?P<digest>[0-9a-f]{64})(?P<more> \\)?")
# https://docs.npmjs.com/cli/configuring-npm/package-lock-json#packages
_INTEGRITY = re.compile(r"sha512-[A-Za-z0-9+/]{86}==")
_FOLDER = "node_modules/"


class LockInvalid(ValueError):
    """A lock holds what does not pin: says the file and the line."""


@dataclass(frozen=True, slots=True)
class PythonPackage:
    """A package of an index.

    Args:
        name: normalised.
        version: exact.
        marker: on which machines it is installed; empty: on all.
        digests: SHA-256 of each file of it that may be installed, in hexadecimal.
    """

    name: str
    version: str
    marker: str
    digests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NpmPackage:
    """A package of npm's registry.

    Args:
        name: with its scope.
        version: exact.
        integrity: SHA-512 of its archive, in Base64, with the algorithm before it.
        licence: as the package says.
        needs: names of other packages of the lock.
    """

    name: str
    version: str
    integrity: str
    licence: str
    needs: tuple[str, ...]


def python_packages(lock: Path) -> list[PythonPackage]:
    """Give what a lock of Python's packages names, in its order.

    Raises:
        LockInvalid: a line is neither a pinned package nor one of its hashes.
    """
    found: list[PythonPackage] = []
    pin, digests = None, []
    for number, line in enumerate(lock.read_text("utf-8").splitlines(), 1):
        match = (_PIN if pin is None else _HASH).fullmatch(line)
        if match is None:
            message = f"{lock.name}, line {number}: no pinned package, and no hash of one: {line.strip()}"
            raise LockInvalid(message)
        if pin is None:
            pin = match
            continue
        digests.append(match["digest"])
        if not match["more"]:
            found.append(PythonPackage(pin["name"], pin["version"], pin["marker"] or "", tuple(digests)))
            pin, digests = None, []
    if pin is not None or not found:
        message = f"{lock.name}: ends before its last package does"
        raise LockInvalid(message)
    return found


def npm_packages(lock: Path) -> list[NpmPackage]:
    """Give what npm's lock names, in its order.

    Raises:
        LockInvalid: a package has no hash, or an address of its own.
    """
    named = json.loads(lock.read_text("utf-8"))["packages"]
    return [_npm_package(lock, place, facts) for place, facts in named.items() if place]


def _npm_package(lock: Path, place: str, facts: dict[str, object]) -> NpmPackage:
    name = place.rpartition(_FOLDER)[2]
    if "resolved" in facts or "link" in facts:
        message = f"{lock.parent.name}/{lock.name}: {name} comes from an address of its own"
        raise LockInvalid(message)
    integrity = facts.get("integrity")
    if not isinstance(integrity, str) or not _INTEGRITY.fullmatch(integrity):
        message = f"{lock.parent.name}/{lock.name}: {name} has no hash"
        raise LockInvalid(message)
    needs = facts.get("dependencies", {})
    assert isinstance(needs, dict)  # noqa: S101  # npm wrote it
    return NpmPackage(name, str(facts["version"]), integrity, str(facts.get("license", "")), tuple(sorted(needs)))
