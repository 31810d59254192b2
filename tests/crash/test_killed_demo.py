"""kill -9 of whole processes, in the demo as `./dev run` starts it: what dies is started again, and a reset goes through."""

from __future__ import annotations

import http.client
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.crash.case import NEW
from tests.system.demo import running_demo
from tests.system.processes import below, waiting
from tests.system.tokens import password_grant

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.system.demo import Demo
    from tests.system.visitor import Answer, Visitor

PATIENCE_S = 20


@dataclass(frozen=True)
class Owner:
    """Somebody at a browser who tries again for a while, where there is no connection or the page asks for patience."""

    demo: Demo
    visitor: Visitor

    def open(self, path: str) -> None:
        """Open a page."""
        answer = self._patiently(lambda: self.visitor.open(path))
        assert answer.status == 200, answer.text

    def send(self, action: str, fields: dict[str, str], at: str | None = None) -> None:
        """Send a form of the page, and follow."""
        answer = self._patiently(lambda: self.visitor.submit(action, fields, at))
        assert answer.status == 303, answer.text
        while answer.status == 303:
            answer = self._patiently(self.visitor.follow)

    def ask(self) -> None:
        """Ask for a new password; the directory dies between the two steps."""
        full_name = self.demo.full(self.demo.username)
        self.open("/login")
        self.send("/login", {name: self.demo.told["owner"][name] for name in ("mail", "password")})
        self.send("/portal/ticket", {})
        self.send("/reset", {"username": full_name, "altcha": self.visitor.solve_captcha()})
        kill(self.demo.part("slapd -F"))
        self.send("/reset/verify", {"username": full_name})

    def link(self, kind: str) -> str:
        """Wait for a link in the mail, and give its path."""
        for _ in waiting(PATIENCE_S):
            with suppress(OSError):
                return urlsplit(self.demo.wait_for_link(self.demo.told["owner"]["mail"], kind)).path
        message = f"no mail with a link {kind} came"
        raise TimeoutError(message)

    def token_status(self) -> int:
        """Let an application take a token with the new password."""
        return self._patiently(lambda: password_grant(self.demo, "basecone", self.demo.username, NEW)).status

    @staticmethod
    def _patiently(act: Callable[[], Answer]) -> Answer:
        for _ in waiting(PATIENCE_S):
            try:
                answer = act()
            except (OSError, http.client.HTTPException):
                continue
            if answer.status != 503:
                return answer
        message = "it did not come back"
        raise TimeoutError(message)


def kill(pid: int) -> None:
    """End a process as a lack of memory would."""
    os.kill(pid, signal.SIGKILL)


@pytest.mark.row("R19", "R20")
def test_a_reset_goes_through_whatever_part_dies(tmp_path: Path) -> None:
    """An owner at a bad moment needs patience, and nothing else."""
    with running_demo(tmp_path / "state") as demo:
        sessions = demo.sessions()
        owner = Owner(demo, demo.visitor())
        web = demo.part("gunicorn: master")
        kill(next(process.pid for process in below(web)))  # the one that answers
        owner.ask()
        link = owner.link("/reset/password/")
        kill(web)
        owner.open(link)
        kill(demo.part(" worker"))
        owner.send("", {"password": NEW, "password_again": NEW}, link)
        assert owner.link("/not-me/")
        assert owner.token_status() == 200
        sessions |= demo.sessions()
    assert not demo.left_after(sessions)
