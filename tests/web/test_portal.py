"""Menu, block, *Vraag aan* (R2-R6)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.web.world import FULL_NAME, NAME, OTHERS_NAME, PASSWORD, SECOND_NAME

if TYPE_CHECKING:
    from tests.web.page import Visitor
    from tests.web.world import World

PHONE = "088 – 247 247 2"  # noqa: RUF001  # the manual writes it with an en dash


@pytest.mark.row("R2", "R3", "R4", "R5", "R28")
def test_the_menu_has_the_block_of_the_manual(owner: Visitor) -> None:
    """Steps 2 to 4 of the manual: its words are what an owner looks for. A user without a password can ask at once."""
    words = owner.page.words
    assert "mijn gegevens Koppel Gebruiker Koppelgegevens" in words
    assert f"Gebruiker: {NAME}" in words
    assert "Wachtwoord: Vraag aan" in words
    assert ("details", {"class": "menu"}) in owner.page.tags  # opens without JavaScript


@pytest.mark.row("R5", "R23")
def test_both_forms_of_the_name_can_be_copied(owner: Visitor) -> None:
    """Typing it is the manual's first cause of errors: the block shows the bare name, the form wants the other."""
    copied = [facts["data-copy"] for tag, facts in owner.page.tags if tag == "button" and "data-copy" in facts]
    assert copied[:2] == [NAME, FULL_NAME]
    assert "Kopieer gebruikersnaam" in owner.page.words


@pytest.mark.row("R4")
def test_another_owners_users_are_nowhere(owner: Visitor) -> None:
    """Without it every owner has the customer list."""
    assert OTHERS_NAME not in owner.page.words


@pytest.mark.row("R6", "S39")
def test_vraag_aan_makes_a_ticket_that_is_gone_from_the_address_at_once(world: World, owner: Visitor) -> None:
    """Without the exchange the ticket stays in the browser's history, where the next user of the computer finds it."""
    answer = owner.submit("/portal/ticket")
    assert answer.status_code == 303
    with_ticket = answer.location
    assert with_ticket.startswith("/reset?ticket=")
    exchanged = owner.follow()
    assert (exchanged.status_code, exchanged.location) == (303, "/reset")
    assert world.cookie("ticket")
    assert owner.follow().status_code == 200
    assert "Identify" in owner.page.words

    stranger = world.another_visitor()
    assert stranger.open(with_ticket).status_code == 400
    assert stranger.page.alert == "Het duurde te lang. Begin opnieuw."


@pytest.mark.row("R6")
def test_loading_the_portal_makes_no_ticket(world: World, owner: Visitor) -> None:
    """A ticket is made at the click: ten minutes would be over by the time somebody has read the page."""
    assert "ticket=" not in owner.open("/").text
    assert owner.http.get("/portal/ticket").status_code == 405
    assert not world.cookie("ticket")


@pytest.mark.row("R6")
def test_a_ticket_has_ten_minutes(world: World, owner: Visitor) -> None:
    """Without an end a ticket is a key for ever."""
    owner.submit("/portal/ticket")
    world.clock.go(timedelta(minutes=10))
    assert owner.follow().status_code == 400
    assert owner.page.alert == "Het duurde te lang. Begin opnieuw."


@pytest.mark.row("R6")
def test_nobody_gets_a_ticket_for_anothers_user(world: World, owner: Visitor) -> None:
    """Without it an owner with a changed form asks what no stranger may: whether a name exists."""
    answer = owner.submit("/portal/ticket", {"uid": OTHERS_NAME})
    assert answer.status_code == 404
    assert owner.page.alert == "Deze gebruiker hoort niet bij jouw portaal."
    assert not world.cookie("ticket")


@pytest.mark.row("S45")
def test_a_ticket_is_not_made_for_another_site(owner: Visitor) -> None:
    """The click must be the owner's own."""
    assert owner.submit("/portal/ticket", {"csrf_token": "x"}).status_code == 400
    assert owner.page.alert == "Deze pagina was verouderd. Verstuur hem nog een keer."


