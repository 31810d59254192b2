"""The demo as a process: started, told about, ended."""

from __future__ import annotations

import itertools
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from tests.free_ports import free_port
from tests.system.processes import Started, below, gone, waiting
from tests.system.tools import DirectoryTools
from tests.system.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

START_TIMEOUT_S = 60
MAIL_TIMEOUT_S = 20
_GONE_TIMEOUT_S = 20
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that runs, by what it tells.

    Args:
        started: its process.
        state: its folder.
        told: `demo.json`.
    """

    started: Started
    state: Path
    told: dict[str, Any] = field(repr=False)

    @property
    def url(self) -> str:
        """Where its pages are."""
        return str(self.told["url"])

    @property
    def username(self) -> str:
        """The bare name."""
        return str(self.told["username"])

    @property
    def full_name(self) -> str:
        """That name as the reset's form wants it."""
        return self.full(self.username)

    @property
    def owner(self) -> dict[str, str]:
        """Whose it is: mail address and portal password."""
        return dict(self.told["owner"])

    @property
    def clients(self) -> dict[str, dict[str, str]]:
        """Each application's identifier and secret."""
        return dict(self.told["clients"])

    def full(self, uid: str) -> str:
        """Give a name as the reset's form wants it."""
        return f"{uid}@{self.told['realm']}"

    def visitor(self, address: str = "127.0.0.1") -> Visitor:
        """Give a visitor who has never been there."""
        return Visitor(self.url, address)

    def tools(self, folder: Path) -> DirectoryTools:
        """Give an admin's tools.

        Args:
            folder: for password files.
        """
        ldap = self.told["ldap"]
        return DirectoryTools.of(folder, ldap["url"], ldap["base_dn"], ldap["admin_dn"], ldap["admin_password"])

    def mails(self, to: str | None = None) -> list[dict[str, Any]]:
        """Read the mailbox, or one person's part of it, newest first."""
        found = cast("list[dict[str, Any]]", self.visitor().open("/demo/mail.json").json)
        return [mail for mail in found if to is None or to in mail["to"]]

    def wait_for_mails(self, count: int, to: str | None = None) -> list[dict[str, Any]]:
        """Wait until the mailbox, or one person's part of it, holds so many."""
        for _ in waiting(MAIL_TIMEOUT_S):
            mails = self.mails(to)
            if len(mails) >= count:
                return mails
        message = f"{count} mails did not come"
        raise TimeoutError(message)

    def wait_for_link(self, to: str, kind: str, but_not: str = "") -> str:
        """Wait for a link in somebody's mail.

        Args:
            to: whose.
            kind: what its path begins with.
            but_not: one that was there before.
        """
        for _ in waiting(MAIL_TIMEOUT_S):
            for link in (link for mail in self.mails(to) for link in mail["links"]):
                if kind in link and link != but_not:
                    return str(link)
        message = f"no mail with a link {kind} came"
        raise TimeoutError(message)

    def part(self, words: str) -> int:
        """Give the pid of a part, by what its command holds."""
        own = self.started.process.pid
        return next(process.pid for process in below(own) if process.parent == own and words in process.command)

    def sessions(self) -> set[int]:
        """Give the sessions of all its processes."""
        own = self.started.process.pid
        return {own, *(process.session for process in below(own))}

    @staticmethod
    def left_after(sessions: set[int], timeout_s: float = _GONE_TIMEOUT_S) -> bool:
        """Tell whether any of its processes outlives it by so many seconds."""
        return not gone(sessions, timeout_s)


def start_demo(state: Path, environment: Mapping[str, str] | None = None) -> Started:
    """Start a demo in a folder; it may fail."""
    output = state.parent / f"{state.name}-{next(_NUMBERS)}.out"
    return Started.idp(output, "demo", "--state", str(state), "--port", str(free_port()), environment=environment)


def wait_until_told(started: Started, state: Path) -> Demo:
    """Wait until everything answers.

    Raises:
        RuntimeError: it ended before, or took too long.
    """
    for _ in waiting(START_TIMEOUT_S):
        ended = started.process.poll() is not None
        # What a demo that was killed has left behind tells of that one.
        if (state / "demo.json").exists() and "Ctrl-C" in started.said:
            return Demo(started, state, json.loads((state / "demo.json").read_text(encoding="utf-8")))
        if ended:
            break
    raise RuntimeError(started.said[-2000:])


@contextmanager
def running_demo(state: Path, environment: Mapping[str, str] | None = None) -> Iterator[Demo]:
    """Run a demo for a while.

    Args:
        state: its folder.
        environment: variables besides our own.
    """
    started = start_demo(state, environment)
    try:
        yield wait_until_told(started, state)
    finally:
        started.end()
