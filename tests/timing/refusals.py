"""Refused requests of each kind, to be timed; each is new to the service, which remembers a secret that has failed."""

from __future__ import annotations

import base64
import http.client
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.system.service import Service

USERS = ("known", "blocked", "locked", "passwordless")
PASSWORD = "vijf losse woorden achter elkaar"
_ENDS = ("19700101000000Z", "19710101000000Z")


@dataclass
class Refusals:
    """One application that asks, and all that can be wrong with what it says.

    Args:
        service: running.
        client: its id and secret.
        disabled: those of an application that was switched off.
    """

    service: Service
    client: tuple[str, str]
    disabled: tuple[str, str]
    _rounds: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Connect, once: a connection of its own for each request would be most of what is measured."""
        self._http = http.client.HTTPConnection("127.0.0.1", self.service.settings.service.port)

    def users(self) -> Mapping[str, Callable[[], float]]:
        """Give requests about users, by what is wrong with them; the first is what the others are compared with."""
        self._http.close()  # one that stood idle meanwhile was closed at the other end
        return {
            "wrong password": lambda: self._password("KNOWN", secrets.token_hex()),
            "unknown": lambda: self._password("UNKNOWN", secrets.token_hex()),
            "passwordless": lambda: self._password("PASSWORDLESS", secrets.token_hex()),
            "blocked": lambda: self._password("BLOCKED", secrets.token_hex()),
            "blocked, right password": lambda: self._password("BLOCKED", PASSWORD),
            "locked": lambda: self._password("LOCKED", secrets.token_hex()),
        }

    def clients(self) -> Mapping[str, Callable[[], float]]:
        """Give requests of applications, likewise."""
        self._http.close()
        wrong = (self.client[0], "wrong")
        return {
            "wrong secret": lambda: self._ask(wrong, "KNOWN", PASSWORD, 401),
            "unknown client": lambda: self._ask(("nobody", "wrong"), "KNOWN", PASSWORD, 401),
            "another's secret": lambda: self._ask((self.client[0], self.disabled[1]), "KNOWN", PASSWORD, 401),
            "disabled, right secret": lambda: self._ask(self.disabled, "KNOWN", PASSWORD, 401),
        }

    def _password(self, username: str, password: str) -> float:
        # Any change of the entry makes the service ask slapd again about a secret that has failed. It is made before all of them,
        # since whatever follows upon a change takes slapd longer.
        self._rounds += 1
        self.service.write("BLOCKED", "pwdEndTime", _ENDS[self._rounds % 2])
        return self._ask(self.client, username, password, 400)

    def _ask(self, client: tuple[str, str], username: str, password: str, refusal: int) -> float:
        """Ask, and give the seconds that the answer took."""
        body = urlencode({"grant_type": "password", "username": username, "password": password})
        basic = base64.b64encode(":".join(client).encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
        began = time.perf_counter()
        self._http.request("POST", "/oauth/token", body, headers)
        answer = self._http.getresponse()
        answer.read()
        took = time.perf_counter() - began
        assert answer.status == refusal, answer.status
        return took
