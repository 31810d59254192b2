"""The portal's door (R1, R2)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.again_at import TOO_OFTEN
from tests.web.authorizing import Application
from tests.web.test_device import Device
from tests.web.world import FULL_NAME, NAME, OWNER_MAIL, OWNER_NAME, OWNER_PASSWORD, PASSWORD

if TYPE_CHECKING:
    from tests.web.page import Visitor
    from tests.web.world import World


@pytest.mark.row("R2", "S39")
def test_an_owner_logs_in_with_their_mail_address(visitor: Visitor) -> None:
    """Step 1 of the manual; the answer to the password is a 303, so that a reload never sends it again."""
    visitor.open("/login")
    answer = visitor.submit("/login", {"mail": f"  {OWNER_MAIL.upper()} ", "password": OWNER_PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/")
    assert visitor.follow().status_code == 200
    assert OWNER_NAME in visitor.page.words


def test_the_audit_knows_in_which_request_somebody_logged_in(world: World, visitor: Visitor) -> None:
    """The lines of the log that belong to a record could not be found, nor who asked from where."""
    visitor.open("/login")
    answer = visitor.submit("/login", {"mail": OWNER_MAIL, "password": OWNER_PASSWORD})
    with world.store.reading() as work:
        (record,) = [record for record in work.audit.read() if record.event.action == "portal.logged-in"]
    assert record.request_id == answer.headers["X-Request-ID"]
    assert record.id.writer == "web"


@pytest.mark.row("R2")
@pytest.mark.parametrize(
    ("mail", "password"),
    [(OWNER_MAIL, "een ander wachtwoord"), (OWNER_MAIL, ""), ("nobody@example.nl", OWNER_PASSWORD), ("*)(mail=*", "x"), ("", "")],
)
def test_every_wrong_login_is_answered_alike(world: World, visitor: Visitor, mail: str, password: str) -> None:
    """Without it whoever tries addresses learns who is a customer. The address is kept, the password never."""
    visitor.open("/login")
    answer = visitor.submit("/login", {"mail": mail, "password": password})
    assert answer.status_code == 400
    assert visitor.page.alert == "Het mailadres of het wachtwoord klopt niet."
    form = visitor.page.form("/login")
    assert form.fields["mail"] == mail
    assert form.fields["password"] == ""
    assert not world.cookie("portal")


@pytest.mark.row("R2")
def test_who_is_not_logged_in_is_led_to_the_login(visitor: Visitor) -> None:
    """Without it the portal shows its owner's users to anybody."""
    answer = visitor.open("/")
    assert (answer.status_code, answer.location) == (303, "/login")


@pytest.mark.row("R2")
def test_logging_out_ends_the_session_in_the_store_too(world: World, owner: Visitor) -> None:
    """Without it a copied cookie goes on working after the owner has left."""
    session = world.cookie("portal")
    answer = owner.submit("/logout")
    assert (answer.status_code, answer.location) == (303, "/login")
    world.put_cookie("portal", session)
    assert owner.open("/").location == "/login"


@pytest.mark.row("R2", "R21")
def test_who_logs_out_leaves_nothing_to_whoever_sits_down_next(world: World, owner: Visitor) -> None:
    """They would read whose password was changed, to which address the mail went, and, live, who logs in with it."""
    world.take_ticket(owner)
    link = world.reset_link(owner)
    assert "a•••@example.nl" in owner.open("/reset/sent").text
    owner.open(link)
    owner.submit("", {"password": PASSWORD, "password_again": PASSWORD}, at=link)
    assert NAME in owner.follow().text
    logins = f"/reset/done/{world.user(NAME).entry_uuid}/logins"
    assert owner.open(logins).status_code == 200
    world.identify(owner, FULL_NAME)
    owner.open("/login/forgot")
    in_another_tab = owner.last
    owner.open("/")
    assert owner.submit("/logout").location == "/login"
    taken = {cookie.partition("=")[0] for cookie in owner.last_cookies if "Max-Age=0" in cookie}
    assert taken == {"portal", "ticket", "step", "device"}
    assert owner.open("/reset/done").location == "/"
    assert owner.open(logins).status_code == 404
    assert "a•••@example.nl" not in owner.open("/reset/sent").text
    owner.last = in_another_tab
    assert owner.submit("/login/forgot", {"mail": OWNER_MAIL}).status_code == 303


@pytest.mark.row("R2", "S45")
@pytest.mark.parametrize("token", ["", "rubbish"])
def test_a_stale_form_to_log_out_leads_back_to_the_button(world: World, owner: Visitor, token: str) -> None:
    """Who wants to leave would stand before a page without a button, still logged in. Another site logs nobody out."""
    answer = owner.submit("/logout", {"csrf_token": token})
    assert (answer.status_code, answer.location) == (303, "/")
    assert owner.follow().status_code == 200
    assert world.cookie("portal")
    assert owner.submit("/logout").location == "/login"


