"""An owner types the code of a device, and decides: what they see, and what comes of it (RFC 8628 section 3.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from connectors.base import DEVICE_CODE
from tests.oauth.test_no_secrets_kept import everything_logged
from tests.web.authorizing import log_in_there
from tests.web.world import NAME, OTHERS_NAME, OWNER_NAME, SECOND_NAME

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.web.page import Visitor
    from tests.web.world import World

PAGE, DECISION = "/device", "/device/decision"


class Device:
    """A program that has no browser."""

    def __init__(self, world: World, visitor: Visitor, name: str = "Kassa <App>") -> None:
        """Begin."""
        self.http = visitor.http
        self.client_id = world.clients.add_public("vendor_app", name, "operator:test").client_id
        self.told: Any = self.http.post("/oauth/device", data={"client_id": self.client_id}).json

    def fetch(self) -> Any:  # noqa: ANN401  # JSON
        """Ask for the tokens."""
        form = {"grant_type": DEVICE_CODE, "device_code": self.told["device_code"], "client_id": self.client_id}
        return self.http.post("/oauth/token", data=form).json


@pytest.fixture
def device(world: World, visitor: Visitor) -> Device:
    """One that shows its code."""
    return Device(world, visitor)


def type_code(owner: Visitor, code: str) -> TestResponse:
    """Open the page, and type a code."""
    owner.open(PAGE)
    return owner.submit(PAGE, {"user_code": code})


def test_from_the_code_to_the_device(visitor: Visitor, device: Device) -> None:
    """Somebody before a device that shows a code would not get it coupled; or not know what they let in."""
    assert device.told["verification_uri"].endswith(PAGE)
    visitor.open(PAGE)
    assert "Log eerst in. Daarna vul je de code van je apparaat in." in visitor.page.words
    assert log_in_there(visitor).status_code == 200
    assert visitor.submit(PAGE, {"user_code": device.told["user_code"].lower()}).status_code == 303
    assert visitor.follow().status_code == 200
    words = visitor.page.words
    assert "Kassa <App> , op het apparaat met de code die je hebt ingevuld, vraagt toegang" in words
    for said in ("je administratie bekijken", "boeken in je administratie", "stuurde iemand je de code?", OWNER_NAME):
        assert said in words
    assert visitor.page.form(DECISION).choices == [NAME, SECOND_NAME]
    assert visitor.submit(DECISION, {"decision": "allow", "user": SECOND_NAME}).status_code == 303
    visitor.follow()
    assert "Kassa <App> heeft toegang. Ga terug naar je apparaat" in visitor.page.words
    bearer = {"Authorization": f"Bearer {device.fetch()['access_token']}"}
    told: Any = visitor.http.get("/oauth/userinfo", headers=bearer).json
    assert told["preferred_username"] == SECOND_NAME


def test_who_presses_twice_reads_what_they_decided(world: World, owner: Visitor, device: Device) -> None:
    """A browser shows the second press's answer, which would be that it took too long."""
    type_code(owner, device.told["user_code"])
    owner.follow()
    pressed = {**owner.page.form(DECISION).fields, "decision": "allow", "user": NAME}
    step = world.cookie("device")
    for _ in range(2):
        world.put_cookie("device", step)  # the second goes out before the first one's answer has come
        assert owner.http.post(DECISION, data=pressed).status_code == 303
        assert "Kassa &lt;App&gt;</strong> heeft toegang." in owner.open(PAGE).text


def test_a_refusal_is_the_devices_answer(owner: Visitor, device: Device) -> None:
    """Who was sent a code by a stranger has no way out but to close the window, and the stranger goes on asking."""
    type_code(owner, device.told["user_code"])
    owner.follow()
    owner.submit(DECISION, {"decision": "refuse"})
    owner.follow()
    assert "Kassa <App> krijgt geen toegang." in owner.page.words
    assert device.fetch()["error"] == "access_denied"


