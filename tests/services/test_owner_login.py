"""The portal's sessions: by mail address, bound to the entry and the password seen (R2)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Purpose
from idp.domain.directory_time import format_generalized_time
from idp.domain.password_rules import MAX_CHECKED_CHARACTERS
from idp.domain.people import Locks
from idp.errors import DirectoryUnavailable, GrantEnded, InvalidCredentials, NotUsable, SubjectBlocked, SubjectChanged, Throttled
from idp.services.login_guard import Caller
from tests.services.composition import DIGESTS
from tests.services.world import ANNA_MAIL, BOB_MAIL, ELSEWHERE, HOME, PORTAL_PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.services.world import NewWorld, World

COUNTED = ["limits.hit login-address", "limits.hit login-mail", "limits.check login-failures"]
REFUSED = [
    *COUNTED,
    "directory.find_owner_by_mail",
    "directory.bind_owner",
    "limits.hit login-failures",
    "store.transaction",
]

pytestmark = pytest.mark.row("R2")

WRONG: dict[str, Callable[[World], object]] = {
    "wrong password": lambda world: world.admin.change_owner_password(world.anna, "something else entirely"),
    "unknown": lambda world: world.admin.delete_owner(world.anna),
    "locked": lambda world: world.admin.set_owner_locks(world.anna, Locks(locked="000001010000Z")),
    "ended": lambda world: world.admin.set_owner_locks(world.anna, Locks(end="19700101000000Z")),
    "not yet": lambda world: world.admin.set_owner_locks(world.anna, Locks(start="20990101000000Z")),
}


def log_in(world: World, mail: str = ANNA_MAIL, password: str = PORTAL_PASSWORD, network: str = HOME) -> str:
    """Log in; gives the session."""
    return world.owner_login.log_in(mail, password, Caller(network))


@pytest.mark.parametrize("typed", [ANNA_MAIL, " Anna@Example.NL\t"])
def test_an_owner_logs_in_with_their_mail_address(world: World, typed: str) -> None:
    """Nobody could ask for a password from the portal."""
    session = log_in(world, typed)
    assert world.owner_login.owner_of(session) == world.owner()
    event = world.audit("portal.logged-in")[-1]
    assert (event.actor, event.subject, event.at) == ("owner", world.anna.entry_uuid, world.clock.now())


@pytest.mark.row("S29")
@pytest.mark.parametrize("what", WRONG)
def test_whatever_is_wrong_the_same_is_called_and_told(world: World, what: str) -> None:
    """Which people are customers could be asked."""
    WRONG[what](world)
    with pytest.raises(InvalidCredentials) as raised:
        log_in(world)
    assert world.calls.names == REFUSED
    assert str(raised.value) == InvalidCredentials.description
    assert world.audit("portal.logged-in") == []


@pytest.mark.parametrize("what", WRONG)
def test_a_failed_log_in_is_remembered_under_its_owner(world: World, what: str) -> None:
    """Nobody could say whether an owner's password is being guessed; an address that is nobody's is kept nowhere."""
    WRONG[what](world)
    with pytest.raises(InvalidCredentials):
        log_in(world)
    (event,) = world.audit()
    subject = "" if what == "unknown" else world.anna.entry_uuid
    assert (event.action, event.actor, event.subject, event.detail) == ("portal.login-failed", "stranger", subject, {})
    assert event.at == world.clock.now()


@pytest.mark.row("S50")
@pytest.mark.parametrize("password", ["", "x" * (MAX_CHECKED_CHARACTERS + 1)])
def test_an_empty_or_endless_password_never_reaches_the_directory(world: World, password: str) -> None:
    """An anonymous bind succeeds: everybody would be in. It counts all the same, or it would be a way to ask without limit."""
    with pytest.raises(InvalidCredentials):
        log_in(world, password=password)
    assert world.calls.names == COUNTED


@pytest.mark.parametrize("password", ["x", "x" * MAX_CHECKED_CHARACTERS])
def test_a_short_and_a_long_password_reach_the_directory(world: World, password: str) -> None:
    """The directory decides what is right."""
    world.admin.change_owner_password(world.anna, password)
    assert world.owner_login.owner_of(log_in(world, password=password)).entry_uuid == world.anna.entry_uuid


def test_one_address_may_try_so_often_whoever_it_tries(new_world: NewWorld) -> None:
    """From one machine all owners' passwords could be guessed."""
    world = new_world(limits={"login_address": "2 per hour"})
    for mail in (BOB_MAIL, "nobody@example.nl"):
        with pytest.raises(InvalidCredentials):
            log_in(world, mail)
    world.calls.names.clear()
    with pytest.raises(Throttled):
        log_in(world)
    assert world.calls.names == COUNTED[:1]
    log_in(world, network=ELSEWHERE)


