"""A koppelgebruiker's password: one answer, and one sequence of calls, for whatever is wrong (R21, S29, S50)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.domain.capability import Purpose
from idp.domain.people import Locks
from idp.errors import DirectoryUnavailable, InvalidCredentials, Throttled, UsernameHasSuffix
from idp.services.authenticate import MAX_PASSWORD_CHARACTERS
from tests.services.calls import raising
from tests.services.world import DIGESTS, NAME, NEW_PASSWORD, PASSWORD, SECOND_NAME, UNKNOWN_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.domain.client import Client
    from tests.services.world import NewWorld, World

COUNTED = ["limits.hit token-client-user", "limits.check token-failures"]
REFUSED = [*COUNTED, "directory.find_user", "directory.bind_user", "store.transaction", "limits.hit token-failures"]
KNOWN_TO_BE_WRONG = [*COUNTED, "directory.find_user"]

# What stands between a user and a token; to an application all of it is the same.
WRONG: dict[str, Callable[[World], object]] = {
    "wrong password": lambda world: world.admin.set_password(NAME, "something else entirely"),
    "unknown": lambda world: world.admin.delete(NAME),
    "blocked": lambda world: world.admin.block(NAME),
    "locked": lambda world: world.admin.set_locks(NAME, Locks(locked="000001010000Z")),
    "not yet": lambda world: world.admin.set_locks(NAME, Locks(start="20990101000000Z")),
    "passwordless": lambda world: world.admin.recreate(NAME, world.anna),
}


@pytest.fixture
def client(world: World) -> Client:
    """An application."""
    return _ready(world)


def _ready(world: World) -> Client:
    world.admin.set_password(NAME, PASSWORD)
    client = world.client()
    world.calls.names.clear()
    return client


@pytest.mark.row("R21")
@pytest.mark.parametrize("typed", [NAME, f" {NAME.lower()} "])
def test_bare_name_and_password_are_enough(world: World, client: Client, typed: str) -> None:
    """No bank could log in."""
    assert world.login.koppelgebruiker(client, typed, PASSWORD) == world.user()
    assert world.calls.names == [
        *COUNTED,
        "directory.find_user",
        "directory.bind_user",
        "store.reading",
        "directory.find_user_by_uuid",
    ]


@pytest.mark.row("R21")
def test_a_suffixed_name_touches_nothing_and_counts_nothing(world: World, client: Client) -> None:
    """Who typed the suffix at the bank would use up the tries for their right name."""
    with pytest.raises(UsernameHasSuffix):
        world.login.koppelgebruiker(client, f"{NAME}@u4bsw.nl", PASSWORD)
    assert world.calls.names == []
    assert world.audit("login.failed") == []


@pytest.mark.row("S50")
@pytest.mark.parametrize("typed", [NAME, UNKNOWN_NAME, f"{NAME}@u4bsw.nl"])
def test_an_empty_password_never_reaches_the_directory(world: World, client: Client, typed: str) -> None:
    """An anonymous bind succeeds: everybody would be in."""
    with pytest.raises(InvalidCredentials):
        world.login.koppelgebruiker(client, typed, "")
    assert world.calls.names == []


@pytest.mark.row("S50")
def test_one_character_is_a_password(world: World, client: Client) -> None:
    """The directory decides what is right; what an admin set must work."""
    world.admin.set_password(NAME, "x")
    assert world.login.koppelgebruiker(client, NAME, "x").uid == NAME


@pytest.mark.row("S47")
def test_a_password_longer_than_any_never_reaches_the_directory(world: World, client: Client) -> None:
    """A megabyte would be hashed by slapd, for each request."""
    longest = "x" * MAX_PASSWORD_CHARACTERS
    world.admin.set_password(NAME, longest)
    assert world.login.koppelgebruiker(client, NAME, longest).uid == NAME
    world.calls.names.clear()
    with pytest.raises(InvalidCredentials):
        world.login.koppelgebruiker(client, NAME, longest + "x")
    assert world.calls.names == []


@pytest.mark.row("S29")
@pytest.mark.parametrize("what", WRONG)
def test_whatever_is_wrong_the_same_is_called_and_told(world: World, client: Client, what: str) -> None:
    """The time, or the words, of a refusal would tell which customers exist, and which are blocked."""
    WRONG[what](world)
    with pytest.raises(InvalidCredentials) as raised:
        world.login.koppelgebruiker(client, NAME, PASSWORD)
    assert world.calls.names == REFUSED
    assert str(raised.value) == InvalidCredentials.description


@pytest.mark.row("S29")
@pytest.mark.parametrize("typed", ["*)(uid=*", "A" * 33, "U4 BB", ""])
def test_a_name_that_can_not_exist_takes_the_same_steps(world: World, client: Client, typed: str) -> None:
    """A quick answer would tell how names look."""
    with pytest.raises(InvalidCredentials):
        world.login.koppelgebruiker(client, typed, PASSWORD)
    assert world.calls.names == REFUSED


@pytest.mark.row("S29")
@pytest.mark.parametrize("what", WRONG)
def test_the_same_wrong_secret_again_costs_no_bind_and_is_no_new_failure(world: World, client: Client, what: str) -> None:
    """An application that was not told of a new password would shut out its owner, and keep slapd hashing."""
    WRONG[what](world)
    for _ in range(30):
        world.calls.names.clear()
        with pytest.raises(InvalidCredentials):
            world.login.koppelgebruiker(client, NAME, PASSWORD)
    assert world.calls.names == KNOWN_TO_BE_WRONG
    assert len(world.audit("login.failed")) == 1


@pytest.mark.row("S29")
def test_a_password_set_a_moment_ago_works_though_it_was_wrong_before(world: World, client: Client) -> None:
    """Who first typed the new password at the bank, and then set it, would wait for an hour."""
    with pytest.raises(InvalidCredentials):
        world.login.koppelgebruiker(client, NAME, NEW_PASSWORD)
    world.admin.set_password(NAME, NEW_PASSWORD)
    assert world.login.koppelgebruiker(client, NAME, NEW_PASSWORD).uid == NAME


@pytest.mark.row("S29")
def test_a_wrong_secret_of_one_user_is_nothing_to_another(world: World, client: Client) -> None:
    """One user's stale password may be another one's right one."""
    world.admin.set_password(SECOND_NAME, NEW_PASSWORD)
    with pytest.raises(InvalidCredentials):
        world.login.koppelgebruiker(client, NAME, NEW_PASSWORD)
    assert world.login.koppelgebruiker(client, SECOND_NAME, NEW_PASSWORD).uid == SECOND_NAME


@pytest.mark.row("S29")
@pytest.mark.parametrize("name", [NAME, UNKNOWN_NAME, "no name"])
def test_ten_different_wrong_secrets_are_as_many_as_there_are(world: World, client: Client, name: str) -> None:
    """Passwords could be guessed; and a name that is never throttled would be one that does not exist."""
    for number in range(10):
        with pytest.raises(InvalidCredentials):
            world.login.koppelgebruiker(client, name, f"guess {number}")
    world.calls.names.clear()
    with pytest.raises(Throttled) as raised:
        world.login.koppelgebruiker(client, name, PASSWORD)
    assert 1 <= raised.value.retry_after_s <= 15 * 60
    assert world.calls.names == COUNTED


@pytest.mark.row("S29")
def test_a_secret_that_failed_for_one_unknown_name_takes_all_steps_for_another(world: World, client: Client) -> None:
    """A quick second answer would tell that both names do not exist."""
    with pytest.raises(InvalidCredentials):
        world.login.koppelgebruiker(client, UNKNOWN_NAME, NEW_PASSWORD)
    world.calls.names.clear()
    with pytest.raises(InvalidCredentials):
        world.login.koppelgebruiker(client, "U4BBGA9998", NEW_PASSWORD)
    assert world.calls.names == REFUSED


@pytest.mark.row("S29")
def test_names_are_counted_as_digests(world: World, client: Client) -> None:
    """Whoever reads the counters, in Redis, would have a list of customers."""
    key = DIGESTS.digest(Purpose.LIMIT, client.client_id, NAME)
    for _ in range(10):
        world.limits.hit("token-failures", key)
    with pytest.raises(Throttled):
        world.login.koppelgebruiker(client, NAME, PASSWORD)


@pytest.mark.row("S29")
def test_guesses_through_one_application_shut_out_no_other(world: World, client: Client) -> None:
    """Whoever has any client could shut a customer out of its bank."""
    other = world.client("ing")
    for number in range(10):
        with pytest.raises(InvalidCredentials):
            world.login.koppelgebruiker(client, NAME, f"guess {number}")
    assert world.login.koppelgebruiker(other, NAME, PASSWORD).uid == NAME
    world.admin.set_password(SECOND_NAME, PASSWORD)
    assert world.login.koppelgebruiker(client, SECOND_NAME, PASSWORD).uid == SECOND_NAME


@pytest.mark.row("S29")
def test_requests_are_limited_by_client_and_user_right_or_wrong(new_world: NewWorld) -> None:
    """An application gone wild would use up the directory for all."""
    world = new_world(limits={"token_client_user": "2 per minute"})
    client = _ready(world)
    world.login.koppelgebruiker(client, NAME, PASSWORD)
    world.login.koppelgebruiker(client, f" {NAME.lower()}", PASSWORD)
    with pytest.raises(Throttled):
        world.login.koppelgebruiker(client, NAME, PASSWORD)
    with pytest.raises(InvalidCredentials):
        world.login.koppelgebruiker(client, UNKNOWN_NAME, PASSWORD)


@pytest.mark.row("S29")
def test_of_two_guesses_at_once_for_the_last_room_one_is_told_to_wait(world: World, client: Client) -> None:
    """Guesses sent all at once would be more than ten."""
    for number in range(9):
        with pytest.raises(InvalidCredentials):
            world.login.koppelgebruiker(client, NAME, f"guess {number}")

    def guess_at_once() -> None:
        with pytest.raises(InvalidCredentials):
            world.login.koppelgebruiker(client, NAME, "guess 9")

    world.calls.after["directory.find_user"] = guess_at_once
    with pytest.raises(Throttled):
        world.login.koppelgebruiker(client, NAME, "guess 10")


def test_a_failure_is_remembered_with_who_asked_and_for_whom(world: World, client: Client) -> None:
    """Nobody could see afterwards that somebody was guessing."""
    for name in (NAME, UNKNOWN_NAME):
        with pytest.raises(InvalidCredentials):
            world.login.koppelgebruiker(client, name, NEW_PASSWORD)
    known, unknown = world.audit("login.failed")
    assert (known.actor, known.subject) == (f"client:{client.client_id}", world.user().entry_uuid)
    assert (unknown.actor, unknown.subject) == (f"client:{client.client_id}", "")
    assert known.at == world.clock.now()


@pytest.mark.row("S46")
def test_what_changes_between_the_bind_and_the_gate_is_refused_like_a_wrong_password(world: World, client: Client) -> None:
    """A block a moment too late would give one more token; and another error would tell that the password was right."""
    world.calls.after["directory.bind_user"] = lambda: world.admin.block(NAME)
    with pytest.raises(InvalidCredentials):
        world.login.koppelgebruiker(client, NAME, PASSWORD)
    world.admin.set_locks(NAME, Locks())
    world.calls.after["directory.bind_user"] = lambda: world.admin.set_password(NAME, NEW_PASSWORD)
    with pytest.raises(InvalidCredentials):
        world.login.koppelgebruiker(client, NAME, PASSWORD)


@pytest.mark.row("S46")
def test_a_client_disabled_meanwhile_gets_nothing(world: World, client: Client) -> None:
    """The last request of a switched-off application would still be served."""
    world.clients.disable(client.client_id, "operator:test")
    with pytest.raises(InvalidCredentials):
        world.login.koppelgebruiker(client, NAME, PASSWORD)


@pytest.mark.parametrize("call", ["directory.find_user", "directory.bind_user", "directory.find_user_by_uuid"])
def test_a_directory_that_is_down_is_no_wrong_password(world: World, client: Client, call: str) -> None:
    """Applications would throw away a good password, and a failure would be counted for each try."""
    world.calls.before[call] = raising(DirectoryUnavailable())
    with pytest.raises(DirectoryUnavailable):
        world.login.koppelgebruiker(client, NAME, PASSWORD)
    assert "limits.hit token-failures" not in world.calls.names
    assert world.login.koppelgebruiker(client, NAME, PASSWORD).uid == NAME


@pytest.mark.row("S35")
def test_the_memory_of_wrong_secrets_shows_none(world: World, client: Client) -> None:
    """A traceback that shows its values would show what people typed."""
    with pytest.raises(InvalidCredentials):
        world.login.koppelgebruiker(client, NAME, NEW_PASSWORD)
    assert NEW_PASSWORD not in repr(world.login)
    assert NEW_PASSWORD not in repr(world.login.failed._seen)  # noqa: SLF001  # what a dump of memory would show
