"""Behind the mailed links: set a password, and *Was jij dit niet?* (R19, R20)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.errors import InvalidCredentials, StoreUnavailable
from tests.services.calls import raising
from tests.web.world import FULL_NAME, NAME, OWNER_MAIL, PASSWORD, SECOND_NAME

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.web.page import Visitor
    from tests.web.world import NewWorld, World

PERHAPS_DONE = "Krijg je een e-mail dat je wachtwoord is gewijzigd? Dan is het toch gelukt."
CHOSEN = {"password": PASSWORD, "password_again": PASSWORD}


@pytest.mark.row("R19", "R21", "S39")
def test_the_link_leads_to_a_password_and_to_what_to_do_with_it(world: World, visitor: Visitor) -> None:
    """Steps 13 to 15 of the manual; no old password is asked, the bare name is what applications want."""
    link = world.reset_link(visitor)
    visitor.open(link)
    assert FULL_NAME in visitor.page.words
    form = visitor.page.form("")
    assert {name: facts["autocomplete"] for name, facts in form.inputs.items() if facts["type"] == "password"} == {
        "password": "new-password",
        "password_again": "new-password",
    }
    assert form.fields["name_for_password_program"] == FULL_NAME
    answer = visitor.submit("", CHOSEN, at=link)
    assert (answer.status_code, answer.location) == (303, "/reset/done")
    visitor.follow()
    assert f"Vul bij Basecone of je bank in: {NAME} en je nieuwe wachtwoord." in visitor.page.words
    world.directory.bind_user(world.user(NAME), PASSWORD)


@pytest.mark.row("R19", "R21")
def test_what_a_generator_makes_by_our_rules_is_taken(world: World, visitor: Visitor) -> None:
    """A password program would offer one that is refused, or that a bank's form does not take; people type a weak one then."""
    link = world.reset_link(visitor)
    visitor.open(link)
    inputs = visitor.page.form("").inputs
    assert inputs["password"]["passwordrules"] == inputs["password_again"]["passwordrules"]
    rules = inputs["password"]["passwordrules"]
    assert rules == "minlength: 15; maxlength: 128; allowed: upper, lower, digit, [-];"
    made = "cufnyg-Wesvu4-x"  # the shortest that they allow
    assert visitor.submit("", {"password": made, "password_again": made}, at=link).status_code == 303


@pytest.mark.row("R19")
def test_opening_the_link_changes_nothing(world: World, visitor: Visitor) -> None:
    """Mail scanners open links, often more than once, and with HEAD too."""
    link = world.reset_link(visitor)
    for _ in range(3):
        assert world.another_visitor().open(link).status_code == 200
        assert visitor.http.head(link).status_code == 200
    visitor.open(link)
    assert visitor.submit("", CHOSEN, at=link).status_code == 303


@pytest.mark.row("R19")
def test_the_link_works_once(world: World, visitor: Visitor) -> None:
    """Without it a mail that leaks later is a key."""
    link = world.reset_link(visitor)
    visitor.open(link)
    visitor.submit("", CHOSEN, at=link)
    assert visitor.open(link).status_code == 410
    assert visitor.page.alert == f"Deze link werkt niet meer. Vraag een nieuwe aan. {PERHAPS_DONE}"
    assert visitor.page.links["Nieuwe link aanvragen"] == "/reset"
    other = "een heel andere zin van woorden"
    again = visitor.http.post(link, data={"password": other, "password_again": other})
    assert again.status_code == 410
    with pytest.raises(InvalidCredentials):
        world.directory.bind_user(world.user(NAME), other)


@pytest.mark.row("R19")
def test_the_link_works_for_an_hour(world: World, visitor: Visitor) -> None:
    """And the page says until when."""
    link = world.reset_link(visitor)
    end = world.clock.now() + timedelta(minutes=60)
    visitor.open(link)
    assert f"{end.astimezone(world.zone):%H:%M}, één keer." in visitor.page.words
    world.clock.go(timedelta(minutes=60))
    assert visitor.open(link).status_code == 410


@pytest.mark.row("R19")
@pytest.mark.parametrize(
    ("password", "again", "sentence", "field"),
    [
        ("", "", "Vul een wachtwoord in.", "password"),
        ("veertien 14 ab", "veertien 14 ab", "Dit wachtwoord is te kort.", "password"),
        (PASSWORD, PASSWORD + "x", "De wachtwoorden zijn niet gelijk.", "password_again"),
        (
            "U4BBGA0008@u4bsw.nl",
            "U4BBGA0008@u4bsw.nl",
            (
                "Dit wachtwoord is makkelijk te raden: er staat vooral in wat anderen van je weten, zoals je naam of je bank. "
                "Kies een ander."
            ),
            "password",
        ),
        (
            "welkom123welkom123",
            "welkom123welkom123",
            "Dit wachtwoord is makkelijk te raden: het lijkt op een wachtwoord dat ooit gelekt is. Kies een ander.",
            "password",
        ),
        ("zin " * 40, "zin " * 40, "Dit wachtwoord is te lang. Gebruik hoogstens 128 tekens.", "password"),
        (
            "een zin met\teen tab erin",
            "een zin met\teen tab erin",
            "In dit wachtwoord staat een teken dat je niet overal kunt typen. Kies een ander.",
            "password",
        ),
    ],
)
def test_a_refused_password_is_explained_and_the_link_still_works(
    world: World, visitor: Visitor, password: str, again: str, sentence: str, field: str
) -> None:
    """Without it a first try that was too short costs a new mail. No password ever comes back in a page."""
    link = world.reset_link(visitor)
    visitor.open(link)
    assert visitor.submit("", {"password": password, "password_again": again}, at=link).status_code == 400
    form = visitor.page.form("")
    assert visitor.page.alert == sentence
    assert form.inputs[field]["aria-invalid"] == "true"
    assert (form.fields["password"], form.fields["password_again"]) == ("", "")
    assert visitor.submit("", CHOSEN, at=link).status_code == 303