def test_guesses_from_elsewhere_shut_no_owner_out(new_world: NewWorld) -> None:
    """A stranger could keep an owner out of the portal for as long as they like."""
    world = new_world(limits={"login_mail": "2 per hour"})
    for mail in (ANNA_MAIL, ANNA_MAIL.upper()):
        with pytest.raises(InvalidCredentials):
            log_in(world, mail, "guess", ELSEWHERE)
    world.calls.names.clear()
    with pytest.raises(Throttled):
        log_in(world, network=ELSEWHERE)
    assert world.calls.names == COUNTED[:2]
    log_in(world)
    with pytest.raises(InvalidCredentials):
        log_in(world, BOB_MAIL, "guess", ELSEWHERE)


def test_mail_addresses_are_counted_as_digests(new_world: NewWorld) -> None:
    """Whoever reads the counters would have a list of people."""
    world = new_world(limits={"login_mail": "1 per hour"})
    world.limits.hit("login-mail", DIGESTS.digest(Purpose.LIMIT, ANNA_MAIL), HOME)
    with pytest.raises(Throttled):
        log_in(world)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda world: world.admin.change_owner_password(world.anna, "een ander wachtwoord"), SubjectChanged),
        (lambda world: world.admin.delete_owner(world.anna), SubjectChanged),
        (lambda world: world.admin.recreate_owner(world.anna), SubjectChanged),
        (lambda world: world.admin.set_owner_locks(world.anna, Locks(end="19700101000000Z")), SubjectBlocked),
    ],
    ids=["password", "deleted", "made anew", "blocked"],
)
@pytest.mark.row("S46")
def test_what_becomes_of_the_owner_ends_the_session_at_once(
    world: World, change: Callable[[World], object], error: type[NotUsable]
) -> None:
    """Who is in with a stolen password would stay in after it was changed."""
    session = log_in(world)
    change(world)
    with pytest.raises(error):
        world.owner_login.owner_of(session)


def test_a_session_ends_after_eight_hours(world: World) -> None:
    """A machine left behind would be a way in."""
    session = log_in(world)
    world.clock.go(timedelta(hours=8) - timedelta(seconds=1))
    world.owner_login.owner_of(session)
    world.clock.go(timedelta(seconds=1))
    with pytest.raises(GrantEnded):
        world.owner_login.owner_of(session)


def test_logging_out_ends_this_session_and_no_other(world: World) -> None:
    """The next person at this machine would be in."""
    here, there = log_in(world), log_in(world)
    for session in (here, here, "never made"):
        world.owner_login.log_out(session)
    with pytest.raises(GrantEnded):
        world.owner_login.owner_of(here)
    world.owner_login.owner_of(there)


@pytest.mark.parametrize("session", ["", "never made"])
def test_no_session_is_no_owner(world: World, session: str) -> None:
    """Anybody would be somebody."""
    with pytest.raises(GrantEnded):
        world.owner_login.owner_of(session)


