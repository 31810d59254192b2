"""What they do, minute by minute: each answer is the one that such a day would want."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.life.crowd import REALM
from tests.web.page import Visitor

if TYPE_CHECKING:
    from random import Random

    from werkzeug.test import TestResponse

    from tests.life.crowd import Coupling, Crowd, Person
    from tests.life.service import Service

MINUTE = timedelta(minutes=1)
_HOUR = 60
_A_DAY = 24 * _HOUR
_LOOKS, _RESETS, _FORGETS, _ERRS, _INTROSPECTS = 0.2, 0.02, 0.02, 0.05, 0.2
"""How many of the owners do so in a day; of tokens, how many are looked at by who gets them."""


@dataclass
class Day:
    """Life as it goes.

    Args:
        service: that they live with.
        crowd: who they are.
        drawn: decides.
    """

    service: Service
    crowd: Crowd
    drawn: Random
    minute: int = 0
    done: Counter[str] = field(default_factory=Counter)

    def live(self, minutes: int) -> None:
        """Let time pass."""
        for _ in range(minutes):
            for couplings in self.crowd.couplings.values():
                for coupling in couplings:
                    if coupling.due <= self.minute:
                        self._ask(coupling)
            for share, deed in ((_LOOKS, self._look), (_RESETS, self._reset), (_FORGETS, self._forget), (_ERRS, self._err)):
                for person in self._whoever(share):
                    deed(person)
            self.rest(1)

    def rest(self, minutes: int, step: timedelta = MINUTE) -> None:
        """Let time pass in which nobody does anything but the worker.

        Args:
            minutes: or as many steps.
            step: of the clock.
        """
        for _ in range(minutes):
            while self.service.worker.step() == 0:
                pass
            self.service.mailbox.empty()
            self.service.clock.go(step)
            self.minute += int(step / MINUTE)

    def _whoever(self, share: float) -> list[Person]:
        people = self.crowd.people
        expected = len(people) * share / _A_DAY
        count = int(expected) + (self.drawn.random() < expected % 1)
        return self.drawn.sample(people, k=count)

    # -- applications -----------------------------------------------------------------------------------------------------

    def _ask(self, coupling: Coupling) -> None:
        if coupling.refresh_token:
            form = {"grant_type": "refresh_token", "refresh_token": coupling.refresh_token}
        else:
            form = {"grant_type": "password", "username": coupling.name, "password": coupling.password}
        answer = self._post(coupling, "token", form)
        if answer.status_code == 400 and coupling.refresh_token:  # its owner has chosen another password, and typed it there
            coupling.refresh_token = None
            self.done["couplings ended"] += 1
            return
        self._saw("stale" if coupling.is_stale else form["grant_type"], answer, 400 if coupling.is_stale else 200)
        coupling.due = self.minute + (1 if coupling.is_stale else self.drawn.randrange(50, 60))
        if not coupling.is_stale:
            tokens = answer.get_json()
            coupling.refresh_token = tokens.get("refresh_token")
            if self.drawn.random() < _INTROSPECTS:
                live = self._post(coupling, "introspect", {"token": tokens["access_token"]})
                self._saw("introspection", live, 200)
                assert live.get_json()["active"]

    def _post(self, coupling: Coupling, endpoint: str, form: dict[str, str]) -> TestResponse:
        environ = {"REMOTE_ADDR": coupling.network}
        data = {**coupling.client, **form}
        return self.service.app.test_client().post(f"/oauth/{endpoint}", data=data, environ_base=environ)

    # -- owners -----------------------------------------------------------------------------------------------------------

    def _look(self, person: Person) -> None:
        visitor = self._log_in(person)
        for path in ("/", "/portal/couplings"):
            self._saw("pages", visitor.open(path), 200)
        if self.drawn.random() < 0.5:
            visitor.open("/")
            self._saw("log-outs", visitor.submit("/logout"), 303)

    def _err(self, person: Person) -> None:
        visitor = self._visitor()
        visitor.open("/login")
        self._saw("wrong log-ins", visitor.submit("/login", {"mail": person.mail, "password": "iets anders"}), 400)

    def _forget(self, person: Person) -> None:
        visitor = self._visitor()
        visitor.open("/login/forgot")
        self._saw("forgotten", visitor.submit("/login/forgot", {"mail": person.mail}), 303)
        self._send()
        link = self.service.mailbox.fetch(person.mail, "/login/password/")
        assert link
        person.password = f"een nieuwe zin van minuut {self.minute}"
        self._choose(visitor, link, person.password)

    def _reset(self, person: Person) -> None:
        if self.minute - person.changed_at < _A_DAY:
            return  # the directory lets nobody change it again so soon
        visitor, name = self._visitor(), f"{person.names[0]}@{REALM}"
        visitor.open("/reset")
        first = visitor.submit("/reset", {"username": name, "altcha": visitor.solve_captcha()})
        self._saw("identify", first, 303)
        visitor.follow()
        self._saw("verify", visitor.submit("/reset/verify", {"username": name}), 303)
        self._send()
        link = self.service.mailbox.fetch(person.mail, "/reset/password/")
        assert link
        password = f"de zin van minuut {self.minute} is anders"
        self._choose(visitor, link, password)
        person.changed_at = self.minute
        for coupling in self.crowd.couplings[person.names[0]]:
            if not coupling.is_stale:
                coupling.password = password
        self._send()

    def _choose(self, visitor: Visitor, link: str, password: str) -> None:
        self._saw("links", visitor.open(link), 200)
        chosen = {"password": password, "password_again": password}
        self._saw("passwords", visitor.submit("", chosen, at=link), 303)

    def _log_in(self, person: Person) -> Visitor:
        visitor = self._visitor()
        visitor.open("/login")
        self._saw("log-ins", visitor.submit("/login", {"mail": person.mail, "password": person.password}), 303)
        return visitor

    def _visitor(self) -> Visitor:
        http = self.service.app.test_client()
        http.environ_base["REMOTE_ADDR"] = f"198.51.{self.drawn.randrange(256)}.{self.drawn.randrange(256)}"
        return Visitor(http)

    def _send(self) -> None:
        while self.service.worker.step() == 0:
            pass

    def _saw(self, what: str, answer: TestResponse, status: int) -> None:
        assert answer.status_code == status, (what, self.minute, answer.status_code, answer.text[:2000])
        self.done[what] += 1
