"""From the mailed link to a new password (R19, R20)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Purpose
from idp.domain.mail import Letter
from idp.domain.reset_request import ResetState
from idp.errors import (
    LinkDead,
    LinkExpired,
    LinkUnknown,
    LinkUsed,
    PasswordGuessable,
    PasswordLikeName,
    PasswordOfEverydayWords,
    PasswordRejected,
    PasswordsDiffer,
    PasswordTooShort,
    PasswordUsedBefore,
    ResetCause,
    ResetRefused,
)
from tests.services.composition import COOLDOWN, DIGESTS
from tests.services.resets import complete, has_password, live_grants
from tests.services.tokens import ACCESS_ONLY
from tests.services.world import ANNA_MAIL, FULL_NAME, HOME, NAME, NEW_PASSWORD, PASSWORD, SECOND_NAME

if TYPE_CHECKING:
    from tests.services.world import World

HOUR = timedelta(minutes=60)
SECOND = timedelta(seconds=1)

pytestmark = pytest.mark.row("R19")


def test_opening_a_link_shows_whose_it_is_and_changes_nothing(world: World, link: str) -> None:
    """Mail scanners open links: the owner would find a used one."""
    world.calls.names.clear()
    for _ in range(3):
        shown = world.complete_reset.open(link)
        assert (shown.bare, shown.full_name, shown.expires_at) == (NAME, FULL_NAME, world.clock.now() + HOUR)
    assert set(world.calls.names) == {"store.reading", "directory.find_user_by_uuid", "directory.find_owner"}
    complete(world, link)


@pytest.mark.row("S42")
def test_before_a_new_password_it_is_told_whom_it_shuts_out(world: World, link: str) -> None:
    """A bank's statements would stop coming, and nobody would know why."""
    world.grants.issue(world.client("ing"), world.user(), HOME, ACCESS_ONLY)
    world.grants.issue(world.client("basecone"), world.user(), HOME, ACCESS_ONLY)  # another of that name
    world.grants.issue(world.client("triodos"), world.user(SECOND_NAME), HOME, ACCESS_ONLY)
    world.calls.names.clear()
    assert world.complete_reset.open(link).applications == ("Basecone", "Ing")
    assert world.calls.names.count("store.reading") == 2
    with world.database.transaction() as work:
        work.grants.revoke_all(world.user().entry_uuid, world.clock.now())
    assert world.complete_reset.open(link).applications == ()


@pytest.mark.parametrize("secret", ["", "never mailed"])
def test_what_was_never_mailed_is_unknown(world: World, secret: str) -> None:
    """Anybody could set a password."""
    with pytest.raises(LinkUnknown):
        world.complete_reset.open(secret)
    with pytest.raises(LinkUnknown):
        complete(world, secret)


def test_a_secret_of_another_kind_is_unknown(world: World) -> None:
    """A ticket in a browser's history would set a password."""
    for secret in (world.ticket(), world.kept.make(Purpose.NOT_ME, {"user": world.user().entry_uuid, "bare": NAME})):
        with pytest.raises(LinkUnknown):
            world.complete_reset.open(secret)


def test_before_its_mail_is_made_a_link_is_dead(world: World) -> None:
    """A name that nobody has looked up would already have a link."""
    with pytest.raises(LinkDead):
        world.complete_reset.open(world.link(world.request()))


def test_a_link_works_for_an_hour(world: World, link: str) -> None:
    """A mailbox read later would be a way in."""
    world.clock.go(HOUR - SECOND)
    world.complete_reset.open(link)
    world.clock.go(SECOND)
    with pytest.raises(LinkExpired):
        world.complete_reset.open(link)
    with pytest.raises(LinkExpired):
        complete(world, link)
    assert has_password(world, PASSWORD)


@pytest.mark.row("R20", "S46")
def test_a_submission_sets_the_password_ends_all_grants_and_is_confirmed(world: World, request_id: str, link: str) -> None:
    """The old password would work on, a thief's tokens too, or nobody would be told."""
    second = world.grants.issue(world.client("ing"), world.user(), HOME, ACCESS_ONLY).grant.id
    world.admin.set_password(SECOND_NAME, PASSWORD)
    other = world.grants.issue(world.client(), world.user(SECOND_NAME), HOME, ACCESS_ONLY).grant.id
    assert complete(world, link) == NAME
    assert (has_password(world, NEW_PASSWORD), has_password(world, PASSWORD)) == (True, False)
    assert world.reset(request_id).state is ResetState.SPENT
    with world.database.reading() as work:
        ended = [grant is not None and grant.revoked_at for grant in map(work.grants.get, [second, other])]
    assert ended == [world.clock.now(), None]
    assert live_grants(world) == 0
    (event,) = world.audit("reset.completed")
    assert (event.actor, event.subject, event.at) == ("owner", world.user().entry_uuid, world.clock.now())
    assert event.detail == {"request": request_id, "grants": "2"}
    (row,) = world.take_letters()
    assert row.letter == Letter.PASSWORD_CHANGED
    assert row.facts == {"user": world.user().entry_uuid, "bare": NAME, "at": world.clock.now().isoformat()}
    world.kept.find(Purpose.NOT_ME, DIGESTS.derive(Purpose.NOT_ME, row.id))


