"""kill -9 of whole processes, in the demo as `./dev run` starts it: what dies is started again, and a reset goes through."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.browser.demo import running_demo, waiting
from tests.crash.case import NEW
from tests.crash.demo_processes import DemoProcesses
from tests.crash.over_http import client_of
from tests.web.page import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from werkzeug.test import TestResponse

    from tests.browser.demo import Demo

PATIENCE_S = 20


@dataclass(frozen=True)
class Owner:
    """Somebody at a browser who tries again for a while, where there is no connection or the page asks for patience."""

    demo: Demo
    visitor: Visitor

    def open(self, path: str) -> None:
        """Open a page."""
        answer = self._patiently(lambda: self.visitor.open(path))
        assert answer.status_code < HTTPStatus.BAD_REQUEST, answer.text

    def send(self, action: str, fields: dict[str, str], at: str | None = None) -> None:
        """Send the form of the page, and follow."""
        answer = self._patiently(lambda: self.visitor.submit(action, fields, at))
        assert answer.status_code == HTTPStatus.SEE_OTHER, answer.text
        while self.visitor.last is not None and self.visitor.last.location:
            self._patiently(self.visitor.follow)

    def token(self) -> int:
        """Let Basecone take a token with the new password, and give the status."""
        form = {"grant_type": "password", "username": self.demo.username, "password": NEW} | self.demo.clients["basecone"]
        return self._patiently(lambda: self.visitor.http.post("/oauth/token", data=form)).status_code

    @staticmethod
    def _patiently(step: Callable[[], TestResponse]) -> TestResponse:
        for _ in waiting(PATIENCE_S):
            try:
                answer = step()
            except OSError:
                continue
            if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                return answer
        message = "it did not come back"
        raise TimeoutError(message)


@pytest.mark.row("R19", "R20")
def test_a_reset_goes_through_whatever_part_dies(tmp_path: Path) -> None:
    """An owner at a bad moment needs patience, and nothing else."""
    state = tmp_path / "state"
    processes = DemoProcesses(state)
    with running_demo(state) as demo:
        owner = Owner(demo, Visitor(client_of(demo.url)))
        processes.kill("answering")
        _ask(owner, processes)
        mail = demo.wait_for_mails(1)[0]
        link = urlsplit(mail["links"][0]).path
        processes.kill("web")
        owner.open(link)
        processes.kill("slapd")
        owner.send("", {"password": NEW, "password_again": NEW}, link)
        processes.kill("worker")
        assert demo.wait_for_mails(2)[0]["subject"] == "Je wachtwoord is gewijzigd"
        assert owner.token() == HTTPStatus.OK
    for _ in waiting(PATIENCE_S):
        if not processes.left():
            break
    assert processes.left() == []


def _ask(owner: Owner, processes: DemoProcesses) -> None:
    owner.open("/login")
    owner.send("/login", {"mail": owner.demo.owner["mail"], "password": owner.demo.owner["password"]})
    owner.send("/portal/ticket", {})
    solution = owner.visitor.solve_captcha()
    owner.send("/reset", {"username": owner.demo.full_name, "altcha": solution})
    processes.kill("worker")
    processes.kill("slapd")
    owner.send("/reset/verify", {"username": owner.demo.full_name})
