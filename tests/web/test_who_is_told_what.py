"""Who is told what, and how often one may ask (R15, R22)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.again_at import TOO_OFTEN
from tests.web.world import FULL_NAME, NAME, OTHERS_NAME, OWNER_MAIL, SECOND_NAME

if TYPE_CHECKING:
    from tests.web.page import Visitor
    from tests.web.world import NewWorld, World

UNKNOWN = "U4BBGA9999@u4bsw.nl"


@pytest.mark.row("R22")
def test_a_stranger_sees_the_same_whatever_the_name(world: World, visitor: Visitor) -> None:
    """The names run in sequence: whoever sees a difference gets the whole customer list."""
    world.reset_password(visitor, SECOND_NAME)
    world.directory.block_user(world.user(OTHERS_NAME))
    world.forget_mails()
    seen = {}
    for name in (NAME, SECOND_NAME, OTHERS_NAME, "U4BBGA9999", "*)(uid=*"):
        stranger = world.another_visitor()
        world.identify(stranger, f"{name}@u4bsw.nl")
        verified = stranger.submit("/reset/verify", {"username": f"{name}@u4bsw.nl"})
        sent = stranger.follow()
        kept = sorted(name for name, _value in sent.headers if name not in ("Date", "Set-Cookie"))
        seen[verified.status_code, verified.location, sent.status_code, sent.text, tuple(kept)] = name
    assert len(seen) == 1
    assert [mail.to for mail in world.mails()] == [OWNER_MAIL]


@pytest.mark.row("R6", "R22")
def test_with_a_ticket_another_name_is_only_said_not_to_be_yours(world: World, owner: Visitor) -> None:
    """Without it an owner's portal is a way to ask whether any name exists. Who means another of theirs is told the way to it."""
    world.take_ticket(owner)
    sentences = set()
    for name in (SECOND_NAME, OTHERS_NAME, "U4BBGA9999"):
        answer = owner.submit("/reset", {"username": f"{name}@u4bsw.nl", "altcha": owner.solve_captcha()})
        assert answer.status_code == 400
        assert owner.page.links["Vraag hem aan in je portaal."] == "/"
        sentences.add(owner.page.alert)
    assert sentences == {"Dit is niet de naam uit je portaal. Wil je een andere gebruiker? Vraag hem aan in je portaal."}
    owner.submit("/reset", {"username": FULL_NAME})  # no captcha
    assert "andere gebruiker" not in owner.page.words


def _verify(visitor: Visitor, full_name: str) -> str:
    """Do the second step, and give the words of the page that it leads to."""
    assert visitor.submit("/reset/verify", {"username": full_name}).location == "/reset/sent"
    visitor.follow()
    return visitor.page.words


@pytest.mark.row("R16", "R22")
def test_with_a_ticket_the_masked_address_is_told(world: World, owner: Visitor) -> None:
    """Who has three mailboxes looks in the wrong one; who has another address now waits for a mail that goes to the old one."""
    world.take_ticket(owner)
    world.identify(owner, FULL_NAME)
    words = _verify(owner, FULL_NAME)
    assert "Hij gaat naar a•••@example.nl en komt meestal binnen 15 minuten." in words
    assert OWNER_MAIL not in owner.last_text
    assert "a•••@example.nl" in owner.open("/reset/sent").text  # read again


@pytest.mark.row("R22")
@pytest.mark.parametrize("message", ["ticket", "everyone"])
def test_without_a_ticket_no_address_is_told(new_world: NewWorld, message: str) -> None:
    """Whoever types other people's names would be told where they have their mail; who had a ticket before, somebody else's."""
    world = new_world(reset={"message": message})
    owner = world.another_visitor()
    world.log_in(owner)
    world.identify(stranger := world.another_visitor(), FULL_NAME)
    _verify(stranger, FULL_NAME)
    world.take_ticket(owner)
    world.identify(owner, FULL_NAME)
    assert "•" in _verify(owner, FULL_NAME)
    for name in (OTHERS_NAME, "U4BBGA9999") if message == "ticket" else (OTHERS_NAME,):
        world.identify(owner, f"{name}@u4bsw.nl")
        assert "•" not in _verify(owner, f"{name}@u4bsw.nl")
        assert owner.last_text == stranger.last_text


@pytest.mark.row("R22", "R23", "R29")
def test_with_a_ticket_the_cooldown_is_told_with_its_end(world: World, owner: Visitor) -> None:
    """The manual's message, with its three causes, the one that applies first."""
    world.take_ticket(owner)
    world.reset_password(world.another_visitor())
    answer = owner.submit("/reset", {"username": FULL_NAME, "altcha": owner.solve_captcha()})
    assert answer.status_code == 409
    alert = owner.page.alert
    assert alert.startswith(
        "Je kunt nu geen nieuw wachtwoord aanvragen. Je hebt je wachtwoord in de afgelopen 24 uur al gewijzigd."
    )
    next_reset = world.user(NAME).next_reset_at(world.clock.now(), timedelta(hours=24))
    assert next_reset is not None
    assert f" om {next_reset.astimezone(world.zone):%H:%M}." in alert
    assert "Er zit een typfout in de gebruikersnaam. Kopieer de naam liever dan hem te typen." in alert
    assert "De gegevens staan niet goed in ons systeem." in alert
    assert "088 – 247 247 2" in alert  # noqa: RUF001  # the manual writes it with an en dash


