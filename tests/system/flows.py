"""What people do, as sentences: ask for a password, choose one, log in, ask again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.system.visitor import Answer, Visitor


def log_in(visitor: Visitor, mail: str, password: str) -> Answer:
    """Log in to the portal; gives its page."""
    visitor.open("/login")
    visitor.submit("/login", {"mail": mail, "password": password})
    return visitor.follow()


def request_from_portal(visitor: Visitor, uid: str) -> Answer:
    """*Vraag aan*, on the portal's page; gives the reset's first page."""
    portal = visitor.open("/").page
    mine = next(form for form in portal.forms if form.fields.get("uid") == uid)
    visitor.post(mine.action, mine.fields)
    visitor.follow()  # the ticket is exchanged for a cookie
    return visitor.follow()


def identify(visitor: Visitor, full_name: str) -> Answer:
    """Fill in the page that is open, Identify."""
    return visitor.submit("/reset", {"username": full_name, "altcha": visitor.solve_captcha()})


def ask_for_reset(visitor: Visitor, full_name: str) -> Answer:
    """Walk from Identify to *sent*, on the page that is open or else from its beginning."""
    if visitor.last is None or not any(form.action == "/reset" for form in visitor.page.forms):
        visitor.open("/reset")
    answer = identify(visitor, full_name)
    if answer.status != 303:
        return answer
    visitor.follow()
    answer = visitor.submit("/reset/verify", {"username": full_name})
    return visitor.follow() if answer.status == 303 else answer


def choose_password(visitor: Visitor, link: str, password: str) -> Answer:
    """Open a mailed link, and set the password; gives what is answered to the form."""
    answer = visitor.open(link)
    if answer.status != 200:
        return answer
    form = answer.page.forms[0]
    return visitor.post(form.action or link, {**form.fields, "password": password, "password_again": password})