@pytest.mark.row("R6")
@pytest.mark.parametrize("wrong", [{"csrf_token": "x"}, {"uid": OTHERS_NAME}])
def test_a_refused_request_keeps_what_was_searched_for(owner: Visitor, wrong: dict[str, str]) -> None:
    """Among forty administrations the one would have to be found again before the button can be pressed again."""
    wanted = f"a-{SECOND_NAME}"
    owner.open(f"/?q={wanted}")
    for form in [form for form in owner.page.forms if form.action == "/portal/ticket"]:
        owner.last = owner.http.post(form.action, data={"uid": SECOND_NAME, **form.fields, **wrong})
        assert owner.page.alert
        assert shown(owner) == [SECOND_NAME]
        assert owner.page.form("/").fields["q"] == wanted
        assert owner.page.links["English"] == f"/?q={wanted}&lang=en"


@pytest.mark.row("R4", "R22", "R29")
def test_in_cooldown_the_block_says_when_and_whom_to_call(world: World, visitor: Visitor) -> None:
    """Without it the owner walks all steps for nothing."""
    world.reset_password(visitor)
    world.log_in(visitor)
    next_reset = world.user(NAME).next_reset_at(world.clock.now(), timedelta(hours=24))
    assert next_reset is not None
    moment = f"{next_reset.astimezone(world.zone):%H:%M}"
    words = visitor.page.words
    assert "Je hebt je wachtwoord net gewijzigd. Een nieuw wachtwoord aanvragen kan weer op " in words
    assert f" om {moment}. Eerder nodig? Bel {PHONE}" in words


@pytest.mark.row("R24")
def test_a_released_user_can_ask_again_at_once(world: World, visitor: Visitor) -> None:
    """Support's release must show at the next look, with nothing restarted."""
    world.reset_password(visitor)
    world.directory.release(world.user(NAME))
    world.log_in(visitor)
    assert f"Gebruiker: {NAME} Kopieer gebruikersnaam Kopieer {FULL_NAME} Wachtwoord: Vraag aan" in visitor.page.words


@pytest.mark.row("R29")
def test_a_blocked_user_is_said_to_be_blocked(world: World, visitor: Visitor) -> None:
    """Without it the owner asks for mails that never come."""
    world.directory.block_user(world.user(NAME))
    world.log_in(visitor)
    assert "Deze gebruiker is geblokkeerd. Bel" in visitor.page.words


# -- at a glance -----------------------------------------------------------------------------------------------------------


def shown(visitor: Visitor) -> list[str]:
    """Give the koppelgebruikers on the page itself that a search left there."""
    rows = [facts for tag, facts in visitor.page.tags if tag == "li" and "data-find" in facts]
    return [facts["data-find"].split()[-1].partition("@")[0].upper() for facts in rows if "hidden" not in facts]


def test_the_page_tells_how_each_user_stands(world: World, owner: Visitor) -> None:
    """An owner would have to open a menu and two pages to see whether all is well."""
    world.directory.set_password(NAME, PASSWORD)
    chosen = world.clock.now().astimezone(world.zone)
    world.couple(world.application("Basecone"))
    owner.open("/")
    words = owner.page.words
    glance = words[words.index(f"A-{NAME} {NAME}") : words.index(f"A-{SECOND_NAME}")]
    assert f"Wachtwoord sinds {chosen.day} " in glance
    assert "Nieuw wachtwoord kan weer op " in glance
    assert "Koppelingen Basecone laatst gebruikt: " in glance
    assert owner.page.links["Koppelingen bekijken"] == f"/portal/couplings#user-{NAME}"
    assert f"A-{SECOND_NAME} {SECOND_NAME}" in words
    assert "Wachtwoord nog niet gekozen Nieuw wachtwoord Vraag aan Koppelingen geen" in words


