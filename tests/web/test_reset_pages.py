"""Identify → Verify → sent (R7-R18, R23, R26, R29)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.web.world import FULL_NAME, NAME, OTHERS_NAME, OWNER_MAIL, SECOND_NAME

if TYPE_CHECKING:
    from tests.web.page import Visitor
    from tests.web.world import World

OTHERS = f"{OTHERS_NAME}@u4bsw.nl"
UNKNOWN = "U4BBGA9999@u4bsw.nl"


@pytest.mark.row("R6", "R7", "R8", "R9", "R12", "R23")
def test_identify_reads_as_in_the_manual(visitor: Visitor) -> None:
    """Step 5 of the manual, in its own words; the canonical realm, and no other, is named."""
    visitor.open("/reset")
    page = visitor.page
    assert "Op deze pagina kun je je wachtwoord aanpassen voor Boekhoud Gemak, MultiVers en Accounting." in page.words
    assert "Vul hier de gebruikersnaam inclusief @u4bsw.nl in." in page.words
    assert "u4bb.nl" not in page.words
    assert "Identify Verify" in page.words
    assert ("li", {"lang": "en", "aria-current": "step"}) in page.tags
    assert "* Gebruikersnaam" in page.words
    assert "* CAPTCHA" in page.words
    assert page.form("/reset").buttons == ["Volgende"]
    assert "Kopieer de naam" in page.words
    widget = next(facts for tag, facts in page.tags if tag == "altcha-widget")
    assert (widget["name"], widget["data-label"]) == ("altcha", "Ik ben geen robot")


@pytest.mark.row("R12", "R13")
def test_the_english_words_are_the_manuals(visitor: Visitor) -> None:
    """Its later screens are in English: *Personal Data Verification*, *Next*."""
    visitor.open("/reset?lang=en")
    assert visitor.page.form("/reset").buttons == ["Next"]
    visitor.submit("/reset", {"username": FULL_NAME, "altcha": visitor.solve_captcha()})
    visitor.follow()
    assert "Personal Data Verification" in visitor.page.words
    assert visitor.page.form("/reset/verify").buttons == ["Next"]


@pytest.mark.row("R12", "R13", "R16", "R17", "R18", "R22", "R23", "R26", "S39")
def test_the_way_from_identify_to_the_mail(world: World, visitor: Visitor) -> None:
    """Steps 5 to 13 of the manual, without any portal session; every POST answers 303."""
    visitor.open("/reset")
    first = visitor.submit("/reset", {"username": FULL_NAME, "altcha": visitor.solve_captcha()})
    assert (first.status_code, first.location) == (303, "/reset/verify")
    visitor.follow()
    assert "Gegevens controleren" in visitor.page.words
    assert "altcha" not in visitor.last_text
    second = visitor.submit("/reset/verify", {"username": "u4bbga0008@U4BB.nl "})
    assert (second.status_code, second.location) == (303, "/reset/sent")
    assert world.cookie("step") == ""
    visitor.follow()
    for words in ("Mijn Support Gemak", "Wachtwoord wijzigen", "Spam", "Ongewenste e-mail", "Geen e-mail ontvangen?"):
        assert words in visitor.page.words
    for cause in (
        "Misschien zit er een typfout in de naam: kopieer hem liever.",
        "Of je hebt in de afgelopen 24 uur je wachtwoord al gewijzigd.",
        "Of je gegevens kloppen niet. Bel 088",
    ):
        assert cause in visitor.page.words
    assert visitor.page.links["Gereed"] == "/"
    assert [(mail.to, mail.subject) for mail in world.mails()] == [(OWNER_MAIL, "Wachtwoord wijzigen")]


@pytest.mark.row("R10")
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Vul je gebruikersnaam in."),
        ("   ", "Vul je gebruikersnaam in."),
        (NAME, "Deze gebruikersnaam is niet compleet. Zet er @u4bsw.nl achter."),
    ],
)
def test_a_name_that_cannot_be_right_is_said_to_be_so(visitor: Visitor, typed: str, sentence: str) -> None:
    """Without it the owner waits for a mail that never comes. What was typed is kept, and the field has the focus."""
    visitor.open("/reset")
    assert visitor.submit("/reset", {"username": typed, "altcha": visitor.solve_captcha()}).status_code == 400
    assert visitor.page.alert == sentence
    field = visitor.page.form("/reset").inputs["username"]
    assert field.get("value", "") == typed
    assert field["aria-invalid"] == "true"
    assert "autofocus" in field
    assert field["aria-describedby"].split() == ["username-hint", "username-error"]
    assert ("p", {"class": "error", "id": "username-error"}) in visitor.page.tags
    assert visitor.page.links[sentence] == "#username"
    assert visitor.page.title == "Fout: Wachtwoord aanpassen – Mijn Support Gemak"  # noqa: RUF001  # an en dash


@pytest.mark.row("R7", "R15")
@pytest.mark.parametrize(
    ("solution", "sentence"),
    [
        ("", "Vink ‘Ik ben geen robot’ aan. Je gebruikersnaam is bewaard."),  # noqa: RUF001  # Dutch quotes
        ("rubbish", "De controle is niet gelukt. Probeer het opnieuw. Je gebruikersnaam is bewaard."),
    ],
)
def test_without_a_solved_captcha_nobody_goes_on(world: World, visitor: Visitor, solution: str, sentence: str) -> None:
    """Without it a program walks the steps for nothing; who forgot the box must not believe that something broke."""
    visitor.open("/reset")
    assert visitor.submit("/reset", {"username": FULL_NAME, "altcha": solution}).status_code == 400
    assert visitor.page.alert == sentence
    assert visitor.page.links[sentence] == "#altcha-checkbox-captcha"
    group = next(facts for _tag, facts in visitor.page.tags if facts.get("role") == "group")
    assert group["aria-describedby"] == "altcha-error"
    assert "Zie je geen vakje? Laad deze pagina opnieuw. Lukt dat niet? Bel 088" in visitor.page.words
    assert visitor.page.form("/reset").fields["username"] == FULL_NAME
    assert not world.cookie("step")


@pytest.mark.row("R15")
def test_a_solution_works_once(visitor: Visitor) -> None:
    """Without it one solved captcha pays for a thousand requests."""
    visitor.open("/reset")
    solution = visitor.solve_captcha()
    assert visitor.submit("/reset", {"username": FULL_NAME, "altcha": solution}).status_code == 303
    visitor.open("/reset")
    assert visitor.submit("/reset", {"username": FULL_NAME, "altcha": solution}).status_code == 400
    assert visitor.page.alert.startswith("De controle is niet gelukt.")
    assert [tag for tag, _facts in visitor.page.tags if tag == "altcha-widget"]


@pytest.mark.row("R10")
@pytest.mark.parametrize("typed", [NAME, ""])
def test_a_typing_error_does_not_use_up_the_captcha(visitor: Visitor, typed: str) -> None:
    """Whoever forgot the suffix should not have to prove again that they are no robot."""
    visitor.open("/reset")
    assert visitor.submit("/reset", {"username": typed, "altcha": visitor.solve_captcha()}).status_code == 400
    assert "* CAPTCHA Gecontroleerd" in visitor.page.words
    assert not [tag for tag, _facts in visitor.page.tags if tag == "altcha-widget"]
    assert visitor.submit("/reset", {"username": FULL_NAME}).status_code == 303


@pytest.mark.row("R15")
@pytest.mark.parametrize("solution", ["", "rubbish"])
def test_a_captcha_that_is_not_solved_is_not_said_to_be(visitor: Visitor, solution: str) -> None:
    """Who is told that all is well, and then that it is not, does not know what to do: the box was gone."""
    visitor.open("/reset")
    assert visitor.submit("/reset", {"username": NAME, "altcha": solution}).status_code == 400
    assert "Gecontroleerd" not in visitor.page.words
    assert [tag for tag, _facts in visitor.page.tags if tag == "altcha-widget"]


@pytest.mark.row("R13")
def test_another_name_at_verify_is_told_and_can_be_mended(world: World, visitor: Visitor) -> None:
    """A typing error in the second field costs a second look, not the whole way."""
    world.identify(visitor, FULL_NAME)
    assert visitor.submit("/reset/verify", {"username": UNKNOWN}).status_code == 400
    assert visitor.page.alert == "Dit is een andere gebruikersnaam dan in de eerste stap. Vul hem nog een keer in."
    assert visitor.page.form("/reset/verify").fields["username"] == UNKNOWN
    assert world.mails() == []
    assert visitor.submit("/reset/verify", {"username": FULL_NAME}).status_code == 303
    assert len(world.mails()) == 1


@pytest.mark.row("R14")
def test_too_much_time_between_the_steps_starts_again(world: World, visitor: Visitor) -> None:
    """The manual's NB. What was typed is kept on the first page."""
    world.identify(visitor, FULL_NAME)
    world.clock.go(timedelta(minutes=10))
    assert visitor.submit("/reset/verify", {"username": FULL_NAME}).status_code == 400
    assert visitor.page.alert == "Het duurde te lang. Begin opnieuw."
    assert visitor.page.form("/reset").fields["username"] == FULL_NAME
    assert world.mails() == []


