"""An owner sees and ends their couplings (S42, S46)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.web.world import NAME, OTHERS_NAME, PASSWORD, SECOND_NAME

if TYPE_CHECKING:
    from tests.web.page import Form, Visitor
    from tests.web.world import World

PAGE = "/portal/couplings"
GONE = "Deze koppeling is er niet meer."

pytestmark = pytest.mark.row("S42")


@pytest.fixture
def coupled(world: World, owner: Visitor) -> Visitor:
    """An owner before the list; Basecone and a bank are let in by one of their users."""
    for name in (NAME, SECOND_NAME, OTHERS_NAME):
        world.directory.set_password(name, PASSWORD)
    world.couple(world.application("Basecone"))
    world.clock.go(timedelta(seconds=1))
    world.couple(world.application("ING", "ing"), address="198.51.100.9")
    owner.open(PAGE)
    return owner


def form_of(visitor: Visitor, application: str) -> Form:
    """Give the form that ends a coupling."""
    return next(form for form in visitor.page.forms if form.buttons == [f"Beëindig de koppeling met {application}"])


def end(visitor: Visitor, application: str, **fields: str) -> int:
    """Press the button of one coupling; gives the status."""
    form = form_of(visitor, application)
    visitor.last = visitor.http.post(form.action, data={**form.fields, **fields})
    return visitor.last.status_code


def test_each_coupling_says_which_since_when_and_from_where(world: World, coupled: Visitor) -> None:
    """An owner could not tell a forgotten or a strange application from the one that they use."""
    world.clock.go(timedelta(hours=2))
    coupled.open(PAGE)
    moment = (world.clock.now() - timedelta(hours=2, seconds=1)).astimezone(world.zone)
    words = coupled.page.words
    assert f"Gebruiker {NAME} Basecone Sinds " in words
    assert f" om {moment:%H:%M} Vanaf netwerk 192.0.2.0/24 Heeft nu toegang nee Beëindig de koppeling met Basecone" in words
    assert "Vanaf netwerk 198.51.100.0/24" in words
    assert f"Gebruiker {SECOND_NAME} Geen koppelingen." in words
    assert f"Beëindig alle koppelingen van {SECOND_NAME}" not in words
    assert OTHERS_NAME not in words


def test_the_list_is_found_from_the_portal(owner: Visitor) -> None:
    """Nobody looks for what nobody shows."""
    owner.open("/")
    assert owner.page.links["Bekijk je koppelingen"] == PAGE
    owner.open(PAGE)
    assert owner.page.links["Terug naar je portaal"] == "/"


def test_without_a_session_there_is_no_list(world: World, coupled: Visitor) -> None:
    """Whoever sits down at the computer next would read it, and end what they like."""
    assert world.another_visitor().open(PAGE).location == "/login"
    form = form_of(coupled, "Basecone")
    world.clock.go(timedelta(hours=9))
    answer = coupled.http.post(form.action, data=form.fields)
    assert (answer.status_code, answer.location) == (303, "/login")


@pytest.mark.row("S39", "S46")
def test_an_end_is_told_and_holds_at_once(world: World, owner: Visitor) -> None:
    """The application would read on; or its owner, unsure, would end everything."""
    world.directory.set_password(NAME, PASSWORD)
    application = world.application("Mijn Pakket", "vendor_api")
    tokens = world.couple(application)
    look = {"token": tokens["access_token"]}
    assert world.ask("introspect", application, **look).get_json()["active"] is True
    owner.open(PAGE)
    assert "Heeft nu toegang ja" in owner.page.words
    assert end(owner, "Mijn Pakket") == 303
    owner.follow()
    assert f"Je hebt deze koppeling beëindigd: Mijn Pakket, {NAME} ." in owner.page.words
    assert ("div", {"class": "notice", "role": "status", "tabindex": "-1", "autofocus": ""}) in owner.page.tags
    assert "Beëindig de koppeling met Mijn Pakket" not in owner.page.words
    assert world.ask("introspect", application, **look).get_json() == {"active": False}
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert world.app.test_client().get("/oauth/userinfo", headers=bearer).status_code == 401
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    answer = world.ask("token", application, **refresh)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_grant")


@pytest.mark.row("S39")
def test_all_of_a_user_end_with_one_click(world: World, coupled: Visitor) -> None:
    """After a theft each minute counts."""
    world.couple(world.application("Triodos", "triodos"), SECOND_NAME)
    coupled.open(PAGE)
    assert coupled.submit(f"{PAGE}/end-all").status_code == 303
    coupled.follow()
    words = coupled.page.words
    assert f"Je hebt alle koppelingen van {NAME} beëindigd." in words
    assert f"Gebruiker {NAME} Geen koppelingen." in words
    assert "Beëindig de koppeling met Triodos" in words


def test_a_second_click_says_the_same(coupled: Visitor) -> None:
    """Whoever clicks twice would read of an error, and not know what holds."""
    page = coupled.last
    for _ in range(2):
        coupled.last = page
        assert end(coupled, "Basecone") == 303
        assert "Je hebt deze koppeling beëindigd: Basecone" in coupled.follow().text.replace("<strong>", "")


def test_anothers_coupling_is_answered_like_one_that_is_not_there(world: World, coupled: Visitor) -> None:
    """An owner with a changed form could shut out another customer's bank, or learn what there is."""
    answer = world.couple(world.application("Rabobank", "rabobank"), OTHERS_NAME)
    with world.store.reading() as work:
        (others,) = work.grants.of_user(world.user(OTHERS_NAME).entry_uuid)
    page, answers = coupled.last, set()
    for grant in (others.id, "never-was"):
        coupled.last = page
        answers.add((end(coupled, "Basecone", grant=grant), coupled.page.alert))
        assert "Beëindig de koppeling met Basecone" in coupled.page.words
    assert answers == {(404, GONE)}
    coupled.last = page
    assert coupled.submit(f"{PAGE}/end-all", {"uid": OTHERS_NAME}).status_code == 404
    assert coupled.page.alert == "Deze gebruiker hoort niet bij jouw portaal."
    assert "Beëindig de koppeling met Basecone" in coupled.page.words
    bearer = {"Authorization": f"Bearer {answer['access_token']}"}
    assert world.app.test_client().get("/oauth/userinfo", headers=bearer).status_code == 200


