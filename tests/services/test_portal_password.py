"""The owner's own portal password: by an invitation's link, or after *Wachtwoord vergeten* (R1)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Purpose
from idp.domain.mail import Letter
from idp.domain.people import Locks
from idp.errors import (
    DirectoryUnavailable,
    LinkExpired,
    LinkSpent,
    LinkUnknown,
    PasswordGuessable,
    PasswordLikeName,
    PasswordsDiffer,
    PasswordTooYoung,
    PasswordUsedBefore,
    SubjectChanged,
)
from idp.services.login_guard import Caller
from idp.services.notices import queue
from tests.services.calls import raising
from tests.services.composition import DIGESTS
from tests.services.world import ANNA_MAIL, HOME, NAME, NEW_PASSWORD, PORTAL_PASSWORD, SECOND_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.domain.people import Owner
    from tests.services.world import World

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)

pytestmark = pytest.mark.row("R1")


def mailed_link(world: World, mail: str = ANNA_MAIL) -> str:
    """Forget the password, and give the secret in the mail."""
    world.portal_password.request(mail, HOME)
    world.work_off()
    return _newest_link(world)


def invitation(world: World, owner: Owner | None = None) -> str:
    """Invite somebody who has no password yet, and give the secret in the mail."""
    owner = owner or world.admin.add_owner("Carol", "carol@example.nl")
    with world.database.transaction() as work:
        queue(work, Letter.INVITATION, world.clock.now(), {"owner": owner.entry_uuid})
    world.work_off()
    return _newest_link(world)


def _newest_link(world: World) -> str:
    texts = [mail.content.text for mail in world.mailbox.received if "/login/password/" in mail.content.text]
    return texts[-1].partition("/login/password/")[2].split()[0]


def complete(world: World, secret: str, password: str = NEW_PASSWORD) -> None:
    """Choose a password."""
    world.portal_password.complete(secret, password, password)


def test_the_link_sets_a_password_and_tells_its_owner(world: World) -> None:
    """Who forgot their password could never come back."""
    link = mailed_link(world)
    complete(world, link)
    world.owner_login.log_in(ANNA_MAIL, NEW_PASSWORD, Caller(HOME))
    event = world.audit("portal-password.changed")[-1]
    assert (event.actor, event.subject, event.at) == ("owner", world.anna.entry_uuid, world.clock.now())
    (row,) = world.take_letters()
    assert (row.letter, len(bytes.fromhex(row.id))) == (Letter.PORTAL_PASSWORD_CHANGED, 16)
    digest = DIGESTS.digest(Purpose.PORTAL_PASSWORD, link)
    assert row.facts == {"owner": world.anna.entry_uuid, "at": world.clock.now().isoformat(), "link": digest}


def test_a_new_owner_chooses_a_first_password_by_the_invitation(world: World) -> None:
    """Nobody new could ever log in."""
    carol = world.admin.add_owner("Carol", "carol@example.nl")
    link = invitation(world, carol)
    assert world.portal_password.open(link) == carol
    complete(world, link)
    world.owner_login.log_in("carol@example.nl", NEW_PASSWORD, Caller(HOME))
    with pytest.raises(LinkSpent):
        world.portal_password.open(link)


def test_sessions_made_with_the_former_password_end(world: World) -> None:
    """Whoever is in with a stolen password would stay in."""
    session = world.owner_login.log_in(ANNA_MAIL, PORTAL_PASSWORD, Caller(HOME))
    complete(world, mailed_link(world))
    with pytest.raises(SubjectChanged):
        world.owner_login.owner_of(session)


def test_opening_a_link_changes_nothing(world: World) -> None:
    """A mail scanner would use it up."""
    link = mailed_link(world)
    world.calls.names.clear()
    for _ in range(3):
        assert world.portal_password.open(link) == world.owner()
    assert set(world.calls.names) == {"store.reading", "directory.find_owner_by_uuid"}
    complete(world, link)


def test_a_link_works_once(world: World) -> None:
    """Whoever reads the mailbox later would set another one."""
    link = mailed_link(world)
    complete(world, link)
    with pytest.raises(LinkSpent):
        world.kept.find(Purpose.PORTAL_PASSWORD, link)
    with pytest.raises(LinkSpent):
        world.portal_password.open(link)
    with pytest.raises(LinkSpent):
        complete(world, link, "weer een andere wachtzin hier")


@pytest.mark.parametrize(("make", "lifetime"), [(mailed_link, HOUR), (invitation, timedelta(days=7))])
def test_a_link_works_for_an_hour_and_an_invitation_for_a_week(
    world: World, make: Callable[[World], str], lifetime: timedelta
) -> None:
    """Who is invited on Friday could not begin on Monday; who forgot would leave a way in for a week."""
    link = make(world)
    world.clock.go(lifetime - SECOND)
    world.portal_password.open(link)
    world.clock.go(SECOND)
    with pytest.raises(LinkExpired):
        world.portal_password.open(link)
    with pytest.raises(LinkExpired):
        complete(world, link)


def test_a_link_that_was_never_mailed_is_unknown(world: World) -> None:
    """Anybody could set a password."""
    with pytest.raises(LinkUnknown):
        world.portal_password.open("never mailed")
    with pytest.raises(LinkUnknown):
        complete(world, world.kept.make(Purpose.PORTAL_SESSION, {"owner": world.anna.entry_uuid, "changed": ""}))


@pytest.mark.parametrize(
    "change",
    [
        lambda world: world.admin.change_owner_password(world.anna, "een ander wachtwoord"),
        lambda world: world.admin.set_mail(world.anna, "anna@nieuw.example"),
        lambda world: world.admin.set_mail(world.anna, None),
        lambda world: world.admin.delete_owner(world.anna),
        lambda world: world.admin.recreate_owner(world.anna),
        lambda world: world.admin.set_owner_locks(world.anna, Locks(end="19700101000000Z")),
    ],
    ids=["password", "address", "no address", "deleted", "made anew", "blocked"],
)
def test_what_becomes_of_the_owner_kills_the_link(world: World, change: Callable[[World], object]) -> None:
    """A link in a mailbox that is somebody else's by now would open the portal."""
    link = mailed_link(world)
    change(world)
    with pytest.raises(LinkSpent):
        world.portal_password.open(link)
    with pytest.raises(LinkSpent):
        complete(world, link)


