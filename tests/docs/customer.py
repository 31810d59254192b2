"""Anna, whose koppelgebruiker is the first, and an application: what they do over https, and the secrets that come by."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http import HTTPStatus
from typing import TYPE_CHECKING

from tests.system import flows
from tests.system.processes import waiting

if TYPE_CHECKING:
    from email.message import EmailMessage

    from tests.docs.production import Site
    from tests.system.visitor import Answer, Visitor

NAME, MAIL = "U4BBGA0008", "anna@example.nl"
PORTAL_PASSWORD, PASSWORD = "een wachtzin voor het portaal", "een wachtzin voor de koppeling"
VENDOR_SCOPE = "http://UNIT4.Multivers.API/Web/WebApi/*"
_MAIL_TIMEOUT_S = 30


@dataclass
class Customer:
    """What Anna does, one thing after the other.

    Args:
        site: where she does it.
        secrets: those that stood in addresses.
    """

    site: Site
    secrets: list[str] = field(default_factory=list)

    def accept_invitation(self) -> Answer:
        """Choose a portal password by the mailed link, and log in; gives the portal's page."""
        answer = flows.choose_password(self._visitor, self.mailed("/login/password/"), PORTAL_PASSWORD)
        assert answer.status == HTTPStatus.SEE_OTHER
        return flows.log_in(self._visitor, MAIL, PORTAL_PASSWORD)

    def ask_for_password(self) -> Answer:
        """*Vraag aan* in the portal, both steps; gives the *sent* page."""
        portal = self._visitor.open("/").page
        mine = next(form for form in portal.forms if form.fields.get("uid") == NAME)
        asked = self._visitor.post(mine.action, mine.fields)
        self.secrets.append(asked.location.partition("ticket=")[2])
        self._visitor.follow()
        self._visitor.follow()
        return flows.ask_for_reset(self._visitor, f"{NAME}@u4bsw.nl")

    def choose_password(self) -> Answer:
        """Choose a password by the mailed link; the confirmation's link is noted as well."""
        answer = flows.choose_password(self._visitor, self.mailed("/reset/password/"), PASSWORD)
        self.mailed("/not-me/")
        return answer

    def mailed(self, path: str) -> str:
        """Wait for a mail with a link to a path; gives the link."""
        for _ in waiting(_MAIL_TIMEOUT_S):
            found = [link for mail in self.mails for link in re.findall(rf"https://\S+{path}\S+", _text(mail))]
            if found:
                self.secrets.append(found[-1].rpartition("/")[2])
                return str(found[-1])
        raise TimeoutError(path, self.site.said("koppel-idp-worker"))

    @property
    def mails(self) -> list[EmailMessage]:
        """All that came to the mail server."""
        return [message_from_bytes(mail.content, policy=policy.default) for mail in self.site.mail.delivered]

    @property
    def _visitor(self) -> Visitor:
        if not hasattr(self, "_browser"):
            self._browser = self.site.visitor()
        return self._browser


@dataclass(frozen=True)
class Application:
    """A client of the token endpoint.

    Args:
        site: whom it asks.
        client_id: its name there.
        client_secret: shown once.
    """

    site: Site
    client_id: str
    client_secret: str = field(repr=False)

    def password_grant(self, **more: str) -> Answer:
        """Ask for a token with Anna's user and password."""
        return self._ask(grant_type="password", username=NAME, password=PASSWORD, **more)

    def refresh(self, token: str) -> Answer:
        """Ask for another token."""
        return self._ask(grant_type="refresh_token", refresh_token=token)

    def refresh_token(self) -> str:
        """Ask for a token that can be renewed, and give what renews it."""
        return str(self.password_grant(scope=VENDOR_SCOPE).json["refresh_token"])

    def _ask(self, **fields: str) -> Answer:
        basic = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        return self.site.visitor().post("/oauth/token", fields, Authorization=f"Basic {basic}")


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return str(part.get_content()) if part else ""