def test_no_code_stands_in_an_address(owner: Visitor, device: Device) -> None:
    """Addresses are kept by browsers and proxies: whoever reads one would decide about the device."""
    answer = type_code(owner, device.told["user_code"])
    assert answer.location == DECISION
    (cookie,) = [cookie for cookie in owner.last_cookies if cookie.startswith("device=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "verification_uri_complete" not in device.told
    # An address of somebody else's making fills in nothing.
    owner.open(f"{PAGE}?user_code={device.told['user_code']}")
    assert device.told["user_code"] not in owner.last_text


@pytest.mark.row("S34", "S35")
def test_no_code_is_kept_or_logged(world: World, owner: Visitor, device: Device) -> None:
    """S34, S35: whoever reads a backup or a log would decide about the device, or fetch what it was let in for."""
    with everything_logged() as log:
        type_code(owner, device.told["user_code"])
        step = world.cookie("device", owner)
        owner.follow()
        owner.submit(DECISION, {"decision": "allow", "user": NAME})
        told = device.fetch()
    typed = device.told["user_code"]
    secrets = {typed, typed.replace("-", ""), step, device.told["device_code"], told["access_token"], told["refresh_token"]}
    content = b"".join(file.read_bytes() for file in world.state.glob("idp.db*"))
    assert world.user(NAME).entry_uuid.encode() in content
    assert [secret for secret in secrets if secret.encode() in content or any(secret in line for line in log.lines)] == []


def test_a_wrong_code_is_told_and_only_so_often(owner: Visitor, device: Device) -> None:
    """RFC 8628 section 5.1: who mistypes tries again; who tries them all meets an end, even with the right one."""
    type_code(owner, "BCDF-GHJK")
    page = owner.page
    assert "Deze code kennen we niet, of hij is te oud." in page.alert
    field = page.form(PAGE).inputs["user_code"]
    assert (field["value"], field["aria-invalid"]) == ("BCDF-GHJK", "true")
    assert field["aria-describedby"] == "user_code-hint user_code-error"
    for _ in range(9):
        type_code(owner, "")
    answer = type_code(owner, device.told["user_code"])
    assert (answer.status_code, "Je hebt dit te vaak geprobeerd." in owner.page.alert) == (429, True)
    assert "Retry-After" in answer.headers


def test_what_is_wrong_with_a_decision_is_told_on_the_page(world: World, owner: Visitor, device: Device) -> None:
    """An owner would begin anew for a choice that they forgot, or couple somebody else's."""
    type_code(owner, device.told["user_code"])
    owner.follow()
    for fields, said in (
        ({"decision": "allow"}, "Kies een koppelgebruiker."),
        ({"decision": "allow", "user": OTHERS_NAME}, ""),
        ({"decision": "allow", "user": NAME, "csrf_token": "x"}, ""),
    ):
        answer = owner.submit(DECISION, fields)
        assert answer.status_code >= 400
        assert said in owner.page.alert
        assert owner.page.form(DECISION).choices == [NAME, SECOND_NAME]
    assert device.fetch()["error"] == "authorization_pending"
    world.directory.block(NAME)
    owner.open(DECISION)
    assert f"{NAME} is geblokkeerd." in owner.page.words
    assert owner.submit(DECISION, {"decision": "neither"}).status_code == 400


def test_who_comes_without_a_code_or_too_late_begins_anew(world: World, owner: Visitor, device: Device) -> None:
    """A page that was left open over lunch would end in an error that nobody understands."""
    assert owner.open(DECISION).status_code == 400
    assert owner.page.form(PAGE).inputs["user_code"]
    type_code(owner, device.told["user_code"])
    owner.follow()
    world.clock.go(timedelta(minutes=10))
    assert owner.submit(DECISION, {"decision": "allow", "user": NAME}).status_code == 400
    assert "Het duurde te lang. Begin opnieuw." in owner.page.alert
    stranger = world.another_visitor().http
    typed = {"user_code": device.told["user_code"]}
    for answer in (stranger.get(PAGE), stranger.get(DECISION), stranger.post(DECISION), stranger.post(PAGE, data=typed)):
        assert "Log eerst in." in answer.text


def test_in_english(owner: Visitor, device: Device) -> None:
    """Who reads no Dutch decides without knowing what."""
    owner.open(f"{PAGE}?lang=en")
    assert "shows a code of eight letters" in owner.page.words
    owner.submit(PAGE, {"user_code": device.told["user_code"]})
    owner.follow()
    assert "did somebody send you the code? Then choose Refuse." in owner.page.words