@pytest.mark.row("S40")
def test_a_session_says_when_it_began_and_for_what(world: World) -> None:
    """A login for one request would count for another, or for ever; or an application would hear of one that never was."""
    before = world.clock.now()
    secret = world.owner_login.log_in(ANNA_MAIL, PORTAL_PASSWORD, Caller(HOME), "state=a")
    world.clock.go(timedelta(minutes=30) - timedelta(seconds=1))
    session = world.owner_login.session_of(secret)
    assert (session.owner, session.began_at) == (world.owner(), before)
    assert secret not in repr(session)
    assert [world.owner_login.began_for(session, query) for query in ("state=a", "state=b", "")] == [True, False, False]
    world.clock.go(timedelta(seconds=1))
    assert not world.owner_login.began_for(session, "state=a")


@pytest.mark.row("S40")
def test_an_answer_ends_what_a_session_began_for_and_not_the_session(world: World) -> None:
    """The same request again would need no login; or who has answered would be logged out, or in for longer."""
    secret = world.owner_login.log_in(ANNA_MAIL, PORTAL_PASSWORD, Caller(HOME), "state=a")
    session = world.owner_login.session_of(secret)
    world.clock.go(timedelta(minutes=1))
    world.owner_login.answered(session)
    left = world.owner_login.session_of(secret)
    assert (left.owner, left.id, left.began_at, left.request) == (session.owner, session.id, session.began_at, None)
    assert not world.owner_login.began_for(left, "state=a")
    world.calls.names.clear()
    world.owner_login.answered(left)
    assert world.calls.names == []
    world.clock.go(timedelta(hours=8) - timedelta(minutes=1))
    with pytest.raises(GrantEnded):
        world.owner_login.session_of(secret)


@pytest.mark.row("S40")
def test_an_answer_brings_no_session_back(world: World) -> None:
    """Who has logged out meanwhile would be in again."""
    secret = world.owner_login.log_in(ANNA_MAIL, PORTAL_PASSWORD, Caller(HOME), "state=a")
    session = world.owner_login.session_of(secret)
    world.owner_login.log_out(secret)
    world.owner_login.answered(session)
    with pytest.raises(GrantEnded):
        world.owner_login.session_of(secret)


def test_a_ticket_is_no_session(world: World) -> None:
    """The secret in one URL would open the portal."""
    with pytest.raises(GrantEnded):
        world.owner_login.owner_of(world.kept.make(Purpose.TICKET, {"owner": world.anna.entry_uuid, "changed": ""}))


def test_an_owner_without_a_password_has_no_session(world: World) -> None:
    """Whoever was just invited could be anybody."""
    carol = world.admin.add_owner("Carol", "carol@example.nl")
    with pytest.raises(InvalidCredentials):
        log_in(world, "carol@example.nl")
    session = world.kept.make(Purpose.PORTAL_SESSION, {"owner": carol.entry_uuid, "changed": ""})
    assert world.owner_login.owner_of(session) == carol


def test_a_directory_that_is_down_is_no_wrong_password(world: World) -> None:
    """People would ask for a new password while the directory is restarted."""
    session = log_in(world)
    world.admin.away = True
    with pytest.raises(DirectoryUnavailable):
        log_in(world)
    with pytest.raises(DirectoryUnavailable):
        world.owner_login.owner_of(session)


@pytest.mark.row("S46")
def test_a_contract_that_ends_while_the_password_is_checked_has_ended(world: World) -> None:
    """The last session would begin after the end."""
    end = format_generalized_time(world.clock.now() + timedelta(seconds=1))
    world.admin.set_owner_locks(world.anna, Locks(end=end))
    world.calls.after["directory.bind_owner"] = lambda: world.clock.go(timedelta(seconds=1))
    with pytest.raises(InvalidCredentials):
        log_in(world)


@pytest.mark.row("S46")
def test_a_block_between_the_bind_and_the_session_wins(world: World) -> None:
    """An owner read before the block would be let in after it."""
    world.calls.after["directory.find_owner_by_mail"] = lambda: world.admin.set_owner_locks(
        world.anna, Locks(end="19700101000000Z")
    )
    with pytest.raises(InvalidCredentials):
        log_in(world)
