"""After the change: what to type where, and whether it works (R21)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.web.world import NAME, OTHERS_NAME, PASSWORD, SECOND_NAME

if TYPE_CHECKING:
    from tests.web.page import Visitor
    from tests.web.world import World

DONE = "/reset/done"
NOT_YET = {"text": "nog niet ingelogd", "works": False}

pytestmark = pytest.mark.row("R21")


def own(world: World, name: str = NAME) -> str:
    """Give an owner's page of a user."""
    return f"/portal/check/{world.user(name).entry_uuid}"


def logins(world: World, name: str = NAME) -> str:
    """Give where the page after the change asks again and again."""
    return f"{DONE}/{world.user(name).entry_uuid}/logins"


@pytest.fixture
def changed(world: World, visitor: Visitor) -> Visitor:
    """A browser that has just set a password, and stays on the page after it."""
    world.application("Basecone (proef)")
    world.reset_password(visitor)
    visitor.follow()
    return visitor


def test_each_application_says_what_to_type_where(changed: Visitor) -> None:
    """The owner has a bank's form open in another tab, and two names to choose from."""
    words = changed.page.words
    assert f"Bij Basecone vul je in: Portal gebruikersnaam {NAME}" in words
    assert "Portal wachtwoord het wachtwoord dat je net koos" in words
    assert "Rabobank" not in words  # nobody has registered it here
    assert "Basecone nog niet ingelogd" in words
    copied = {facts["data-copy"] for tag, facts in changed.page.tags if "data-copy" in facts}
    assert copied == {NAME}
    assert PASSWORD not in changed.last_text


def test_where_a_field_is_not_known_it_is_said_in_general(world: World, changed: Visitor) -> None:
    """A menu of a bank's that is not there would be looked for."""
    world.application("Rabobank", "rabobank")
    changed.open(DONE)
    assert f"Bij Rabobank vul je in: Gebruikersnaam {NAME}" in changed.page.words
    assert "bij Rabobank waar je de koppeling met je boekhouding instelt" in changed.page.words


def test_the_first_login_after_the_change_shows(world: World, changed: Visitor) -> None:
    """An owner would wait for tomorrow's statements to know whether the bank has taken what they typed."""
    assert changed.open(logins(world)).get_json() == {"kinds": {"basecone": NOT_YET}, "others": []}
    application = world.application("Basecone (klant)")
    pack = world.application("Mijn Pakket", "vendor_api")
    world.couple(application)
    world.couple(pack)
    moment = world.clock.now().astimezone(world.zone)
    told = changed.open(logins(world)).get_json()
    in_time = f"ingelogd om {moment:%H:%M}"
    assert told == {"kinds": {"basecone": {"text": in_time, "works": True}}, "others": [f"Mijn Pakket: {in_time}"]}
    assert changed.open(f"{logins(world)}?lang=en").get_json()["kinds"]["basecone"]["text"].startswith("logged in at ")
    changed.open(f"{DONE}?lang=nl")
    assert f"Basecone {in_time}" in changed.page.words
    assert changed.page.links["Kijk opnieuw"] == DONE


def test_nobody_else_is_told_anything(world: World, changed: Visitor) -> None:
    """Whoever knows the address could watch a customer's bank."""
    world.couple(world.application("ING", "ing"))
    stranger = world.another_visitor()
    assert stranger.open(DONE).location == "/"
    for path in (logins(world), f"{own(world)}/logins"):
        assert stranger.open(path).status_code == 404
        assert "ING" not in stranger.last_text
    assert stranger.open(own(world)).location == "/login"
    assert changed.open(f"{own(world)}/logins").status_code == 404  # it has set a password, and not logged in


def test_the_right_to_look_ends_after_half_an_hour(world: World, changed: Visitor) -> None:
    """The next one at this computer would watch on; no look makes it longer."""
    for _ in range(2):
        world.clock.go(timedelta(minutes=14))
        assert changed.open(logins(world)).status_code == 200
    world.clock.go(timedelta(minutes=3))
    assert changed.open(logins(world)).status_code == 404
    assert changed.open(DONE).location == "/"


def test_the_right_to_look_ends_with_the_password_and_with_a_block(world: World, changed: Visitor) -> None:
    """A thief who had the link would see the owner's bank come back after the owner has chosen another password."""
    world.directory.block_user(world.user(NAME))
    assert changed.open(logins(world)).status_code == 404
    world.directory.unblock(NAME)
    assert changed.open(logins(world)).status_code == 200
    world.directory.set_password(NAME, "een heel andere wachtzin dan toen")
    assert changed.open(logins(world)).status_code == 404
    assert changed.open(DONE).status_code == 200
    assert "Je wachtwoord is gewijzigd." in changed.page.words
    assert "Werkt mijn koppeling?" not in changed.page.words