@pytest.mark.row("R19")
def test_a_password_used_before_is_explained(world: World, visitor: Visitor) -> None:
    """The directory keeps the history; its refusal must reach the owner as a sentence."""
    world.reset_password(visitor)
    world.directory.release(world.user(NAME))
    link = world.reset_link(visitor)
    visitor.open(link)
    assert visitor.submit("", CHOSEN, at=link).status_code == 400
    assert visitor.page.alert == "Dit wachtwoord heb je eerder gebruikt."


@pytest.mark.row("R19")
@pytest.mark.parametrize("what", ["changed", "expired"])
def test_a_link_that_never_was_looks_like_one_that_was(world: World, visitor: Visitor, what: str) -> None:
    """Without it whoever tries links learns which were right once, and of whom something was changed."""
    link = world.reset_link(visitor)
    if what == "changed":
        world.directory.set_password(NAME, "door een ander gezet")
    else:
        world.clock.go(timedelta(hours=1))
    dead = visitor.open(link)
    unknown = visitor.open("/reset/password/never-was")
    assert PERHAPS_DONE not in visitor.page.words
    late = visitor.http.post(link, data=CHOSEN)
    assert dead.status_code == unknown.status_code
    assert _but_for_its_number(dead) == _but_for_its_number(late) == _but_for_its_number(unknown)


def _but_for_its_number(answer: TestResponse) -> str:
    return answer.text.replace(answer.headers["X-Request-ID"], "")


@pytest.mark.row("R19")
def test_who_lost_the_answer_and_sends_again_is_told_that_it_may_have_worked(world: World, visitor: Visitor) -> None:
    """Told only to ask for a new link, they would be in the cooldown by now, and believe that nothing works."""
    link = world.reset_link(visitor)
    visitor.open(link)
    assert visitor.http.post(link, data=CHOSEN).status_code == 303
    assert visitor.submit("", CHOSEN, at=link).status_code == 410
    assert PERHAPS_DONE in visitor.page.alert


@pytest.mark.row("R20", "R29")
def test_the_confirmation_leads_to_one_click_that_blocks(world: World, visitor: Visitor) -> None:
    """Without it an owner whose mailbox was read can only watch. Opening the page blocks nobody."""
    world.reset_password(visitor)
    confirmation = world.mails()[-1]
    assert (confirmation.to, confirmation.subject) == (OWNER_MAIL, "Je wachtwoord is gewijzigd")
    link = confirmation.path("/not-me/")
    for _ in range(2):
        assert visitor.open(link).status_code == 200
    assert FULL_NAME in visitor.page.words
    assert not world.user(NAME).locks.shut_at(world.clock.now())
    answer = visitor.submit("", at=link)
    assert (answer.status_code, answer.location) == (303, "/not-me/done")
    visitor.follow()
    assert f"{FULL_NAME} is geblokkeerd." in visitor.page.words
    assert world.user(NAME).locks.shut_at(world.clock.now())
    assert world.mails()[-1].subject == "Je koppelgebruiker is geblokkeerd"


@pytest.mark.row("R20", "R29")
@pytest.mark.parametrize("part", ["store", "directory"])
def test_a_block_that_may_be_half_done_is_not_said_to_be_nothing(world: World, visitor: Visitor, part: str) -> None:
    """Who reads that nothing was changed waits, and a thief's grants live on; they must call, or try again: it goes on."""
    world.reset_password(visitor)
    link = world.mails()[-1].path("/not-me/")
    visitor.open(link)
    world.directory.away = part == "directory"
    if part == "store":
        world.calls.before["store.transaction"] = raising(StoreUnavailable())
    answer = visitor.submit("", at=link)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert visitor.page.alert == (
        "Het lukt nu even niet. Het blokkeren is misschien niet of maar half gelukt. Bel direct 088 – 247 247 2 ."  # noqa: RUF001  # the manual writes it with an en dash
    )
    world.directory.away = False
    assert world.user(NAME).locks.shut_at(world.clock.now()) == (part == "store")
    assert visitor.submit("", at=link).location == "/not-me/done"
    assert world.mails()[-1].subject == "Je koppelgebruiker is geblokkeerd"