def test_another_spelling_of_the_address_kills_nothing(world: World) -> None:
    """Support mends a capital, and the link is dead."""
    link = mailed_link(world)
    world.admin.set_mail(world.anna, ANNA_MAIL.upper())
    complete(world, link)


@pytest.mark.parametrize(
    ("password", "again", "error"),
    [
        (NEW_PASSWORD, PORTAL_PASSWORD, PasswordsDiffer),
        ("anna de vries anna", "anna de vries anna", PasswordGuessable),
        (f"{ANNA_MAIL}1", f"{ANNA_MAIL}1", PasswordGuessable),
        ("boekhoud gemak multivers", "boekhoud gemak multivers", PasswordGuessable),
        ("rabobank triodos", "rabobank triodos", PasswordLikeName),
        (f"{NAME} {SECOND_NAME}", f"{NAME} {SECOND_NAME}", PasswordLikeName),
        (PORTAL_PASSWORD, PORTAL_PASSWORD, PasswordUsedBefore),
    ],
    ids=["differ", "own name", "own address", "products", "applications", "users", "used before"],
)
def test_a_refused_password_costs_nothing(world: World, password: str, again: str, error: type[Exception]) -> None:
    """Who chose badly would have to ask for another mail."""
    link = mailed_link(world)
    with pytest.raises(error):
        world.portal_password.complete(link, password, again)
    complete(world, link)


def test_an_administrations_name_is_no_password(world: World) -> None:
    """It stands on the bakery's window."""
    link = mailed_link(world)
    world.admin.set_administratie(SECOND_NAME, "Zwiebelhof-Quist")
    with pytest.raises(PasswordLikeName):
        world.portal_password.complete(link, "zwiebelhof quist 2024", "zwiebelhof quist 2024")
    world.admin.set_administratie(SECOND_NAME, "A-0009")  # which no longer tells the user's name
    with pytest.raises(PasswordLikeName):
        world.portal_password.complete(link, f"{SECOND_NAME} {SECOND_NAME}", f"{SECOND_NAME} {SECOND_NAME}")
    complete(world, link, "zwiebelhof quist 2024")


def test_people_have_no_cooldown(world: World) -> None:
    """R1: an owner could not mend what they did this morning."""
    complete(world, mailed_link(world))
    complete(world, mailed_link(world), "weer een andere wachtzin hier")


def test_of_two_submissions_at_once_one_wins(world: World) -> None:
    """Both would be told that theirs is the password."""
    link = mailed_link(world)
    world.calls.after["directory.find_owner_by_uuid"] = lambda: complete(world, link, "de andere wachtzin was eerst")
    with pytest.raises(LinkSpent):
        complete(world, link)
    world.owner_login.log_in(ANNA_MAIL, "de andere wachtzin was eerst", Caller(HOME))
    assert len(world.audit("portal-password.changed")) == 1


def test_a_directory_that_is_down_costs_no_link(world: World) -> None:
    """Who is unlucky would have to ask for another mail."""
    link = mailed_link(world)
    world.calls.before["directory.set_owner_password"] = raising(DirectoryUnavailable())
    with pytest.raises(DirectoryUnavailable):
        complete(world, link)
    complete(world, link)


def test_a_policy_that_finds_the_password_too_young_costs_no_link(world: World) -> None:
    """A directory whose policy for people is stricter than ours would be a page that says what is not so."""
    link = mailed_link(world)
    world.calls.before["directory.set_owner_password"] = raising(PasswordTooYoung())
    with pytest.raises(PasswordTooYoung):
        complete(world, link)
    complete(world, link)
