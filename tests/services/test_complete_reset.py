"""From the mailed link to a new password (R19, R20)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Purpose
from idp.domain.mail import Letter
from idp.domain.people import Locks
from idp.domain.reset_request import ResetState
from idp.errors import (
    DirectoryUnavailable,
    IdpError,
    LinkBusy,
    LinkDead,
    LinkExpired,
    LinkSpent,
    LinkUnknown,
    PasswordGuessable,
    PasswordRejected,
    PasswordsDiffer,
    PasswordTooShort,
    PasswordUsedBefore,
    ResetCause,
    ResetRefused,
)
from idp.services.grants import TokenPlan
from tests.services.world import COOLDOWN, DIGESTS, FULL_NAME, HOME, NAME, NEW_PASSWORD, PASSWORD, SECOND_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.services.world import World

HOUR = timedelta(minutes=60)
SECOND = timedelta(seconds=1)
PLAN = TokenPlan("administratie:read", "https://api.example/", timedelta(hours=1))

pytestmark = pytest.mark.row("R19")


@pytest.fixture
def request_id(world: World) -> str:
    """A request whose mail was sent just now, for a user whose password is old enough."""
    world.admin.set_password(NAME, PASSWORD)
    world.clock.go(2 * COOLDOWN)
    request_id = world.request()
    world.outbox.work_off()
    return request_id


@pytest.fixture
def link(world: World, request_id: str) -> str:
    """The secret in its mail."""
    return world.link(request_id)


def complete(world: World, link: str, password: str = NEW_PASSWORD) -> str:
    """Submit the form."""
    return world.complete_reset.complete(link, password, password)


def has_password(world: World, password: str) -> bool:
    """Tell whether the directory takes it."""
    try:
        world.admin.bind_user(world.user(), password)
    except IdpError:
        return False
    return True


# -- opening -----------------------------------------------------------------------------------------------------------------


def test_opening_a_link_shows_whose_it_is_and_changes_nothing(world: World, link: str) -> None:
    """Mail scanners open links: the owner would find a used one."""
    world.calls.names.clear()
    for _ in range(3):
        shown = world.complete_reset.open(link)
        assert (shown.bare, shown.full_name, shown.expires_at) == (NAME, FULL_NAME, world.clock.now() + HOUR)
    assert set(world.calls.names) == {"store.reading", "directory.find_user_by_uuid", "directory.find_owner"}
    complete(world, link)


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


# -- completing --------------------------------------------------------------------------------------------------------------


@pytest.mark.row("R20", "S46")
def test_a_submission_sets_the_password_ends_all_grants_and_is_confirmed(world: World, request_id: str, link: str) -> None:
    """The old password would work on, a thief's tokens too, or nobody would be told."""
    grants = [world.grants.issue(world.client(kind), world.user(), HOME, PLAN).grant.id for kind in ("ing", "basecone")]
    world.admin.set_password(SECOND_NAME, PASSWORD)
    other = world.grants.issue(world.client(), world.user(SECOND_NAME), HOME, PLAN).grant.id
    assert complete(world, link) == NAME
    assert (has_password(world, NEW_PASSWORD), has_password(world, PASSWORD)) == (True, False)
    assert world.reset(request_id).state is ResetState.SPENT
    with world.database.reading() as work:
        ended = [grant is not None and grant.revoked_at for grant in map(work.grants.get, [*grants, other])]
    assert ended == [world.clock.now(), world.clock.now(), None]
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
    with pytest.raises(LinkSpent):
        world.complete_reset.open(link)
    with pytest.raises(LinkSpent):
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
        (PASSWORD, PASSWORD, PasswordUsedBefore),
    ],
    ids=["differ", "short", "name", "realm", "products", "used before"],
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


# -- what kills a link -------------------------------------------------------------------------------------------------------

KILLS: dict[str, Callable[[World], object]] = {
    "blocked": lambda world: world.admin.block(NAME),
    "locked": lambda world: world.admin.set_locks(NAME, Locks(locked="000001010000Z")),
    "not yet": lambda world: world.admin.set_locks(NAME, Locks(start="20990101000000Z")),
    "address": lambda world: world.admin.set_mail(world.anna, "anna@nieuw.example"),
    "no address": lambda world: world.admin.set_mail(world.anna, None),
    "another owner": lambda world: world.admin.give_to(NAME, world.bob),
    "owner deleted": lambda world: world.admin.delete_owner(world.anna),
    "renamed": lambda world: world.admin.rename(NAME, "U4BBGA0088"),
    "password": lambda world: world.admin.set_password(NAME, "door een ander gezet"),
    "deleted": lambda world: world.admin.delete(NAME),
    "made anew": lambda world: world.admin.recreate(NAME, world.anna),
}