@pytest.mark.row("R20", "R29")
def test_the_blocking_link_works_once_and_then_says_that_it_did(world: World, visitor: Visitor) -> None:
    """After a second press, or back, they would think that it failed, with a thief inside."""
    world.reset_password(visitor)
    link = world.mails()[-1].path("/not-me/")
    visitor.open(link)
    page = visitor.last
    visitor.submit("", at=link)
    assert visitor.open(link).status_code == 410
    told = visitor.last_text
    assert visitor.page.alert == "Deze link is al gebruikt. De gebruiker is toen geblokkeerd."
    assert "Heb je Customer Support nog niet gesproken? Bel dan direct 088" in visitor.page.words
    assert NAME not in told
    visitor.last = page
    assert visitor.submit("", at=link).status_code == 410
    assert visitor.page.alert == "Deze link is al gebruikt. De gebruiker is toen geblokkeerd."


@pytest.mark.row("R20", "R29")
def test_a_blocking_link_that_blocked_nobody_does_not_say_so(world: World, visitor: Visitor) -> None:
    """They would lean back, with a thief inside. Who comes too late must still know whom to call."""
    world.reset_password(visitor)
    link = world.mails()[-1].path("/not-me/")
    world.clock.go(timedelta(days=7))
    for path in (link, "/not-me/never-was"):
        assert visitor.open(path).status_code == 410
        assert visitor.page.alert == "Deze link werkt niet meer."
        assert "Is je wachtwoord gewijzigd en was jij dat niet? Bel dan direct 088" in visitor.page.words


@pytest.mark.row("R21")
def test_the_done_page_survives_a_reload_and_tells_strangers_no_name(world: World, visitor: Visitor) -> None:
    """The name is in the visitor's own signed cookie, never in an address, which logs would keep."""
    link = world.reset_link(visitor)
    visitor.open(link)
    visitor.submit("", CHOSEN, at=link)
    for _ in range(2):
        assert NAME in visitor.open("/reset/done").text
    stranger = world.another_visitor().open("/reset/done")
    assert (stranger.status_code, stranger.location) == (303, "/")
    assert NAME not in stranger.text


@pytest.mark.row("R20", "R21")
@pytest.mark.parametrize("path", ["/reset/done", "/not-me/done", "/login/changed"])
def test_no_page_claims_what_did_not_happen(world: World, visitor: Visitor, path: str) -> None:
    """Who opens it from a bookmark would believe that a password was changed, or that a thief was shut out."""
    world.log_in(visitor)
    answer = visitor.open(path)
    assert (answer.status_code, answer.location) == (303, "/")


@pytest.mark.row("R21")
@pytest.mark.parametrize("step", [timedelta(minutes=30), timedelta(minutes=-1)])
def test_what_was_done_is_soon_no_news_any_more(world: World, visitor: Visitor, step: timedelta) -> None:
    """The next user of the computer reads whose password was changed; or reads it as if it had happened just now."""
    world.reset_password(visitor)
    world.clock.go(step)
    assert visitor.open("/reset/done").location == "/"
    world.clock.go(-step)
    assert visitor.open("/reset/done").location == "/"


@pytest.mark.row("R20", "R21")
def test_only_the_page_of_what_was_done_says_so(world: World, visitor: Visitor) -> None:
    """A changed password is no blocked user."""
    world.reset_password(visitor)
    assert visitor.open("/not-me/done").location == "/"
    assert visitor.open("/login/changed").location == "/"
    assert visitor.open("/reset/done").status_code == 200


@pytest.mark.row("R19")
def test_strangers_behind_the_same_address_shut_nobody_out_of_a_link_that_works(new_world: NewWorld) -> None:
    """One of them tries links for an hour, and nobody in that office, or on that telephone network, could open theirs."""
    world = new_world(limits={"link_address": "4 per hour"})
    world.reset_password(world.another_visitor())
    links = [world.newest_link("/not-me/"), world.forgotten_password_link(world.another_visitor())]
    links.append(world.reset_link(world.another_visitor(), SECOND_NAME))
    stranger = world.another_visitor()
    tried = [
        stranger.open(f"{kind}/no-such-{n}").status_code
        for n in range(2)
        for kind in ("/reset/password", "/login/password", "/not-me")
    ]
    assert tried == [410] * 4 + [429] * 2
    assert stranger.last is not None
    assert int(stranger.last.headers["Retry-After"]) > 3000
    assert [world.another_visitor().open(link).status_code for link in links] == [200, 200, 200]


@pytest.mark.row("R19")
def test_one_link_is_not_tried_without_end(new_world: NewWorld) -> None:
    """At each try a password is judged, which takes longer than any other page: whoever has one link would keep us busy."""
    world = new_world(limits={"link_address": "3 per hour"})
    visitor = world.another_visitor()
    link = world.reset_link(visitor)
    weak = {"password": "kort", "password_again": "kort"}
    visitor.open(link)
    assert [visitor.http.post(link, data=weak).status_code for _ in range(3)] == [400, 400, 429]
