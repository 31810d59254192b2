"""A koppelgebruiker's password: one answer, and one sequence of calls, for whatever is wrong (R21, S29, S50)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.domain.password_rules import MAX_CHECKED_CHARACTERS
from idp.domain.people import Locks
from idp.errors import DirectoryUnavailable, InvalidCredentials, UsernameHasSuffix
from tests.services.calls import raising
from tests.services.logins import COUNTED, REFUSED, WRONG
from tests.services.world import NAME, NEW_PASSWORD, PASSWORD, UNKNOWN_NAME

if TYPE_CHECKING:
    from idp.domain.client import Client
    from tests.services.world import World


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
    longest = "x" * MAX_CHECKED_CHARACTERS
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