def test_in_two_tabs_each_page_tells_of_its_own_user(world: World, changed: Visitor) -> None:
    """The page of one would say that the other's bank is in."""
    assert changed.open(logins(world)).status_code == 200
    assert f'data-look="{logins(world)}?lang=nl"' in changed.open(DONE).text
    world.reset_password(changed, SECOND_NAME)
    world.log_in(changed)
    world.couple(world.application("ING", "ing"), SECOND_NAME)
    assert changed.open(logins(world)).status_code == 404
    assert changed.open(logins(world, SECOND_NAME)).get_json()["kinds"]["ing"]["works"] is True


def test_a_cookie_of_somebody_elses_making_is_none(world: World, changed: Visitor) -> None:
    """Whoever can write a cookie would look at any customer's bank."""
    value = world.cookie("form")
    assert value
    for forged in (value[:-2], f"{value}x", "e30.x.y", ""):
        world.put_cookie("form", forged)
        assert changed.open(logins(world)).status_code == 404


def test_an_owner_looks_at_their_own_users_alone(world: World, owner: Visitor) -> None:
    """Any owner could watch any other customer's bank."""
    for name in (NAME, OTHERS_NAME):
        world.directory.set_password(name, PASSWORD)
    world.couple(world.application("ING", "ing"))
    owner.open("/")
    assert owner.page.links["Werkt mijn koppeling?"] == own(world)
    assert owner.open(own(world)).status_code == 200
    assert "ING ingelogd om " in owner.page.words
    assert set(owner.open(f"{own(world)}/logins").get_json()["kinds"]) == {"ing"}
    world.clock.go(timedelta(hours=25))
    world.log_in(owner)
    owner.open(own(world))
    assert "ING ingelogd op " in owner.page.words
    for path in (own(world, OTHERS_NAME), "/portal/check/00000000-0000-0000-0000-000000000000"):
        answers = {(owner.open(each).status_code, owner.page.alert) for each in (path, f"{path}/logins")}
        assert answers == {(404, "Deze gebruiker hoort niet bij jouw portaal.")}
    owner.open(own(world, SECOND_NAME))
    assert "Deze gebruiker heeft nog geen wachtwoord." in owner.page.words
    world.directory.set_password(NAME, "een heel andere wachtzin dan toen")
    assert owner.open(f"{own(world)}/logins").get_json()["kinds"] == {"ing": NOT_YET}
    world.directory.block_user(world.user(NAME))
    assert owner.open(f"{own(world)}/logins").status_code == 404
    owner.open(own(world))
    assert "Deze gebruiker is geblokkeerd." in owner.page.words
    assert "ING" not in owner.page.words


def test_what_was_changed_is_told_though_the_directory_falls_silent(world: World, visitor: Visitor) -> None:
    """The password was changed; a page that says otherwise would have its owner ask for another one, in vain."""
    link = world.reset_link(visitor)
    visitor.open(link)
    world.calls.after["directory.set_user_password"] = lambda: setattr(world.directory, "away", True)
    assert visitor.submit("", {"password": PASSWORD, "password_again": PASSWORD}, at=link).location == DONE
    assert visitor.follow().status_code == 200
    assert f"Vul bij Basecone of je bank in: {NAME}" in visitor.page.words
    world.directory.away = False
    assert visitor.open(logins(world)).status_code == 404


def test_while_the_directory_is_silent_the_page_says_what_was_changed_and_the_check_that_it_waits(
    world: World, changed: Visitor
) -> None:
    """A reload would tell of an error, or the page stop looking for good."""
    asked = logins(world)
    world.directory.away = True
    assert changed.open(asked).status_code == 503
    assert changed.open(DONE).status_code == 200
    assert "Je wachtwoord is gewijzigd." in changed.page.words
    world.directory.away = False
    assert changed.open(asked).status_code == 200


def test_an_applications_name_is_no_html(world: World, changed: Visitor) -> None:
    """Whoever registers an application would write into owners' pages."""
    world.couple(world.application("<b>Bank</b>", "vendor_api"))
    assert "<b>Bank" not in changed.open(DONE).text
    assert "<b>Bank</b>: ingelogd om " in changed.page.words
    answer = changed.open(logins(world))
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