@pytest.mark.row("R14")
def test_within_ten_minutes_the_second_step_works(world: World, visitor: Visitor) -> None:
    """Who looks the name up in between must get through."""
    world.identify(visitor, FULL_NAME)
    world.clock.go(timedelta(minutes=9, seconds=55))
    assert visitor.submit("/reset/verify", {"username": FULL_NAME}).status_code == 303


@pytest.mark.row("R15")
def test_no_step_is_skipped(world: World, visitor: Visitor) -> None:
    """Without it the captcha is walked around."""
    assert visitor.open("/reset/verify").status_code == 400
    assert visitor.page.alert == "Het duurde te lang. Begin opnieuw."
    token = visitor.page.form("/reset").fields["csrf_token"]
    answer = visitor.http.post("/reset/verify", data={"username": FULL_NAME, "csrf_token": token})
    assert answer.status_code == 400
    assert world.mails() == []


@pytest.mark.row("R15")
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_no_step_is_replayed(world: World, visitor: Visitor, method: str) -> None:
    """One captcha, one mail: a second POST of the same step sends nothing. Who lost the answer is not told to begin again."""
    world.identify(visitor, FULL_NAME)
    step = world.cookie("step")
    form = visitor.page.form("/reset/verify").fields | {"username": FULL_NAME}
    assert visitor.http.post("/reset/verify", data=form).status_code == 303
    world.put_cookie("step", step)
    again = visitor.http.open("/reset/verify", method=method, data=form if method == "POST" else None)
    assert (again.status_code, again.location) == (303, "/reset/sent")
    assert world.cookie("step") == ""
    assert len(world.mails()) == 1


