"""*Wie deed wat*: an owner reads what happened to their koppelgebruiker."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.audit import AuditEvent
from idp.domain.happening import Happening, Who
from idp.services.own_history import History
from idp.translations import LANGUAGES, load_words
from idp.web.happenings import WHAT, told
from tests.web.world import NAME, OTHERS_NAME, OWNER_MAIL, PASSWORD

if TYPE_CHECKING:
    from tests.web.page import Visitor
    from tests.web.world import World


def address(world: World, name: str = NAME) -> str:
    """Give where it stands."""
    return f"/portal/history/{world.user(name).entry_uuid}"


def test_who_did_what_and_when_is_told_in_sentences(world: World, owner: Visitor) -> None:
    """An owner who trusts something not would have to ask support to read a table to them."""
    world.reset_password(owner)
    changed = world.clock.now().astimezone(world.zone)
    world.mails()
    world.clock.go(timedelta(hours=1))
    application = world.application("Basecone")
    world.couple(application)
    world.couple(application)
    with world.store.transaction() as work:
        actor = "operator:dn:cn=jan,ou=support,dc=u4bsw,dc=nl"
        work.audit.append(AuditEvent(world.clock.now(), "user.released", actor, world.user(NAME).entry_uuid))
        work.audit.append(AuditEvent(world.clock.now(), "logout.told", "service", world.user(NAME).entry_uuid))
    owner.open("/")
    assert owner.page.links["Wat is er gebeurd?"].startswith("/portal/history/")
    owner.open(address(world))
    words = owner.page.words
    assert f"{changed:%H:%M} Met de link uit je e-mail werd een nieuw wachtwoord gekozen. Alle koppelingen stopten." in words
    assert "De dienst mailde je een link om een wachtwoord te kiezen." in words
    assert "Support zorgde dat je eerder een nieuw wachtwoord kunt aanvragen." in words
    assert words.index("Support zorgde") < words.index("Met de link")
    assert "Welke toepassingen logden in? Basecone: 2 keer, voor het laatst op " in words
    assert "logout" not in owner.page.words
    for personal in ("jan", OWNER_MAIL, PASSWORD):
        assert personal not in owner.last_text


def test_the_same_in_a_row_is_one_line(world: World, owner: Visitor) -> None:
    """A bank with an old password would fill the page."""
    with world.store.transaction() as work:
        for _ in range(3):
            work.audit.append(AuditEvent(world.clock.now(), "login.failed", "client:gone", world.user(NAME).entry_uuid))
    owner.open(address(world))
    assert (
        "Een toepassing die er niet meer is probeerde in te loggen met een verkeerd wachtwoord. Dat gebeurde 3 keer"
        in owner.page.words
    )


def test_what_an_owner_has_ended_stands_there_as_theirs(world: World, owner: Visitor) -> None:
    """An owner who shares a computer would not see that somebody has shut the bank out in their name."""
    world.directory.set_password(NAME, PASSWORD)
    world.couple(world.application("Rabobank", "rabobank"))
    owner.open("/portal/couplings")
    owner.submit("/portal/couplings/end")
    owner.open(address(world))
    assert "Jij beëindigde de koppeling met Rabobank." in owner.page.words


@pytest.mark.row("R20")
def test_what_came_by_a_mailed_link_is_not_said_to_be_the_owners_doing(world: World, visitor: Visitor) -> None:
    """An owner whose mail was read would be told that they chose the thief's password themselves."""
    world.reset_password(visitor)
    link = world.newest_link("/not-me/")
    visitor.open(link)
    assert visitor.submit("", at=link).status_code == 303
    world.log_in(visitor)
    visitor.open(address(world))
    assert "Met de link uit je e-mail werd een nieuw wachtwoord gekozen. Alle koppelingen stopten." in visitor.page.words
    assert "Met de link uit je e-mail werd deze gebruiker geblokkeerd. Alle koppelingen stopten." in visitor.page.words
    assert "Jij" not in visitor.page.words


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("who", Who)
def test_whatever_has_words_has_them_in_every_language_for_whoever_did_it(world: World, language: str, who: Who) -> None:
    """A page with what happened would break on the day when it happens for the first time."""
    now = world.clock.now()
    happenings = [Happening(now, what, who, "bank", 1, now) for what in (*WHAT, "logout.told")]
    history = History(world.user(NAME), happenings, (), {"bank": "De <Bank>"}, goes_on=False)
    lines = [str(each.text) for each in told(history, load_words("Europe/Amsterdam")[language])]
    assert len(lines) == len(WHAT)
    assert not [line for line in lines if "{" in line or "<Bank>" in line]


def test_somebody_elses_user_is_not_found_like_one_that_is_not_there(world: World, owner: Visitor) -> None:
    """Any owner could read what happens at every other customer."""
    answers = set()
    for path in (address(world, OTHERS_NAME), "/portal/history/00000000-0000-0000-0000-000000000000", f"/portal/history/{NAME}"):
        answers.add((owner.open(path).status_code, owner.page.alert))
    assert answers == {(404, "Deze gebruiker hoort niet bij jouw portaal.")}


def test_without_a_session_there_is_no_history(world: World, owner: Visitor) -> None:
    """Whoever has seen the address once would read on."""
    assert world.another_visitor().open(address(world)).location == "/login"
    world.clock.go(timedelta(hours=9))
    assert owner.open(address(world)).location == "/login"


def test_an_applications_name_is_no_html(world: World, owner: Visitor) -> None:
    """Whoever registers an application would write into owners' pages."""
    world.directory.set_password(NAME, PASSWORD)
    world.couple(world.application("<b>Bank</b>"))
    assert "<b>Bank" not in owner.open(address(world)).text
    assert "<b>Bank</b>: één keer" in owner.page.words
