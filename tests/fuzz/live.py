"""What is good at the moment: an attacker has cookies, codes and tokens too, and breaks them in the middle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.web.authorizing import CHALLENGE, VERIFIER, Application, log_in_there
from tests.web.world import FULL_NAME, NAME, OWNER_MAIL, OWNER_PASSWORD, PASSWORD, SECOND_NAME

if TYPE_CHECKING:
    from tests.web.page import Visitor
    from tests.web.pushing import Pusher
    from tests.web.world import World


@dataclass(frozen=True, slots=True)
class Live:
    """Values that work.

    Args:
        values: by the name of the parameter, some good ones.
        cookies: a browser's, in which an owner is logged in and half way a reset.
        secrets: none of them may be logged.
        secrets_in_paths: of a mailed link.
    """

    values: dict[str, list[str]]
    cookies: dict[str, str]
    secrets: frozenset[str]
    secrets_in_paths: tuple[str, ...]


def live(world: World, application: Application, bank: Pusher, device: str) -> Live:
    """Make some.

    Args:
        world: where; its koppelgebruiker has the password of the tests.
        application: of the vendor's API.
        bank: at the strict issuer.
        device: client_id of a program that has no browser.
    """
    world.directory.set_password(NAME, PASSWORD)  # whoever was sent the link may have chosen another one
    world.clock.go(timedelta(hours=25))  # and until then nobody may ask again
    owner = world.another_visitor()
    world.log_in(owner)
    world.take_ticket(owner)
    form = owner.page.form("/reset").fields
    owner.submit("/reset", {"username": FULL_NAME, "altcha": owner.solve_captcha()})
    owner.follow()
    owner.submit("/reset/verify", {"username": FULL_NAME})
    link = world.newest_link("/reset/password/").rsplit("/", 1)[1]
    tokens = world.couple({"client_id": application.client_id, "client_secret": application.secret})
    code = _code(owner, application)
    codes = world.app.test_client().post("/oauth/device", data={"client_id": device}).get_json()
    cookies = {cookie.key: cookie.value for cookie in (owner.http._cookies or {}).values()}  # noqa: SLF001  # it has no other way to list them
    secret = {
        "client_secret": application.secret,
        "password": PASSWORD,
        "refresh_token": tokens["refresh_token"],
        "token": tokens["access_token"],
        "code": code,
        "device_code": codes["device_code"],
    }
    values = {
        **{name: [value] for name, value in secret.items()},
        "client_id": [application.client_id, bank.client_id],
        **{name: [value] for name, value in bank.proof().items()},
        "request_uri": [bank.pushed()],
        "request": [bank.signed()],
        "user_code": [codes["user_code"]],
        "csrf_token": [form["csrf_token"]],
        "username": [FULL_NAME, NAME, SECOND_NAME],
        "uid": [NAME],
        "user": [NAME],
        "mail": [OWNER_MAIL],
        "altcha": [owner.solve_captcha()],
        "redirect_uri": list(application.redirect_uris),
        "code_verifier": [VERIFIER],
        "code_challenge": [CHALLENGE],
    }
    return Live(values, cookies, frozenset({*secret.values(), OWNER_PASSWORD, cookies["portal"], link}), (link,))


def _code(owner: Visitor, application: Application) -> str:
    owner.open(application.address())
    if "/login" in owner.last_text:
        log_in_there(owner)
    answer = owner.submit("/oauth/authorize/decision", {"user": NAME, "decision": "allow"})
    return str(answer.location).partition("code=")[2].partition("&")[0]