@pytest.mark.row("R22")
def test_with_a_ticket_wrong_data_are_told_first(world: World, owner: Visitor) -> None:
    """A block is support's matter: calling is the way on."""
    world.take_ticket(owner)
    world.directory.block_user(world.user(NAME))
    owner.submit("/reset", {"username": FULL_NAME, "altcha": owner.solve_captcha()})
    assert owner.page.alert.startswith("Je kunt nu geen nieuw wachtwoord aanvragen. De gegevens staan niet goed in ons systeem.")


@pytest.mark.row("R22")
def test_where_everyone_is_told_a_stranger_gets_the_manuals_message(new_world: NewWorld) -> None:
    """`reset.message = "everyone"` gives the manual's literal behaviour to those who want it."""
    visitor = new_world(reset={"message": "everyone"}).another_visitor()
    visitor.open("/reset")
    answer = visitor.submit("/reset", {"username": UNKNOWN, "altcha": visitor.solve_captcha()})
    assert answer.status_code == 409
    assert visitor.page.alert.startswith("Je kunt nu geen nieuw wachtwoord aanvragen. Er zit een typfout in de gebruikersnaam.")


@pytest.mark.row("R15")
def test_a_name_is_limited_whether_or_not_it_exists(world: World, visitor: Visitor) -> None:
    """Three an hour for each name; the fourth is told when to come back, and the name is kept."""
    for name in (FULL_NAME, UNKNOWN):
        for _ in range(3):
            world.identify(visitor, name)
            assert visitor.submit("/reset/verify", {"username": name}).status_code == 303
        visitor.open("/reset")
        answer = visitor.submit("/reset", {"username": name, "altcha": visitor.solve_captcha()})
        assert answer.status_code == 429
        assert 3500 < int(answer.headers["Retry-After"]) <= 3600
        assert visitor.page.form("/reset").fields["username"] == name
    assert len(world.mails()) == 3


@pytest.mark.row("R15")
def test_who_types_one_wrong_name_after_the_other_is_told_when_to_come_back(new_world: NewWorld) -> None:
    """Their telephone fills the names in wrongly: they must learn that waiting helps, and need not type the name again."""
    visitor = new_world(limits={"captcha_address": "400 per minute"}).another_visitor()
    visitor.open("/reset")
    statuses = []
    name = ""
    for number in range(300):
        name = f"U4BBGX{number:04}@u4bsw.nl"
        fields = visitor.page.form("/reset").fields | {"username": name, "altcha": visitor.solve_captcha()}
        statuses.append(visitor.http.post("/reset", data=fields).status_code)
    assert statuses == [303] * 30 + [429] * 270
    answer = visitor.submit("/reset", {"username": name, "altcha": visitor.solve_captcha()})
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert TOO_OFTEN.match(visitor.page.alert)
    assert visitor.page.form("/reset").fields["username"] == name
    assert visitor.page.title.startswith("Fout: ")


@pytest.mark.row("R15")
def test_a_stranger_does_not_use_up_the_owners_own_budget(world: World, owner: Visitor) -> None:
    """Without it whoever knows a name keeps its owner from ever resetting."""
    stranger = world.another_visitor()
    for _ in range(3):
        world.identify(stranger, FULL_NAME)
        stranger.submit("/reset/verify", {"username": FULL_NAME})
    world.take_ticket(owner)
    assert owner.submit("/reset", {"username": FULL_NAME, "altcha": owner.solve_captcha()}).status_code == 303


@pytest.mark.row("R15")
def test_challenges_are_not_given_out_without_end(visitor: Visitor) -> None:
    """Each costs us a moment's work; the widget shows its own sentence, a program gets JSON with the time to wait."""
    for _ in range(30):
        assert visitor.http.get("/captcha/challenge").status_code == 200
    answer = visitor.http.get("/captcha/challenge")
    assert answer.status_code == 429
    assert answer.get_json()["error"] == "temporarily_unavailable"
    assert 0 < int(answer.headers["Retry-After"]) <= 60


@pytest.mark.row("R15")
def test_trying_links_is_slowed_down_whatever_their_kind(visitor: Visitor) -> None:
    """One budget for all three kinds of link, by network; the page says when it goes on."""
    for number in range(20):
        for start in ("/reset/password/", "/not-me/", "/login/password/"):
            assert visitor.open(f"{start}{number}").status_code == 410
    answer = visitor.open("/not-me/one-more")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert TOO_OFTEN.match(visitor.page.alert)
