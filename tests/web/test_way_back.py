"""A portal session that ended in the middle: what is said of what was sent, and where the login leads then."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.web.world import NAME, OWNER_MAIL, OWNER_PASSWORD, PASSWORD

if TYPE_CHECKING:
    from tests.web.page import Visitor
    from tests.web.world import World

COUPLINGS, TICKET = "/portal/couplings", "/portal/ticket"
IN_VAIN = "Je was uitgelogd. Er is niets gewijzigd. Log opnieuw in."
ANY_UUID = "00000000-0000-4000-8000-000000000000"


def log_in(visitor: Visitor) -> str:
    """Fill in the login that the visitor stands before; gives where it leads."""
    answer = visitor.submit("/login", {"mail": OWNER_MAIL, "password": OWNER_PASSWORD})
    assert answer.status_code == 303, answer.text
    return answer.location


def press_without_session(visitor: Visitor, action: str) -> None:
    """Press the button of a form, in a browser that has lost the session; stays on the login."""
    visitor.http.delete_cookie("portal")
    answer = visitor.submit(action)
    assert (answer.status_code, answer.location) == (303, "/login")
    visitor.follow()


@pytest.mark.row("S42")
@pytest.mark.parametrize("action", [f"{COUPLINGS}/end", f"{COUPLINGS}/end-all"])
def test_who_ended_a_coupling_in_vain_is_told_so_and_led_back_to_it(world: World, owner: Visitor, action: str) -> None:
    """They would believe that a thief's application is out, which reads on; or look for the page once more, in haste."""
    world.directory.set_password(NAME, PASSWORD)
    for name in ("Basecone", "ING"):
        world.couple(world.application(name))
    owner.open(COUPLINGS)
    press_without_session(owner, action)
    assert (owner.last.status_code if owner.last else 0) == 200
    assert owner.page.alert == IN_VAIN
    assert owner.page.title.startswith("Fout: Inloggen")
    assert log_in(owner) == COUPLINGS
    owner.follow()
    assert "Beëindig de koppeling met Basecone" in owner.page.words
    assert "Beëindig de koppeling met ING" in owner.page.words


@pytest.mark.row("R6")
def test_who_asked_in_vain_is_led_back_to_what_they_had_found(world: World, owner: Visitor) -> None:
    """Nobody says why no mail comes; and among forty administrations the one would be looked for again."""
    owner.open("/")
    press_without_session(owner, TICKET)
    assert owner.page.alert == IN_VAIN
    assert not world.cookie("ticket")
    assert log_in(owner) == "/"
    owner.open(f"/?q=a-{NAME.lower()}")
    press_without_session(owner, TICKET)
    assert log_in(owner) == f"/?q=a-{NAME.lower()}"


@pytest.mark.parametrize("place", [COUPLINGS, "/portal/history/{user}", "/portal/check/{user}", f"/?q={NAME}+%C3%A9", "/"])
def test_who_only_looked_is_led_back_and_is_told_nothing(world: World, visitor: Visitor, place: str) -> None:
    """Somebody who is new here would read that they were logged out; whoever follows a bookmark would end somewhere else."""
    place = place.format(user=world.user(NAME).entry_uuid)
    assert visitor.open(place).location == "/login"
    visitor.follow()
    assert visitor.page.alert == ""
    assert visitor.submit("/login", {"mail": OWNER_MAIL, "password": "een gok"}).status_code == 400
    assert log_in(visitor) == place
    assert visitor.follow().status_code == 200


@pytest.mark.row("S3")
@pytest.mark.parametrize(
    "place",
    [
        "/portal/history/%0d%0aSet-Cookie:%20a=b",
        "/portal/check/%2e%2e%5cevil.example",
        f"/portal/history/{ANY_UUID}0",
        "/?q=" + "a" * 201,
        f"/login?next={COUPLINGS}",
    ],
)
def test_nobody_is_led_where_no_page_of_ours_is(visitor: Visitor, place: str) -> None:
    """A link that somebody else has written would lead from our login to a page of theirs, or break it."""
    visitor.open(place)
    visitor.open("/login")
    assert log_in(visitor) == "/"


@pytest.mark.row("S45")
@pytest.mark.parametrize("action", [TICKET, f"{COUPLINGS}/end", f"{COUPLINGS}/end-all"])
def test_another_site_logs_nobody_out_and_says_nothing(world: World, action: str) -> None:
    """A browser sends none of our cookies with such a post, and would let its answer take them away, or write into our login."""
    answer = world.another_visitor().http.post(action, data={"q": "bel 0900-1234", "uid": NAME})
    assert (answer.status_code, answer.location) == (303, "/login")
    assert answer.headers.getlist("Set-Cookie") == []


def test_the_sentence_and_the_way_back_are_for_once_and_for_ten_minutes(world: World, owner: Visitor) -> None:
    """Whoever logs in next would be told of what another did; or of what was so yesterday."""
    owner.open("/")
    press_without_session(owner, TICKET)
    owner.open("/")  # and now only looks
    assert owner.follow().status_code == 200
    assert owner.page.alert == ""
    log_in(owner)
    owner.open(f"/?q={NAME}")
    press_without_session(owner, TICKET)
    assert owner.open("/login?lang=nl").status_code == 200
    assert owner.page.alert == IN_VAIN
    log_in(owner)
    owner.open("/login")
    assert owner.page.alert == ""
    assert log_in(owner) == "/"
    owner.open(COUPLINGS)
    owner.http.delete_cookie("portal")
    owner.open(COUPLINGS)
    world.clock.go(timedelta(minutes=10))
    owner.open("/login")
    assert log_in(owner) == "/"