@pytest.mark.parametrize("what", KILLS)
def test_what_becomes_of_the_user_or_its_owner_kills_the_link(world: World, request_id: str, link: str, what: str) -> None:
    """A link in a mailbox that is somebody else's by now would set the password; or a blocked user would let itself in."""
    KILLS[what](world)
    with pytest.raises(LinkSpent):
        world.complete_reset.open(link)
    assert world.reset(request_id).state is ResetState.LIVE
    with pytest.raises(LinkSpent):
        complete(world, link)
    assert world.reset(request_id).state is ResetState.DROPPED
    assert "directory.set_user_password" not in world.calls.names


def test_a_link_that_died_stays_dead(world: World, link: str) -> None:
    """Whoever tried it while the user was blocked would only have to wait."""
    world.admin.block(NAME)
    with pytest.raises(LinkSpent):
        complete(world, link)
    world.admin.unblock(NAME)
    with pytest.raises(LinkSpent):
        world.complete_reset.open(link)


def test_a_note_on_the_entry_kills_nothing(world: World, link: str) -> None:
    """A release that support gives while the owner has the page open would cost the link."""
    world.admin.release(world.user())
    world.admin.set_language(world.anna, "en")
    complete(world, link)


def test_a_newer_request_does_not_kill_an_older_link(world: World, link: str) -> None:
    """A stranger could kill the owner's link by asking for another one."""
    newer = world.mailed_link()
    world.complete_reset.open(newer)
    complete(world, link)
    with pytest.raises(LinkSpent):
        world.complete_reset.open(newer)


@pytest.mark.parametrize("what", ["blocked", "locked", "not yet", "deleted", "made anew"])
def test_what_comes_between_the_look_and_the_write_wins(world: World, request_id: str, link: str, what: str) -> None:
    """The write would lift the block, or set the password of the next customer of that name."""
    world.calls.before["directory.set_user_password"] = lambda: KILLS[what](world)
    with pytest.raises(LinkSpent):
        complete(world, link)
    assert world.reset(request_id).state is ResetState.DROPPED
    assert what == "deleted" or not has_password(world, NEW_PASSWORD)
    assert (world.audit("reset.completed"), world.take_letters()) == ([], [])


def test_a_password_set_between_the_look_and_the_write_stands(world: World, link: str) -> None:
    """The write would undo what support has just set; the directory's own policy says so first."""
    world.calls.before["directory.set_user_password"] = lambda: world.admin.set_password(NAME, "door een ander gezet")
    with pytest.raises(ResetRefused):
        complete(world, link)
    assert has_password(world, "door een ander gezet")
    with pytest.raises(LinkSpent):
        complete(world, link)


def test_a_directory_that_is_down_before_the_claim_costs_nothing(world: World, request_id: str, link: str) -> None:
    """Who is unlucky would find the link busy, or dead."""
    world.admin.away = True
    with pytest.raises(DirectoryUnavailable):
        world.complete_reset.open(link)
    with pytest.raises(DirectoryUnavailable):
        complete(world, link)
    world.admin.away = False
    assert world.reset(request_id).state is ResetState.LIVE
    complete(world, link)


# -- two at once -------------------------------------------------------------------------------------------------------------


def test_while_one_submission_is_under_way_another_is_told_so(world: World, link: str) -> None:
    """Who clicks twice would be told that the link is dead, while it sets their password."""
    seen: list[type[IdpError]] = []

    def look_and_submit() -> None:
        for act in (world.complete_reset.open, lambda secret: complete(world, secret, "de tweede wachtzin is lang")):
            with pytest.raises(IdpError) as raised:
                act(link)
            seen.append(raised.type)

    world.calls.before["directory.set_user_password"] = look_and_submit
    complete(world, link)
    assert seen == [LinkBusy, LinkBusy]
    assert has_password(world, NEW_PASSWORD)


def test_a_claim_is_won_by_who_was_first(world: World, link: str) -> None:
    """Both would write: the second one to click would have the password, and the first one be told it is theirs."""
    world.calls.after["directory.find_owner"] = lambda: complete(world, link, "de eerste wachtzin is lang")
    with pytest.raises(LinkBusy):
        complete(world, link)
    assert has_password(world, "de eerste wachtzin is lang")
    assert len(world.audit("reset.completed")) == 1


def test_of_many_submissions_at_once_exactly_one_wins(world: World, link: str) -> None:
    """The same, with real threads."""
    passwords = [f"poging nummer {number} van de acht samen" for number in range(8)]

    def submit(password: str) -> str | None:
        try:
            complete(world, link, password)
        except (LinkBusy, LinkDead):
            return None
        return password

    with ThreadPoolExecutor(len(passwords)) as pool:
        winners = [password for password in pool.map(submit, passwords) if password]
    assert len(winners) == 1
    assert has_password(world, winners[0])
    assert len(world.audit("reset.completed")) == len(world.take_letters()) == 1
