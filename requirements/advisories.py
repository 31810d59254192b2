"""Asks a database of known advisories about every package that a lock names: Python's and npm's, shipped or only tested with.

    python -m requirements.advisories [--database URL]

Exit codes: 0 it knows of none, 1 it knows of some, 2 wrong use, 3 it could not be asked. A database that says nothing, or nothing
that can be relied on, is never taken for one that knows of none: it is asked about two packages too of which it must know.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from http.client import HTTPException
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from requirements.accepted import AcceptedInvalid, covering, read_accepted
from requirements.lock import npm_packages, python_packages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from requirements.accepted import Accepted

NONE_KNOWN, SOME_KNOWN, WRONG_USE, NOT_ASKED = range(4)
DATABASE = "https://api.osv.dev/v1/querybatch"
"""https://google.github.io/osv.dev/post-v1-querybatch/; a mirror of one's own that answers alike is named with --database."""

TREE = Path(__file__).parents[1]
ACCEPTED = TREE / "requirements" / "accepted.toml"
TIMEOUT_S = 30.0
"""For all of it."""

_AT_MOST_BYTES = 1 << 22
_PYTHON, _NPM = "PyPI", "npm"


class NotAsked(Exception):
    """Nothing is known; says why."""


@dataclass(frozen=True, slots=True, order=True)
class Asked:
    """What is asked about.

    Args:
        ecosystem: as the database calls it.
        name: of the package.
        version: exact.
    """

    ecosystem: str
    name: str
    version: str

    def query(self) -> dict[str, object]:
        """Say it as the database wants it."""
        return {"package": {"ecosystem": self.ecosystem, "name": self.name}, "version": self.version}

    def __str__(self) -> str:
        """Say it to people."""
        return f"{self.name} {self.version} ({self.ecosystem})"


KNOWN_BAD = (Asked(_PYTHON, "jinja2", "2.4.1"), Asked(_NPM, "minimist", "0.0.8"))
"""Of these each database knows: PYSEC-2014-8, GHSA-vh95-rmgr-6w4m."""


def all_locked(tree: Path) -> list[Asked]:
    """Name every package of every lock below a tree. Raises `LockInvalid`."""
    python = {
        Asked(_PYTHON, found.name, found.version) for lock in tree.glob("requirements/*.txt") for found in python_packages(lock)
    }
    # Not what npm has unpacked beside them, which has locks of its own.
    locks = [*tree.glob("idp/web/widget/package-lock.json"), *tree.glob("tests/*/programs/package-lock.json")]
    npm = {Asked(_NPM, found.name, found.version) for lock in locks for found in npm_packages(lock)}
    return sorted(python | npm)


def ask(database: str, wanted: Sequence[Asked], timeout_s: float = TIMEOUT_S) -> dict[Asked, tuple[str, ...]]:
    """Ask about all of them at once; gives the advisories of each of which there are some.

    Raises:
        NotAsked: no answer in time, or none that can be relied on.
    """
    everything = [*KNOWN_BAD, *wanted]
    body = json.dumps({"queries": [each.query() for each in everything]}).encode()
    known = dict(zip(everything, _read(_answer(database, body, timeout_s), len(everything)), strict=True))
    if not all(known.pop(each) for each in KNOWN_BAD):
        message = "it does not know of advisories that are known to everybody, so what it says of ours is worth nothing"
        raise NotAsked(message)
    return {each: found for each, found in known.items() if found}


def _answer(database: str, body: bytes, timeout_s: float) -> bytes:
    got: list[bytes | Exception] = []

    def fetch() -> None:
        try:
            request = Request(database, body, {"Content-Type": "application/json", "User-Agent": "koppel-idp"})  # noqa: S310  # our own word
            with urlopen(request, timeout=timeout_s) as answer:  # noqa: S310  # likewise
                got.append(answer.read(_AT_MOST_BYTES))
        except HTTPError as exc:
            exc.close()
            got.append(NotAsked(f"it answers {exc.code}"))
        except (OSError, HTTPException, ValueError) as exc:
            got.append(exc)

    # A server that drips would have its reader wait for ever: the time-out above is for each piece.
    fetching = Thread(target=fetch, daemon=True)
    fetching.start()
    fetching.join(timeout_s)
    if not got:
        message = f"no answer within {timeout_s:g} seconds"
        raise NotAsked(message)
    if isinstance(got[0], Exception):
        raise NotAsked(str(got[0])) from got[0]
    return got[0]


def _read(answer: bytes, wanted: int) -> list[tuple[str, ...]]:
    try:
        results = json.loads(answer)["results"]
        found = [tuple(str(each["id"]) for each in (result or {}).get("vulns", ())) for result in results]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as exc:
        message = "what came back is no list of advisories"
        raise NotAsked(message) from exc
    if len(found) != wanted:
        message = f"it was asked about {wanted} packages, and answered about {len(found)}"
        raise NotAsked(message)
    return found


def tell(known: dict[Asked, tuple[str, ...]], accepted: Sequence[Accepted], today: date) -> tuple[list[str], bool]:
    """Say what is known, a line each; and whether anything must be done about it."""
    lines, bad = [], False
    covered = set()
    for package, advisory in ((package, advisory) for package, found in sorted(known.items()) for advisory in found):
        lets = covering(accepted, advisory, package.name, today)
        bad = bad or lets is None
        covered.add(lets)
        lines.append(f"{package}: {advisory}" + (f", accepted until {lets.until}: {lets.reason}" if lets else ""))
    lines += [
        f"{each.package}: {each.id} is accepted for nothing: take it out of the list" for each in accepted if each not in covered
    ]
    return lines, bad


def main(arguments: Sequence[str], today: date, accepted: Path = ACCEPTED) -> int:
    """Ask, and say. Gives the exit code."""
    parser = argparse.ArgumentParser(prog="./dev advisories", description="Are there known advisories about what the locks name?")
    parser.add_argument("--database", default=DATABASE, metavar="URL", help="that answers as OSV's querybatch does (%(default)s)")
    parser.add_argument("--timeout", type=float, default=TIMEOUT_S, metavar="SECONDS")
    options = parser.parse_args(arguments)
    wanted = all_locked(TREE)
    try:
        lived_with = read_accepted(accepted, today)
        known = ask(options.database, wanted, options.timeout)
    except AcceptedInvalid as exc:
        sys.stderr.write(f"{exc}\n")
        return WRONG_USE
    except NotAsked as exc:
        sys.stderr.write(
            f"could not ask about known advisories: {exc}. Nothing is known of the {len(wanted)} packages of the locks.\n"
        )
        return NOT_ASKED
    lines, bad = tell(known, lived_with, today)
    lines.append(f"{len(wanted)} packages asked about: " + ("see to the advisories above" if bad else "nothing to see to"))
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return SOME_KNOWN if bad else NONE_KNOWN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], datetime.now(UTC).date()))
