"""Forms of each kind, to be timed: what people are told is the same whether or not they exist, and so must the time be."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.system.visitor import Visitor, solved

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from idp.adapters.altcha import AltchaCaptcha
    from tests.system.service import Service

OWNERS = ("known", "locked", "passwordless")
PORTAL_PASSWORD = "vijf losse woorden achter elkaar"
UNKNOWN = "unknown"


def mail_of(name: str) -> str:
    """Give an owner's mail address."""
    return f"{name}@example.nl"


@dataclass
class Forms:
    """Browsers that fill in forms; each kind has one that is open, as people have.

    Args:
        service: running; each of `OWNERS` has a koppelgebruiker of that name.
        captcha: the service's own, with its keys; one that is hard to solve would leave time for a handful of rounds.
    """

    service: Service
    captcha: AltchaCaptcha
    _open: dict[str, Visitor] = field(default_factory=dict, init=False)

    def log_ins(self) -> Mapping[str, Callable[[], float]]:
        """Give log-ins to the portal that are refused; the first is what the others are compared with."""
        return {
            "wrong password": lambda: self._log_in("known"),
            "unknown": lambda: self._log_in(UNKNOWN),
            "locked": lambda: self._log_in("locked", PORTAL_PASSWORD),
            "without a password": lambda: self._log_in("passwordless"),
        }

    def forgotten(self) -> Mapping[str, Callable[[], float]]:
        """Give *Wachtwoord vergeten*."""
        return {name: lambda name=name: self._forget(name) for name in (*OWNERS, UNKNOWN)}  # type: ignore[misc]

    def first_steps(self) -> Mapping[str, Callable[[], float]]:
        """Give Identify, each with a captcha that is solved, which is not timed."""
        return {name: lambda name=name: self._identify(name)[1] for name in (*OWNERS, UNKNOWN)}  # type: ignore[misc]

    def second_steps(self) -> Mapping[str, Callable[[], float]]:
        """Give Verify, after an Identify that is not timed."""
        return {name: lambda name=name: self._verify(name) for name in (*OWNERS, UNKNOWN)}  # type: ignore[misc]

    def _log_in(self, name: str, password: str = "geraden is het niet") -> float:  # it is wrong
        return self._timed(self._form("/login"), "/login", {"mail": mail_of(name), "password": password}, 400)

    def _forget(self, name: str) -> float:
        return self._timed(self._form("/login/forgot"), "/login/forgot", {"mail": mail_of(name)}, 303)

    def _identify(self, name: str) -> tuple[Visitor, float]:
        visitor = Visitor(self.service.settings.service.origin)
        visitor.open("/reset")
        fields = {"username": self._full(name), "altcha": solved(self.captcha.challenge(datetime.now(UTC)))}
        return visitor, self._timed(visitor, "/reset", fields, 303)

    def _verify(self, name: str) -> float:
        visitor, _ = self._identify(name)
        visitor.follow()
        return self._timed(visitor, "/reset/verify", {"username": self._full(name)}, 303)

    def _form(self, path: str) -> Visitor:
        if path not in self._open:
            self._open[path] = Visitor(self.service.settings.service.origin)
            self._open[path].open(path)
        return self._open[path]

    def _full(self, name: str) -> str:
        return f"{name.upper()}@{self.service.settings.brand.canonical_realm}"

    @staticmethod
    def _timed(visitor: Visitor, action: str, fields: Mapping[str, str], status: int) -> float:
        form = visitor.page.form(action).fields
        page = visitor.last
        began = time.perf_counter()
        answer = visitor.post(action, {**form, **fields})
        took = time.perf_counter() - began
        assert answer.status == status, (answer.status, answer.text)
        if action.startswith("/login"):
            visitor.last = page  # the same form again, without what was wrong with it
        return took
