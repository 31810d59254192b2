"""The owner of the koppelgebruiker, who reads what `idp connector try` says, and does it."""

from __future__ import annotations

import re
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from tests.connectors.conftest import NAME
from tests.system.visitor import Visitor

if TYPE_CHECKING:
    from tests.connectors.conftest import Tried

PORTAL_PASSWORD = "anna logt in met een zin"


@dataclass
class Owner:
    """Opens what they are told to open, logs in, and decides.

    Args:
        tried: the service.
        decision: ``allow`` or ``refuse``.
    """

    tried: Tried
    decision: str = "allow"
    led_to: str = field(init=False, default="")

    def heeds(self, text: str) -> None:
        """Do what is said: open the address of a question, or type a code somewhere."""
        address = re.search(r"http\S+", text)
        code = re.search(r"^Type (\S+) there", text)
        if address and code:
            self.types(code[1], address[0])
        elif address:
            self.answers(address[0])

    def answers(self, address: str) -> None:
        """Answer an application's question, and go where that leads."""
        visitor = self._logged_in(address)
        (question,) = (form.action for form in visitor.page.forms if form.action.endswith("/decision"))
        decided, body = visitor.submit(question, {"decision": self.decision}), None
        if decided.status == 200:  # a form, which the browser posts
            (form,) = (form for form in decided.page.forms if form.action.startswith("http"))
            self.led_to, body = form.action, urlencode(form.fields).encode()
        else:
            self.led_to = decided.location
        with urllib.request.urlopen(self.led_to, body, timeout=10) as answer:  # noqa: S310  # of this machine
            assert answer.status == 200
            assert "code" not in answer.read().decode()
            assert answer.headers["Referrer-Policy"] == "no-referrer"

    def types(self, code: str, address: str) -> None:
        """Type a device's code, and answer its question."""
        visitor = self._logged_in(address)
        visitor.submit("/device", {"user_code": code})
        visitor.follow()
        assert visitor.submit("/device/decision", {"decision": self.decision}).status == 303

    def _logged_in(self, address: str) -> Visitor:
        (dn,) = self.tried.service.slapd.read(f"uid={NAME},ou=koppelgebruikers,dc=u4bsw,dc=nl", "owner")
        self.tried.service.slapd.write(dn, "userPassword", PORTAL_PASSWORD)
        visitor = Visitor(self.tried.url)
        visitor.open(address)
        visitor.submit("/login", {"mail": "anna@example.nl", "password": PORTAL_PASSWORD})
        visitor.follow()
        return visitor