@pytest.mark.row("S45")
def test_another_site_ends_nothing(coupled: Visitor) -> None:
    """A page elsewhere could shut out a customer's bank."""
    assert end(coupled, "Basecone", csrf_token="x") == 400  # no token of ours
    assert coupled.page.alert == "Deze pagina was verouderd. Verstuur hem nog een keer."
    coupled.open(PAGE)
    assert "Beëindig de koppeling met Basecone" in coupled.page.words


def test_a_button_says_what_it_ends_and_of_whom(coupled: Visitor) -> None:
    """Who hears the page would hear one and the same button, over and over."""
    tags = coupled.page.tags
    ends = [facts for tag, facts in tags if tag == "button" and facts.get("class") == "end"]
    assert [facts["aria-describedby"] for facts in ends] == [f"user-{NAME}"] * 2
    assert ("h2", {"id": f"user-{NAME}"}) in tags
    levels = [int(tag[1]) for tag, _facts in tags if tag in {"h1", "h2", "h3"}]
    assert levels == [1, 2, 3, 3, 2]


def test_an_applications_name_is_no_html(world: World, coupled: Visitor) -> None:
    """Whoever registers an application would write into owners' pages."""
    world.couple(world.application("<b>Bank</b>"))
    coupled.open(PAGE)
    assert "<b>Bank" not in coupled.last_text
    assert end(coupled, "<b>Bank</b>") == 303
    coupled.follow()
    assert "<b>Bank" not in coupled.last_text


def test_before_a_new_password_the_page_names_whom_it_shuts_out(world: World, visitor: Visitor) -> None:
    """A bank's statements would stop coming, and nobody would know why. Without couplings there is nothing new to read."""
    link = world.reset_link(visitor)
    visitor.open(link)
    assert "stopt de koppeling" not in visitor.page.words
    world.directory.set_password(NAME, PASSWORD)
    world.clock.go(timedelta(hours=25))
    for name in ("Rabobank", "Basecone", "ING"):
        world.couple(world.application(name))
    link = world.reset_link(visitor)
    told = (
        "Met een nieuw wachtwoord stopt de koppeling met Basecone, ING en Rabobank . "
        "Vul daar ook het nieuwe wachtwoord in, of koppel opnieuw."
    )
    visitor.open(link)
    assert told in visitor.page.words
    visitor.submit("", {"password": "kort", "password_again": "kort"}, at=link)
    assert told in visitor.page.words