@pytest.mark.row("R6")
def test_a_ticket_is_asked_for_on_the_page_too(owner: Visitor) -> None:
    """The button at a glance would lead nowhere, or to another user than its own."""
    buttons = [facts for tag, facts in owner.page.tags if tag == "button" and facts.get("form") == "ask"]
    assert [(facts["name"], facts["value"]) for facts in buttons] == [("uid", NAME), ("uid", SECOND_NAME)]
    assert [facts["aria-describedby"] for facts in buttons] == [f"glance-{NAME}", f"glance-{SECOND_NAME}"]
    (form,) = [form for form in owner.page.forms if form.action == "/portal/ticket" and "uid" not in form.fields]
    answer = owner.http.post(form.action, data={**form.fields, "uid": SECOND_NAME})
    assert (answer.status_code, answer.location.partition("=")[0]) == (303, "/reset?ticket")


def test_one_among_many_is_found_without_javascript(world: World, owner: Visitor) -> None:
    """An accountant would scroll through forty administrations on a phone."""
    assert "Zoek een koppelgebruiker" not in owner.page.words  # two are seen at one look
    anna = world.directory.find_owner(world.user(NAME).owner_dn)
    for number in range(10, 48):
        world.directory.add_user(f"U4BBGA00{number}", anna)
    assert len(owner.open("/").data) < 30_000  # with style and scripts less than 60
    assert len(shown(owner)) == 40
    assert "Koppel Gebruiker Je hebt 40 koppelgebruikers. Zoek er een op deze pagina." in owner.page.words
    assert owner.page.links[f"A-{NAME}, {NAME}"] == f"/?q={NAME}"
    assert f"A-{NAME}, {NAME} nog geen wachtwoord A-{SECOND_NAME}" in owner.page.words
    assert "Vraag aan" not in owner.page.words
    assert owner.page.form("/").method == "get"
    owner.open("/?q=+a-u4bbga004")
    assert shown(owner) == [f"U4BBGA004{number}" for number in range(8)]
    assert "8 koppelgebruikers gevonden." in owner.page.words
    assert owner.page.form("/").fields["q"] == "a-u4bbga004"
    assert owner.page.links["English"] == "/?q=a-u4bbga004&lang=en"
    assert owner.page.words.count("Wachtwoord: Vraag aan") == 8
    owner.open("/?q=0042")
    assert "Gebruiker: U4BBGA0042" in owner.page.words
    assert "1 koppelgebruiker gevonden." in owner.page.words
    owner.open(f"/?q={OTHERS_NAME}")
    assert shown(owner) == []
    assert "Geen koppelgebruiker gevonden." in owner.page.words
    assert owner.page.links["Toon alle koppelgebruikers"] == "/"


@pytest.mark.row("R4", "R6")
def test_a_name_that_many_others_begin_with_is_found_in_full(world: World, owner: Visitor) -> None:
    """Whoever has K1 beside K10 to K113 could never ask for its password: its own link showed a list of short lines again."""
    anna = world.directory.find_owner(world.user(NAME).owner_dn)
    for name in ("K1", "K2", "AK1", *(f"K1{number}" for number in range(14))):
        world.directory.add_user(name, anna)
    owner.open("/")
    for link in (owner.page.links["A-K1, K1"], "/?q=+k1+"):
        owner.open(link)
        assert owner.page.words.count("Wachtwoord: Vraag aan") == 1
        buttons = [facts["value"] for tag, facts in owner.page.tags if tag == "button" and facts.get("form") == "ask"]
        assert buttons == ["K1"]
        assert len(shown(owner)) == 16
        assert "A-K10, K10" in owner.page.links
    assert owner.open("/?q=k").status_code == 200
    assert "Vraag aan" not in owner.page.words


@pytest.mark.row("S47")
def test_what_is_searched_for_is_text(owner: Visitor) -> None:
    """A link to our own portal would write into it."""
    assert '"><b>' not in owner.open('/?q="><b>%26lang=x').text
    assert owner.page.form("/").fields["q"] == '"><b>&lang=x'
    assert owner.open("/?q=a&q=b").status_code == 400