@pytest.mark.row("R2")
def test_every_page_that_only_its_owner_sees_has_a_way_out(world: World, owner: Visitor) -> None:
    """Who reads a history at somebody else's computer would look for the way to log out, and close the window."""
    user, device = world.user(NAME).entry_uuid, Device(world, owner)
    pages = ["/", "/portal/couplings", f"/portal/history/{user}", f"/portal/check/{user}", "/device"]
    for path in (*pages, Application.register(world).address(), "/device/decision"):
        if path == "/device/decision":
            owner.open("/device")
            owner.submit("/device", {"user_code": device.told["user_code"]})
        assert owner.open(path).status_code == 200, path
        assert owner.page.form("/logout").buttons == ["Uitloggen"], path
    assert owner.submit("/logout").location == "/login"
    assert not any('action="/logout"' in owner.open(path).text for path in pages)


@pytest.mark.row("R2")
def test_a_session_ends_after_eight_hours(world: World, owner: Visitor) -> None:
    """Without it a computer left alone is a portal left open."""
    world.clock.go(timedelta(hours=8, seconds=1))
    assert owner.open("/").location == "/login"


@pytest.mark.row("S45")
def test_a_login_without_its_token_is_no_login(visitor: Visitor) -> None:
    """Without it another site logs people in to an attacker's portal. The form comes back with what was typed."""
    visitor.open("/login")
    answer = visitor.submit("/login", {"mail": OWNER_MAIL, "password": OWNER_PASSWORD, "csrf_token": ""})
    assert answer.status_code == 400
    assert visitor.page.alert == "Deze pagina was verouderd. Verstuur hem nog een keer."
    assert visitor.page.form("/login").fields["mail"] == OWNER_MAIL
    assert visitor.submit("/login", {"password": OWNER_PASSWORD}).status_code == 303


@pytest.mark.row("R1")
def test_a_forgotten_password_is_answered_alike_for_everybody(world: World, visitor: Visitor) -> None:
    """Without it whoever tries addresses learns who is a customer."""
    answers = []
    for mail in (OWNER_MAIL, "nobody@example.nl"):
        visitor.open("/login/forgot")
        sent = visitor.submit("/login/forgot", {"mail": mail})
        answers.append((sent.status_code, sent.location, visitor.follow().text))
    assert answers[0] == answers[1]
    assert answers[0][:2] == (303, "/login/forgot/sent")
    assert [mail.to for mail in world.mails()] == [OWNER_MAIL]


@pytest.mark.row("R1", "S39")
def test_an_owner_chooses_a_new_portal_password(world: World, visitor: Visitor) -> None:
    """Without it an owner who forgot it is shut out. Opening the link changes nothing; it works once."""
    link = world.forgotten_password_link(visitor)
    for _ in range(3):
        assert visitor.open(link).status_code == 200
    again = {"password": "een heel nieuwe zin 7", "password_again": "een heel nieuwe zin 8"}
    assert visitor.submit("", again, at=link).status_code == 400
    assert visitor.page.alert == "De wachtwoorden zijn niet gelijk."
    new = {"password": "een heel nieuwe zin 7", "password_again": "een heel nieuwe zin 7"}
    answer = visitor.submit("", new, at=link)
    assert (answer.status_code, answer.location) == (303, "/login/changed")
    for _ in range(2):
        assert visitor.open("/login/changed").status_code == 200
        assert "Log in met je mailadres en je nieuwe wachtwoord." in visitor.page.words
    assert visitor.open(link).status_code == 410
    assert "Krijg je een e-mail dat je wachtwoord is gewijzigd? Dan is het toch gelukt." in visitor.page.alert
    visitor.open("/login")
    assert visitor.submit("/login", {"mail": OWNER_MAIL, "password": new["password"]}).status_code == 303


@pytest.mark.row("R1")
def test_a_new_portal_password_ends_the_sessions_of_the_old_one(world: World, owner: Visitor) -> None:
    """Without it whoever stole the old password stays in."""
    stranger = world.another_visitor()
    link = world.forgotten_password_link(stranger)
    stranger.open(link)
    stranger.submit("", {"password": "een heel nieuwe zin 7", "password_again": "een heel nieuwe zin 7"}, at=link)
    assert owner.open("/").location == "/login"


@pytest.mark.row("R2")
def test_guessing_is_slowed_down_with_the_time_to_wait(world: World, visitor: Visitor) -> None:
    """Without it a program tries passwords all night."""
    for _ in range(10):
        visitor.open("/login")
        assert visitor.submit("/login", {"mail": OWNER_MAIL, "password": "een gok"}).status_code == 400
    answer = visitor.submit("/login", {"mail": OWNER_MAIL, "password": OWNER_PASSWORD})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60
    assert TOO_OFTEN.match(visitor.page.alert)
    assert world.cookie("portal") == ""