@pytest.mark.row("R28")
def test_the_first_password_is_made_the_same_way(world: World) -> None:
    """A new customer could not begin."""
    complete(world, world.mailed_link())
    assert has_password(world, NEW_PASSWORD)


def test_a_reset_link_works_only_once(world: World, link: str) -> None:
    """A second submission is refused, even within the hour: whoever reads the mail later would set another password."""
    complete(world, link)
    with pytest.raises(LinkUsed):
        world.complete_reset.open(link)
    with pytest.raises(LinkUsed):
        complete(world, link, "weer een andere wachtzin hier")
    assert has_password(world, NEW_PASSWORD)
    assert len(world.take_letters()) == 1


@pytest.mark.parametrize(
    ("password", "again", "error"),
    [
        (NEW_PASSWORD, PASSWORD, PasswordsDiffer),
        ("te kort", "te kort", PasswordTooShort),
        (f"{NAME} {NAME}", f"{NAME} {NAME}", PasswordGuessable),
        ("u4bsw.nl u4bsw.nl", "u4bsw.nl u4bsw.nl", PasswordGuessable),
        ("boekhoud gemak multivers", "boekhoud gemak multivers", PasswordGuessable),
        ("rabobank triodos", "rabobank triodos", PasswordLikeName),
        ("anna de vries anna", "anna de vries anna", PasswordLikeName),
        (f"{ANNA_MAIL}1", f"{ANNA_MAIL}1", PasswordLikeName),
        ("welkom bij de bakkerij", "welkom bij de bakkerij", PasswordOfEverydayWords),
        (PASSWORD, PASSWORD, PasswordUsedBefore),
    ],
    ids=[
        *("differ", "short", "name", "realm", "products", "applications", "owner", "address", "everyday"),
        "used before",
    ],
)
def test_a_refused_password_costs_nothing(
    world: World, request_id: str, link: str, password: str, again: str, error: type[PasswordRejected]
) -> None:
    """Who chose badly would have to ask for another mail, and there are three an hour."""
    end = world.reset(request_id).expires_at
    with pytest.raises(error):
        world.complete_reset.complete(link, password, again)
    request = world.reset(request_id)
    assert (request.state, request.claimed_at, request.expires_at) == (ResetState.LIVE, None, end)
    assert world.audit("reset.completed") == []
    complete(world, link)


def test_an_administrations_name_is_no_password(world: World, link: str) -> None:
    """It stands on the bakery's window."""
    password = "zwiebelhof quist 2024"
    world.admin.set_administratie(NAME, "Zwiebelhof-Quist")
    with pytest.raises(PasswordLikeName):
        world.complete_reset.complete(link, password, password)
    world.admin.set_administratie(NAME, "A-0008")  # which no longer tells the user's name
    with pytest.raises(PasswordLikeName):
        world.complete_reset.complete(link, f"{NAME} {NAME}", f"{NAME} {NAME}")
    complete(world, link, password)


def test_our_own_rules_are_judged_before_the_link_is_claimed(world: World, link: str) -> None:
    """A typing error would keep the link busy for whoever is to mend it."""
    world.calls.names.clear()
    with pytest.raises(PasswordsDiffer):
        world.complete_reset.complete(link, NEW_PASSWORD, PASSWORD)
    assert "store.transaction" not in world.calls.names
    assert "directory.set_user_password" not in world.calls.names


@pytest.mark.row("R27")
def test_the_directorys_cooldown_gives_the_link_back_and_says_until_when(world: World) -> None:
    """A release that support took back would cost the link; or the owner would not know how long to wait."""
    world.admin.set_password(NAME, PASSWORD)
    end = world.clock.now() + COOLDOWN
    world.admin.release(world.user())
    link = world.mailed_link()
    world.admin.write(world.user(), "pwdReset", None)
    with pytest.raises(ResetRefused) as raised:
        complete(world, link)
    assert (raised.value.cause, raised.value.next_reset_at) == (ResetCause.COOLDOWN, end)
    assert has_password(world, PASSWORD)
    world.admin.release(world.user())
    complete(world, link)
