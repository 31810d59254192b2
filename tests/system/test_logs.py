"""Whoever reads the logs learns no secret (S35), and at INFO no user's name: what a complete run wrote is searched."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from idp.demo.people import CALLBACK
from tests.system import flows
from tests.system.demo import running_demo
from tests.system.tokens import is_active, password_grant, refresh, vendor_grant

if TYPE_CHECKING:
    from pathlib import Path

    from tests.system.demo import Demo

UID = "U4BBGA4001"
MAIL = "s35@example.nl"
PORTAL_PASSWORD = "geheim van het portaal 4711"
NEW_PORTAL_PASSWORD = "nieuw geheim van het portaal 4712"
PASSWORD = "geheim van de koppelgebruiker 4713"
DECISION = "/oauth/authorize/decision"
WRONG = "een verkeerd geheim 4714"


class Run:
    """Everything that can be done, once; it remembers every secret that it met."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.visitor = demo.visitor("127.0.2.1")
        self.secrets = {PORTAL_PASSWORD, NEW_PORTAL_PASSWORD, PASSWORD, WRONG, demo.told["owner"]["password"]}
        self.secrets |= {client["client_secret"] for client in demo.told["clients"].values()}
        self.secrets.add(demo.told["ldap"]["admin_password"])
        self.id_token = ""

    def through_everything(self) -> set[str]:
        """Do it all; gives the secrets."""
        self.portal()
        self.reset()
        self.tokens()
        self.let_in()
        self.not_me()
        return self.secrets

    def portal(self) -> None:
        """Forget the portal's password, choose a new one, and log in after a typing error."""
        self.visitor.open("/login/forgot")
        self.visitor.submit("/login/forgot", {"mail": MAIL})
        link = self._link("/login/password/")
        assert flows.choose_password(self.visitor, link, NEW_PORTAL_PASSWORD).status == 303
        self.visitor.open("/login")
        assert self.visitor.submit("/login", {"mail": MAIL, "password": WRONG}).status == 400
        assert flows.log_in(self.visitor, MAIL, NEW_PORTAL_PASSWORD).status == 200
        self._remember_cookies()

    def reset(self) -> None:
        """From *Vraag aan* to a password, the first one being too short."""
        portal = self.visitor.open("/").page
        mine = next(form for form in portal.forms if form.fields.get("uid") == UID)
        answer = self.visitor.post(mine.action, mine.fields)
        self.secrets |= set(parse_qs(urlsplit(answer.location).query)["ticket"])
        self.visitor.follow()
        self._remember_cookies()
        self.visitor.follow()
        captcha = self.visitor.solve_captcha()
        self.secrets.add(captcha)
        self.visitor.submit("/reset", {"username": self.demo.full(UID), "altcha": captcha})
        self._remember_cookies()
        self.visitor.follow()
        self.visitor.submit("/reset/verify", {"username": self.demo.full(UID)})
        link = self._link("/reset/password/")
        assert flows.choose_password(self.visitor, link, "te kort 4715").status == 400
        assert flows.choose_password(self.visitor, link, PASSWORD).status == 303
        assert flows.choose_password(self.visitor, link, PASSWORD).status == 410
        self.secrets.add("te kort 4715")

    def tokens(self) -> None:
        """Ask for tokens in every way, right and wrong, and in ways that are not allowed."""
        assert password_grant(self.demo, "basecone", UID, WRONG).status == 400
        held = vendor_grant(self.demo, UID, PASSWORD).json
        self.secrets |= {held["access_token"], held["refresh_token"]}
        self.secrets.add(refresh(self.demo, held["refresh_token"]).json["access_token"])
        assert is_active(self.demo, "vendor_api", held["access_token"])
        bearer = f"Bearer {held['access_token']}"
        assert self.visitor.open("/oauth/userinfo", Authorization=bearer).status == 200
        self.visitor.open(f"/oauth/userinfo?access_token={held['access_token']}")
        self.visitor.open(f"/oauth/token?grant_type=password&username={UID}&password={PASSWORD.replace(' ', '+')}")
        fields = {"token": held["refresh_token"], **self.demo.told["clients"]["vendor_api"]}
        assert self.visitor.post("/oauth/revoke", fields).status == 200

    def let_in(self) -> None:
        """Let an application in, which has pushed one of its requests, and brings its code twice."""
        client = self.demo.told["clients"]["vendor_api"]
        asked = {"response_type": "code", "client_id": client["client_id"], "redirect_uri": CALLBACK, "scope": "openid"}
        pushed = self.visitor.post("/oauth/par", {**asked, **client}).json["request_uri"]
        self.secrets.add(pushed.rpartition(":")[2])
        for what in ({"client_id": client["client_id"], "request_uri": pushed}, asked):
            page = self.visitor.open(f"/oauth/authorize?{urlencode(what)}").page
            self.secrets.add(page.form(DECISION).fields["request"])
        answer = self.visitor.submit(DECISION, {"decision": "allow"})
        (code,) = parse_qs(urlsplit(answer.location).query)["code"]
        redeemed = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **client}
        held = self.visitor.post("/oauth/token", redeemed).json
        self.id_token = held["id_token"]
        self.secrets |= {code, held["access_token"], held["refresh_token"], self.id_token}
        assert self.visitor.post("/oauth/token", redeemed).status == 400
        assert not is_active(self.demo, "vendor_api", held["access_token"])

    def not_me(self) -> None:
        """*Was jij dit niet?*, and log out."""
        link = self._link("/not-me/")
        page = self.visitor.open(link).page
        assert self.visitor.post(link, page.forms[0].fields).status == 303
        self.visitor.open("/")
        assert self.visitor.submit("/logout").status == 303
        assert self.visitor.open(f"/oauth/end_session?id_token_hint={self.id_token}").status == 303

    def _link(self, kind: str) -> str:
        link = self.demo.wait_for_link(MAIL, kind)
        self.secrets |= {link, link.rpartition("/")[2]}
        return link

    def _remember_cookies(self) -> None:
        self.secrets |= {value for name, value in self.visitor.cookies.items() if name != "language"}


def logs_after_everything(demo: Demo, folder: Path) -> tuple[str, set[str]]:
    """Make a complete run; gives all that the parts wrote, and the secrets."""
    admin = demo.tools(folder)
    admin.add_user(UID, admin.add_owner(MAIL, PORTAL_PASSWORD))
    secrets = Run(demo).through_everything()
    demo.wait_for_mails(5, MAIL)  # the portal's link and its notice, the reset's and its, the block's
    written = "".join(path.read_text(encoding="utf-8") for path in demo.state.glob("*.log"))
    assert '"route": "/reset/password/<secret>"' in written  # these are the logs of that run
    return written, secrets


@pytest.mark.row("S35")
def test_at_debug_no_secret_is_in_any_log(tmp_path: Path) -> None:
    """Logs go to more people, and live longer, than anything else here; at DEBUG, libraries love to tell what they are given."""
    with running_demo(tmp_path / "var", {"IDP_SERVICE__LOG_LEVEL": "DEBUG"}) as demo:
        written, secrets = logs_after_everything(demo, tmp_path)
    assert [secret for secret in secrets if secret in written] == []
    assert "Traceback" not in written


@pytest.mark.row("S35")
def test_at_info_no_user_is_named_either(demo: Demo, tmp_path: Path) -> None:
    """From production's logs nobody reads who asked for what."""
    written, secrets = logs_after_everything(demo, tmp_path)
    assert [secret for secret in secrets if secret in written] == []
    assert UID not in written
    assert MAIL not in written