@pytest.mark.row("R13", "R14")
def test_two_resets_in_two_tabs_do_not_mix(world: World, visitor: Visitor) -> None:
    """Who resets two users at once would be told that the first one's name is wrong, or get a mail about the other one."""
    world.identify(visitor, FULL_NAME)
    world.identify(visitor, OTHERS)  # in another tab
    assert visitor.submit("/reset/verify", {"username": UNKNOWN}).status_code == 400
    for name, to in ((FULL_NAME, OWNER_MAIL), (OTHERS, "bob@example.nl")):
        assert visitor.open("/reset/verify").status_code == 200
        assert visitor.submit("/reset/verify", {"username": name}).location == "/reset/sent"
        assert world.mails()[-1].to == to
    assert visitor.open("/reset/verify").status_code == 400
    assert len(world.mails()) == 2


@pytest.mark.row("R6", "R13")
def test_two_tickets_in_two_tabs_do_not_mix(world: World, owner: Visitor) -> None:
    """An owner of two users would be told that a name of theirs is not the one from the portal, or in the first tab nothing."""
    for number in range(2):
        owner.open("/")
        forms = [form for form in owner.page.forms if form.action == "/portal/ticket"]
        assert owner.http.post("/portal/ticket", data=forms[number].fields, follow_redirects=True).status_code == 200
    for name in (NAME, SECOND_NAME):
        world.identify(owner, f"{name}@u4bsw.nl")
    for name in (NAME, SECOND_NAME):
        assert owner.submit("/reset/verify", {"username": f"{name}@u4bsw.nl"}).location == "/reset/sent"
        assert "a•••@example.nl" in owner.open("/reset/sent").text
        owner.open("/reset/verify")
    assert (world.cookie("ticket"), world.cookie("step")) == ("", "")


@pytest.mark.row("R21")
def test_a_reset_asked_for_does_not_end_the_page_after_another(world: World, visitor: Visitor) -> None:
    """Who goes on to their next user would lose what to type for the first one, and the check whether it works."""
    world.reset_password(visitor)
    world.identify(visitor, OTHERS)
    visitor.submit("/reset/verify", {"username": OTHERS})
    assert NAME in visitor.open("/reset/done").text


@pytest.mark.row("R15", "S47")
def test_a_browser_holds_three_resets_at_most(world: World, visitor: Visitor) -> None:
    """A cookie that grows without end ends in a page that no server takes."""
    for number in range(5):
        world.identify(visitor, f"U4BBGX{number}@u4bsw.nl")
    assert world.cookie("step").count(".") == 2
    world.put_cookie("step", ".".join(f"x{number}" for number in range(500)))
    assert visitor.open("/reset/verify").status_code == 400


@pytest.mark.row("S45")
@pytest.mark.parametrize("token", ["", "rubbish"])
def test_a_stale_form_comes_back_with_what_was_typed(world: World, visitor: Visitor, token: str) -> None:
    """Nothing is lost: the page that comes back can be sent at once."""
    world.identify(visitor, FULL_NAME)
    assert visitor.submit("/reset/verify", {"username": FULL_NAME, "csrf_token": token}).status_code == 400
    assert visitor.page.alert == "Deze pagina was verouderd. Verstuur hem nog een keer."
    assert world.mails() == []
    assert visitor.submit("/reset/verify").status_code == 303


@pytest.mark.row("R6")
def test_password_programs_find_the_form(visitor: Visitor) -> None:
    """They look at one well-known address."""
    answer = visitor.open("/.well-known/change-password")
    assert (answer.status_code, answer.location) == (302, "/reset")


@pytest.mark.row("R7", "R29")
def test_who_has_no_javascript_is_told_to_call(visitor: Visitor) -> None:
    """The captcha needs it; without a word they would press *Volgende* for ever."""
    text = visitor.open("/reset").text
    without = text.partition("<noscript>")[2].partition("</noscript>")[0]
    assert "088 – 247 247 2" in without  # noqa: RUF001  # the manual writes it with an en dash
